use super::*;

fn reported(vector: &str, score: Option<f64>, source: &str) -> Cvss {
    Cvss { vector: vector.to_owned(), score, source: source.to_owned() }
}

fn scored(vector: &str) -> ScoredVector {
    best(&[reported(vector, None, "")]).unwrap_or_else(|| panic!("{vector}"))
}

/// Vectors and scores as published by NVD, the CVSS guides' worked examples, and FIRST's calculators.
#[test]
fn scores_are_those_of_the_specifications() {
    for (vector, version, score) in [
        ("AV:N/AC:L/Au:N/C:N/I:N/A:C", "2.0", 7.8),
        ("AV:N/AC:L/Au:N/C:C/I:C/A:C", "2.0", 10.0),
        ("AV:L/AC:H/Au:M/C:N/I:N/A:N", "2.0", 0.0),
        ("CVSS:3.0/AV:N/AC:L/PR:L/UI:N/S:U/C:L/I:N/A:N", "3.0", 4.3),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", "3.1", 10.0),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:U/RL:O", "3.1", 9.8),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "4.0", 9.3),
        ("CVSS:4.0/AV:P/AC:H/AT:P/PR:H/UI:A/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H/E:P", "4.0", 5.9),
    ] {
        let found = scored(vector);
        assert!((found.score - score).abs() < 1e-9, "{vector}: {}", found.score);
        assert!(found.score.is_sign_positive(), "{vector}");
        assert_eq!(found.version, version, "{vector}");
    }
}

#[test]
fn the_impact_is_comparable_across_versions() {
    for (vector, impact) in [
        ("AV:N/AC:L/Au:N/C:C/I:C/A:C", 1.0),
        ("AV:L/AC:H/Au:S/C:P/I:N/A:N", 0.286),
        ("CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:C/C:H/I:H/A:H", 1.0),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 0.971),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N", 0.234),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:N/I:N/A:N", 0.0),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", 1.0),
        ("CVSS:4.0/AV:L/AC:H/AT:P/PR:H/UI:A/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 0.971),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N", 0.234),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N", 0.0),
    ] {
        let found = scored(vector).impact.unwrap();
        assert!((found - impact).abs() < 0.001, "{vector}: {found}");
    }
    // A loss beyond the vulnerable system is a changed scope in v3.1.
    let here = scored("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N").impact;
    let beyond = scored("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:L/VI:N/VA:N/SC:H/SI:N/SA:N").impact;
    let v3 = scored("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:N/A:N").impact;
    assert!(beyond > here);
    assert_eq!(beyond, v3);
}

#[test]
fn the_metrics_are_those_that_decision_points_need() {
    let open = VectorMetrics {
        network: true,
        low_complexity: true,
        no_privileges: true,
        no_interaction: true,
        total_impact: true,
        exploit_public: None,
    };
    let metrics = |vector: &str| scored(vector).metrics.unwrap();
    let v3 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
    let v4 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N";
    let v2 = "AV:N/AC:L/Au:N/C:C/I:C/A:C";
    for vector in [v2, v3, v4] {
        assert_eq!(metrics(vector), open, "{vector}");
    }
    for (vector, from, to, expected) in [
        (v3, "AV:N", "AV:A", VectorMetrics { network: false, ..open }),
        (v3, "AC:L", "AC:H", VectorMetrics { low_complexity: false, ..open }),
        (v3, "PR:N", "PR:L", VectorMetrics { no_privileges: false, ..open }),
        (v3, "UI:N", "UI:R", VectorMetrics { no_interaction: false, ..open }),
        (v3, "A:H", "A:L", VectorMetrics { total_impact: false, ..open }),
        (v3, "A:H", "A:H/E:U", VectorMetrics { exploit_public: Some(false), ..open }),
        (v3, "A:H", "A:H/E:F", VectorMetrics { exploit_public: Some(true), ..open }),
        (v3, "A:H", "A:H/E:X", open),
        (v4, "AT:N", "AT:P", VectorMetrics { low_complexity: false, ..open }),
        (v4, "UI:N", "UI:P", VectorMetrics { no_interaction: false, ..open }),
        (v4, "VA:H", "VA:L", VectorMetrics { total_impact: false, ..open }),
        (v4, "SA:N", "SA:N/E:A", VectorMetrics { exploit_public: Some(true), ..open }),
        (v4, "SA:N", "SA:N/E:U", VectorMetrics { exploit_public: Some(false), ..open }),
        (v2, "Au:N", "Au:S", VectorMetrics { no_privileges: false, ..open }),
        (v2, "AC:L", "AC:M", VectorMetrics { low_complexity: false, ..open }),
        (v2, "C:C/", "C:P/", VectorMetrics { total_impact: false, ..open }),
        (v2, "A:C", "A:C/E:POC", VectorMetrics { exploit_public: Some(true), ..open }),
    ] {
        assert_eq!(metrics(&vector.replacen(from, to, 1)), expected, "{vector} with {to}");
    }
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
