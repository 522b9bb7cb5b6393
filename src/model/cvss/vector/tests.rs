use super::*;

fn read(vector: &str) -> Vector {
    Vector::read(vector).unwrap_or_else(|| panic!("{vector}"))
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
        let found = read(vector);
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
        let found = read(vector).impact;
        assert!((found - impact).abs() < 0.001, "{vector}: {found}");
    }
    // A loss beyond the vulnerable system is a changed scope in v3.1.
    let here = read("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N").impact;
    let beyond = read("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:L/VI:N/VA:N/SC:H/SI:N/SA:N").impact;
    let v3 = read("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:N/A:N").impact;
    assert!(beyond > here);
    assert!((beyond - v3).abs() < 1e-9, "{beyond} {v3}");
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
    let metrics = |vector: &str| read(vector).metrics;
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
fn of_v4_the_base_score_leaves_out_what_the_score_to_go_by_takes_in() {
    let found = read("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:U");
    assert_eq!((found.base_score, found.score), (9.3, 8.1));
}
