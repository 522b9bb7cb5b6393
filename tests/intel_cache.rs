//! Feeds fetched from a server on this machine, and kept.

#![allow(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};

use assert_cmd::Command;
use tempfile::TempDir;

const KEV: &str = r#"{"title":"CISA Catalog of Known Exploited Vulnerabilities","catalogVersion":"2026.11.01","count":1,"vulnerabilities":[{"cveID":"CVE-2021-44228","dateAdded":"2021-12-10","knownRansomwareCampaignUse":"Known"}]}"#;
const EPSS: &str =
    "#model_version:v2026.06.15,score_date:2026-11-01T00:00:00Z\ncve,epss,percentile\nCVE-2021-44228,0.94358,0.99958\n";

/// What the server answers to a path: status line, headers, body. Taken anew for each request.
type Pages = Arc<Mutex<Vec<(&'static str, Page)>>>;

#[derive(Clone)]
struct Page {
    etag: &'static str,
    status: &'static str,
    header: &'static str,
    body: String,
}

fn page(body: &str) -> Page {
    Page { etag: "\"1\"", status: "200 OK", header: "", body: body.to_owned() }
}

/// A server that answers conditional requests; and the log of what it answered.
struct Server {
    address: String,
    pages: Pages,
    log: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(pages: Vec<(&'static str, Page)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let pages: Pages = Arc::new(Mutex::new(pages));
        let log = Arc::new(Mutex::new(Vec::new()));
        let (served, logged) = (Arc::clone(&pages), Arc::clone(&log));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let request = lines.next().unwrap().unwrap();
                let path = request.split(' ').nth(1).unwrap().to_owned();
                let mut asked = String::new();
                for line in lines.map_while(Result::ok).take_while(|line| !line.is_empty()) {
                    if let Some(etag) = line.to_ascii_lowercase().strip_prefix("if-none-match: ") {
                        asked = etag.to_owned();
                    }
                }
                let found = served.lock().unwrap().iter().find(|(name, _)| *name == path).map(|(_, page)| page.clone());
                let answer = match found {
                    Some(page) if page.etag == asked && page.status == "200 OK" => {
                        "HTTP/1.1 304 Not Modified\r\nconnection: close\r\n\r\n".to_owned()
                    }
                    Some(page) => format!(
                        "HTTP/1.1 {}\r\netag: {}\r\n{}content-length: {}\r\nconnection: close\r\n\r\n{}",
                        page.status,
                        page.etag,
                        page.header,
                        page.body.len(),
                        page.body
                    ),
                    None => "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned(),
                };
                logged.lock().unwrap().push(answer.lines().next().unwrap().to_owned());
                stream.write_all(answer.as_bytes()).unwrap();
            }
        });
        Self { address, pages, log }
    }

    fn set(&self, path: &'static str, page: Page) {
        let mut pages = self.pages.lock().unwrap();
        pages.retain(|(name, _)| *name != path);
        pages.push((path, page));
    }

    fn answers(&self) -> Vec<String> {
        std::mem::take(&mut *self.log.lock().unwrap())
    }
}

/// Runs the program in `folder` with its cache there; returns everything it said, and its exit code.
fn detente(folder: &Path, arguments: &[&str]) -> (String, i32) {
    let output = Command::cargo_bin("detente")
        .unwrap()
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("DETENTE_CACHE", folder.join("cache"))
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).join("\n");
    (text.split_whitespace().collect::<Vec<_>>().join(" "), output.status.code().unwrap())
}

#[track_caller]
fn says((text, code): &(String, i32), expected: i32, parts: &[&str]) {
    assert_eq!(*code, expected, "{text}");
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in: {text}");
    }
}

fn both() -> Vec<(&'static str, Page)> {
    vec![("/kev.json", page(KEV)), ("/epss.csv", page(EPSS))]
}

fn update(server: &Server, folder: &Path) -> (String, i32) {
    let (kev, epss) = (format!("{}/kev.json", server.address), format!("{}/epss.csv", server.address));
    detente(folder, &["intel", "update", "--kev-url", &kev, "--epss-url", &epss])
}

#[test]
fn what_has_not_changed_is_not_fetched_again() {
    let (server, folder) = (Server::start(both()), TempDir::new().unwrap());
    says(&detente(folder.path(), &["intel", "show"]), 0, &["none; `detente intel update` fetches it"]);
    says(
        &update(&server, folder.path()),
        0,
        &["fetched, 2026.11.01, 1 entries", "fetched, v2026.06.15 of 2026-11-01", "SHA-256"],
    );
    assert_eq!(server.answers(), ["HTTP/1.1 200 OK"; 2]);
    says(&update(&server, folder.path()), 0, &["unchanged, 2026.11.01"]);
    assert_eq!(server.answers(), ["HTTP/1.1 304 Not Modified"; 2]);
    let newer = Page { etag: "\"2\"", ..page(&KEV.replace("2026.11.01", "2026.11.08")) };
    server.set("/kev.json", newer);
    says(&update(&server, folder.path()), 0, &["fetched, 2026.11.08", "unchanged, v2026.06.15"]);
    says(&detente(folder.path(), &["intel", "show"]), 0, &["2026.11.08", "checked today", "/kev.json"]);
    says(
        &detente(folder.path(), &["intel", "show", "--now", "2099-01-01T00:00:00Z"]),
        0,
        &["days ago; fetch it again"],
    );
}

#[test]
fn something_else_never_replaces_what_is_kept() {
    let (server, folder) = (Server::start(both()), TempDir::new().unwrap());
    says(&update(&server, folder.path()), 0, &[]);
    let kept = fs::read(folder.path().join("cache/kev")).unwrap();
    for (broken, why) in [
        (Page { etag: "\"3\"", ..page("<!DOCTYPE html><html>login</html>") }, "web page"),
        (Page { etag: "\"3\"", ..page(&KEV[..100]) }, "ends too early"),
        (Page { etag: "\"3\"", status: "503 Service Unavailable", ..page("") }, "answered 503"),
        (
            Page {
                etag: "\"3\"",
                status: "302 Found",
                header: "location: http://example.com/kev.json\r\n",
                ..page("")
            },
            "leads away from HTTPS",
        ),
    ] {
        server.set("/kev.json", broken);
        says(&update(&server, folder.path()), 5, &[why, "stays in use", "unchanged, v2026.06.15"]);
        assert_eq!(fs::read(folder.path().join("cache/kev")).unwrap(), kept);
    }
    let refused = detente(
        folder.path(),
        &["intel", "update", "--kev-url", "http://example.com/kev.json", "--epss-url", "nonsense"],
    );
    says(&refused, 5, &["is not HTTPS", "is not an address"]);
}

#[test]
fn the_gate_uses_what_is_kept_and_says_so_and_works_offline() {
    let (server, folder) = (Server::start(both()), TempDir::new().unwrap());
    let grype = format!("{}/tests/fixtures/reports/grype/clean-directory.json", env!("CARGO_MANIFEST_DIR"));
    fs::copy(grype, folder.path().join("grype.json")).unwrap();
    let gate = ["gate", "grype.json"];
    says(&detente(folder.path(), &gate), 0, &[]);
    says(&update(&server, folder.path()), 0, &[]);
    drop(server);
    says(&detente(folder.path(), &gate), 0, &["The KEV catalogue of CISA as fetched on", "checked today", "SHA-256"]);
    says(
        &detente(folder.path(), &["gate", "grype.json", "--now", "2099-01-01T00:00:00Z"]),
        0,
        &["`detente intel update` fetches a newer one"],
    );
    // A copy that somebody edited is not used, and fetched anew although the server's name of it is the same.
    fs::write(folder.path().join("cache/kev"), KEV.replace("CVE-2021-44228", "CVE-2021-00000")).unwrap();
    says(&detente(folder.path(), &gate), 0, &["The KEV catalogue of CISA is not used", "is not what was fetched"]);
    let server = Server::start(both());
    says(&update(&server, folder.path()), 0, &["the KEV catalogue of CISA: fetched"]);
    says(&detente(folder.path(), &gate), 0, &["The KEV catalogue of CISA as fetched on"]);
}
