//! FIRST's EPSS scores: CSV with a comment line above the header.
//!
//! ```text
//! #model_version:v2026.06.15,score_date:2026-08-16T00:00:00Z
//! cve,epss,percentile
//! CVE-2021-44228,0.94358,0.99958
//! ```
//!
//! The file has a row for each CVE there is. Every row is checked, but only the scores that are asked for are kept.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, Read};

use super::feed::{self, Feed, IntelError};
use crate::model::identifier::Identifier;
use crate::model::intel::EpssScores;

/// Longest comment line that is read.
const MOST_COMMENT: u64 = 4096;

/// Reads the scores of the `wanted` CVEs, plain or gzip. A wanted CVE that the feed does not mention has no score.
///
/// # Errors
/// If it is something else, cut off, without a single row, or if a score is not a probability.
pub fn read_epss(bytes: impl Read, wanted: &BTreeSet<Identifier>) -> Result<EpssScores, IntelError> {
    let wanted: BTreeMap<&str, &Identifier> =
        wanted.iter().map(|identifier| (identifier.as_str(), identifier)).collect();
    let mut text = feed::open(Feed::Epss, bytes)?;
    let comment = comment(&mut text)?;
    // What the CSV reader calls line 1 is the file's line 2 if there is a comment.
    let above = u64::from(comment.is_some());
    let comment = comment.unwrap_or_default();
    let mut reader = csv::Reader::from_reader(text);
    let fail = |error: &csv::Error| IntelError::csv(Feed::Epss, error);
    let header = reader.byte_headers().map_err(|error| fail(&error))?.clone();
    let column = |name: &str| {
        header.iter().position(|cell| cell.trim_ascii() == name.as_bytes()).ok_or_else(|| {
            let found: Vec<_> = header.iter().take(6).map(String::from_utf8_lossy).collect();
            IntelError::content(Feed::Epss, format!("it has no column `{name}`, but `{}`", found.join("`, `")))
        })
    };
    let (cve, epss) = (column("cve")?, column("epss")?);
    let mut scores = BTreeMap::new();
    let mut row = csv::ByteRecord::new();
    let mut rows = 0_u64;
    while reader.read_byte_record(&mut row).map_err(|error| fail(&error))? {
        rows += 1;
        let cell =
            |column: usize| row.get(column).and_then(|cell| std::str::from_utf8(cell).ok()).unwrap_or_default().trim();
        let score: Option<f64> = cell(epss).parse().ok().filter(|score| (0.0..=1.0).contains(score));
        let (name, Some(score)) = (cell(cve), score) else {
            let line = row.position().map_or(0, csv::Position::line) + above;
            let message = format!("line {line}: `{}` is not a probability", cell(epss));
            return Err(IntelError::content(Feed::Epss, message));
        };
        if let Some(identifier) = wanted.get(name) {
            scores.insert((*identifier).clone(), score);
        }
    }
    if rows == 0 {
        return Err(IntelError::Truncated { feed: Feed::Epss, detail: "it has no row".to_owned() });
    }
    let stated = |key: &str| {
        let value = comment.trim_start_matches('#').split(',').find_map(|part| part.trim().strip_prefix(key));
        value.unwrap_or_default().to_owned()
    };
    let date = stated("score_date:");
    let day = date.split('T').next().unwrap_or_default().to_owned();
    Ok(EpssScores { model: stated("model_version:"), date: day, scores })
}

/// Takes the comment line off the beginning, if there is one.
fn comment(text: &mut dyn BufRead) -> Result<Option<String>, IntelError> {
    let fail = |error: &std::io::Error| IntelError::io(Feed::Epss, error);
    if !text.fill_buf().map_err(|error| fail(&error))?.starts_with(b"#") {
        return Ok(None);
    }
    let mut line = Vec::new();
    text.take(MOST_COMMENT).read_until(b'\n', &mut line).map_err(|error| fail(&error))?;
    Ok(Some(String::from_utf8_lossy(&line).trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    const FEED: &str = "#model_version:v2026.06.15,score_date:2026-08-16T00:00:00Z\ncve,epss,percentile\n\
        CVE-2014-0160,0.94464,0.99998\nCVE-2021-44228,0.94358,0.99958\nCVE-2024-0001,0.00043,0.1\n";

    fn wanted() -> BTreeSet<Identifier> {
        ["CVE-2021-44228", "CVE-2099-0001"].iter().filter_map(|name| Identifier::parse(name)).collect()
    }

    fn refused(text: &str) -> String {
        read_epss(text.as_bytes(), &wanted()).unwrap_err().to_string()
    }

    #[test]
    fn only_what_is_wanted_is_kept_and_what_is_not_there_has_no_score() {
        let epss = read_epss(FEED.as_bytes(), &wanted()).unwrap();
        assert_eq!((epss.model.as_str(), epss.date.as_str()), ("v2026.06.15", "2026-08-16"));
        let scores: Vec<_> = epss.scores.iter().map(|(name, score)| (name.as_str(), *score)).collect();
        assert_eq!(scores, [("CVE-2021-44228", 0.94358)]);
    }

    #[test]
    fn a_compressed_feed_says_the_same_and_one_that_is_cut_off_is_refused() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(FEED.as_bytes()).unwrap();
        let bytes = encoder.finish().unwrap();
        assert_eq!(read_epss(bytes.as_slice(), &wanted()).unwrap().scores.len(), 1);
        let error = read_epss(&bytes[..bytes.len() - 12], &wanted()).unwrap_err().to_string();
        assert!(error.contains("ends too early"), "{error}");
    }

    #[test]
    fn a_feed_without_the_comment_has_no_date() {
        let text = FEED.split_once('\n').unwrap().1;
        let epss = read_epss(text.as_bytes(), &wanted()).unwrap();
        assert_eq!((epss.model.as_str(), epss.date.as_str(), epss.scores.len()), ("", "", 1));
    }

    #[test]
    fn what_is_not_the_feed_is_named_with_its_line() {
        assert!(refused("<html><body>502</body></html>").contains("web page"));
        assert!(refused("cveID,dateAdded\nCVE-2021-44228,2021-12-10\n").contains("no column `cve`, but `cveID`"));
        assert!(refused(&FEED.replace("0.94464", "94.464")).contains("line 3: `94.464` is not a probability"));
        assert!(refused(&FEED.replace("0.94464", "NaN")).contains("line 3: `NaN`"));
        assert!(refused(&FEED.replace(",0.99998", "")).contains("this is not the EPSS scores"));
        assert!(refused("cve,epss,percentile\n").contains("it has no row"));
    }
}
