//! The nearest known word, for messages that say "did you mean …?".

/// The word of `known` that `word` most likely stands for: few letters added, missing, swapped or exchanged, case
/// aside. `None` if none is near enough to be a helpful guess. The first of equally near words wins.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // A word of hundreds of letters is no slip of the finger, and the distance is quadratic.
    if word.len() > 64 {
        return None;
    }
    let wanted = word.to_lowercase();
    let letters = wanted.chars().count();
    let reach = if letters <= 3 { 1 } else { (letters / 3).max(2) };
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&wanted, &candidate.to_lowercase()), candidate))
        .filter(|&(distance, _)| distance <= reach)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_finds_its_word_and_a_stranger_finds_none() {
        let words = ["tolerance", "timelines", "authority", "low"];
        assert_eq!(nearest("tolerence", words), Some("tolerance"));
        assert_eq!(nearest("Timeline", words), Some("timelines"));
        assert_eq!(nearest("LOW", words), Some("low"));
        assert_eq!(nearest("budget", words), None);
        assert_eq!(nearest(&"tolerance".repeat(100), words), None);
    }
}
