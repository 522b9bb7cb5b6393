use super::*;

fn reported(vector: &str, score: Option<f64>, source: &str) -> Cvss {
    Cvss { vector: vector.to_owned(), score, source: source.to_owned() }
}

fn scored(vector: &str) -> ScoredVector {
    best(&[reported(vector, None, "")]).unwrap_or_else(|| panic!("{vector}"))
}

#[test]
fn a_vector_that_cannot_be_scored_leaves_the_reported_score_and_never_makes_a_zero() {
    for vector in [
        "CVSS:3.1/AV:N/AC:L/PR:N",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:X/I:H/A:H",
        "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H",
        "AV:N/AC:L",
        "CVSS:9.9/AV:N",
        "nonsense",
        "",
    ] {
        assert_eq!(best(&[reported(vector, None, "nvd")]), None, "{vector}");
        let kept = best(&[reported(vector, Some(8.1), "nvd")]).unwrap();
        assert_eq!((kept.score, kept.impact, kept.metrics), (8.1, None, None), "{vector}");
    }
    assert_eq!(best(&[reported("", Some(81.0), "nvd")]), None);
    assert_eq!(best(&[reported("", Some(f64::NAN), "nvd")]), None);
    assert_eq!(best(&[]), None);
}

#[test]
fn the_vector_counts_where_it_contradicts_the_reported_score() {
    let found = best(&[reported("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", Some(5.0), "vendor")]).unwrap();
    assert_eq!((found.score, found.source.as_str()), (9.8, "vendor"));
}

#[test]
fn the_newest_version_counts_and_among_equals_the_first() {
    let v2 = reported("AV:N/AC:L/Au:N/C:N/I:N/A:C", None, "nvd");
    let v30 = reported("CVSS:3.0/AV:N/AC:L/PR:L/UI:N/S:U/C:L/I:N/A:N", None, "nvd");
    let vendor = reported("CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", None, "redhat");
    let nvd = reported("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", None, "nvd");
    let v4 = reported("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", None, "ghsa");
    let cut_off = reported("CVSS:4.0/AV:N/AC:L", Some(9.9), "other");
    let bare = reported("", Some(10.0), "tool");
    let chosen = |assessments: &[&Cvss]| {
        let all: Vec<Cvss> = assessments.iter().map(|assessment| (*assessment).clone()).collect();
        let best = best(&all).unwrap();
        (best.version, best.source)
    };
    let is = |version: &str, source: &str| (version.to_owned(), source.to_owned());
    assert_eq!(chosen(&[&v2, &v30, &vendor, &nvd, &v4, &cut_off, &bare]), is("4.0", "ghsa"));
    assert_eq!(chosen(&[&bare, &cut_off, &v2, &v30, &vendor, &nvd]), is("3.1", "redhat"));
    assert_eq!(chosen(&[&v30, &nvd, &vendor]), is("3.1", "nvd"));
    assert_eq!(chosen(&[&bare, &v2]), is("2.0", "nvd"));
    assert_eq!(chosen(&[&bare, &cut_off]), is("4.0", "other"));
}

#[test]
fn what_tools_put_around_a_vector_is_taken_off() {
    for vector in
        ["(AV:N/AC:L/Au:N/C:C/I:C/A:C)", "CVSS2#AV:N/AC:L/Au:N/C:C/I:C/A:C", " CVSS:2.0/AV:N/AC:L/Au:N/C:C/I:C/A:C "]
    {
        assert!((scored(vector).score - 10.0).abs() < 1e-9, "{vector}");
    }
}
