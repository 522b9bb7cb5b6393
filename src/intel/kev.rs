//! CISA's catalogue of known exploited vulnerabilities, as JSON or CSV.
//!
//! Layout: <https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities_schema.json>.

use std::collections::BTreeMap;
use std::io::Read;

use jiff::civil::Date;
use serde::Deserialize;

use super::feed::{self, Feed, IntelError};
use crate::model::identifier::Identifier;
use crate::model::intel::{KevCatalogue, KevEntry};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Catalogue {
    catalog_version: String,
    count: Option<usize>,
    vulnerabilities: Vec<Row>,
}

/// One vulnerability; JSON members and CSV columns have the same names.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    #[serde(rename = "cveID")]
    cve: String,
    date_added: String,
    /// `Known` or `Unknown`; older catalogues do not have it.
    #[serde(default)]
    known_ransomware_campaign_use: String,
}

/// Reads the catalogue out of JSON or CSV, plain or gzip.
///
/// # Errors
/// If it is something else, cut off, or without a single entry.
pub fn read_kev(bytes: impl Read) -> Result<KevCatalogue, IntelError> {
    let mut text = Vec::new();
    let read = feed::open(Feed::Kev, bytes)?.read_to_end(&mut text);
    read.map_err(|error| IntelError::io(Feed::Kev, &error))?;
    let is_json = text.trim_ascii_start().starts_with(b"{");
    let (version, rows) = if is_json { of_json(&text)? } else { of_csv(&text)? };
    let mut entries: BTreeMap<Identifier, KevEntry> = BTreeMap::new();
    for row in rows {
        let (cve, entry) = entry(&row)?;
        let known = entries.entry(cve).or_insert_with(|| entry.clone());
        known.added = known.added.min(entry.added);
        known.ransomware |= entry.ransomware;
    }
    let Some(latest) = entries.values().map(|entry| entry.added).max() else {
        return Err(IntelError::content(Feed::Kev, "it has no entry"));
    };
    // The CSV form does not state a version; its latest entry says how old it is at least.
    let version = version.unwrap_or_else(|| format!("with entries to {latest}"));
    Ok(KevCatalogue { version, entries })
}

fn of_json(text: &[u8]) -> Result<(Option<String>, Vec<Row>), IntelError> {
    let catalogue: Catalogue = serde_json::from_slice(text).map_err(|error| {
        if error.is_eof() {
            IntelError::Truncated { feed: Feed::Kev, detail: error.to_string() }
        } else {
            IntelError::content(Feed::Kev, error.to_string())
        }
    })?;
    let found = catalogue.vulnerabilities.len();
    match catalogue.count {
        Some(count) if count != found => {
            Err(IntelError::content(Feed::Kev, format!("it says that it has {count} entries, and has {found}")))
        }
        _ => Ok((Some(catalogue.catalog_version), catalogue.vulnerabilities)),
    }
}

fn of_csv(text: &[u8]) -> Result<(Option<String>, Vec<Row>), IntelError> {
    let rows: Result<Vec<Row>, csv::Error> = csv::Reader::from_reader(text).into_deserialize().collect();
    Ok((None, rows.map_err(|error| IntelError::csv(Feed::Kev, &error))?))
}

fn entry(row: &Row) -> Result<(Identifier, KevEntry), IntelError> {
    let Row { cve, date_added, known_ransomware_campaign_use } = row;
    let identifier = Identifier::parse(cve)
        .filter(Identifier::is_cve)
        .ok_or_else(|| IntelError::content(Feed::Kev, format!("cveID `{cve}` is not a CVE identifier")))?;
    let added: Date = date_added
        .trim()
        .parse()
        .map_err(|error| IntelError::content(Feed::Kev, format!("dateAdded `{date_added}` of {cve}: {error}")))?;
    Ok((identifier, KevEntry { added, ransomware: known_ransomware_campaign_use.trim().eq_ignore_ascii_case("known") }))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use jiff::civil::date;

    use super::*;

    const JSON: &str = r#"{"title":"CISA Catalog of Known Exploited Vulnerabilities","catalogVersion":"2026.11.01",
        "dateReleased":"2026-11-01T12:00:00.000Z","count":2,"vulnerabilities":[
        {"cveID":"CVE-2021-44228","dateAdded":"2021-12-10","knownRansomwareCampaignUse":"Known","cwes":["CWE-502"]},
        {"cveID":"CVE-2014-0160","dateAdded":"2022-05-04","knownRansomwareCampaignUse":"Unknown"}]}"#;
    const CSV: &str = "cveID,vendorProject,dateAdded,shortDescription,knownRansomwareCampaignUse\n\
        CVE-2021-44228,Apache,2021-12-10,\"a, quoted\ntext\",Known\nCVE-2014-0160,OpenSSL,2022-05-04,text,Unknown\n";

    fn gzip(text: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    fn refused(bytes: &[u8]) -> String {
        read_kev(bytes).unwrap_err().to_string()
    }

    #[test]
    fn both_forms_say_the_same_plain_or_compressed() {
        let log4shell = Identifier::parse("CVE-2021-44228").unwrap();
        let json = read_kev(JSON.as_bytes()).unwrap();
        assert_eq!(json.version, "2026.11.01");
        assert_eq!(json.entries.len(), 2);
        assert_eq!(json.entries[&log4shell], KevEntry { added: date(2021, 12, 10), ransomware: true });
        let csv = read_kev(CSV.as_bytes()).unwrap();
        assert_eq!(csv.version, "with entries to 2022-05-04");
        assert_eq!(csv.entries, json.entries);
        assert_eq!(read_kev(gzip(JSON).as_slice()).unwrap().entries, json.entries);
        assert_eq!(read_kev(gzip(CSV).as_slice()).unwrap().entries, json.entries);
    }

    #[test]
    fn what_is_not_the_catalogue_is_named() {
        assert!(
            refused(b"<!DOCTYPE html><html>Access denied</html>").starts_with("this is a web page and not the KEV")
        );
        assert!(refused(b" \n").contains("it is empty"));
        assert!(refused(b"{\"message\":\"rate limited\"}").contains("missing field `catalogVersion`"));
        assert!(refused(b"cve,epss\nCVE-2021-44228,0.9\n").contains("missing field `cveID`"));
        assert!(refused(JSON.replace("CVE-2014-0160", "GHSA-1").as_bytes()).contains("`GHSA-1` is not a CVE"));
        assert!(refused(JSON.replace("2022-05-04", "May 4").as_bytes()).contains("dateAdded `May 4` of CVE-2014-0160"));
        assert!(refused(b"{\"catalogVersion\":\"1\",\"vulnerabilities\":[]}").contains("it has no entry"));
    }

    #[test]
    fn a_catalogue_that_is_cut_off_is_refused() {
        assert!(refused(&JSON.as_bytes()[..JSON.len() - 20]).contains("ends too early"));
        let compressed = gzip(JSON);
        assert!(refused(&compressed[..compressed.len() / 2]).contains("ends too early"));
        assert!(refused(JSON.replace("\"count\":2", "\"count\":3").as_bytes()).contains("has 3 entries, and has 2"));
    }
}
