//! Signatures of the appetite file, as real `ssh-keygen` made them: the files in `tests/appetite` were signed with keys
//! that no longer exist. One test signs anew, where `ssh-keygen` is installed.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::similar_names,
    reason = "a test stops at what it does not expect; `cio` and `ciso` are what the two are called"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::Command;

use detente::appetite::{TrustedKeys, agreement, read};
use detente::model::appetite::{Agreement, AgreementState, Appetite};
use jiff::Timestamp;

const FILE: &[u8] = include_bytes!("appetite/appetite.yml");
const ALLOWED: &str = include_str!("appetite/allowed_signers");
const CIO: &[u8] = include_bytes!("appetite/cio.sig");
const CISO: &[u8] = include_bytes!("appetite/ciso.sig");
const OTHER: &[u8] = include_bytes!("appetite/other.sig");

fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn appetite() -> Appetite {
    read(FILE, "appetite.yml").unwrap()
}

fn signed(cio: Option<&[u8]>, ciso: Option<&[u8]>) -> BTreeMap<String, Vec<u8>> {
    [("cio", cio), ("ciso", ciso)]
        .into_iter()
        .filter_map(|(role, signature)| Some((role.to_owned(), signature?.to_vec())))
        .collect()
}

/// Judged with the keys of both parties trusted.
fn judged(cio: Option<&[u8]>, ciso: Option<&[u8]>) -> Agreement {
    let trusted = TrustedKeys::parse(ALLOWED).unwrap();
    agreement(FILE, &appetite(), &signed(cio, ciso), Some(&trusted), now())
}

fn expect(actual: &Agreement, state: AgreementState, signers: &[&str], remark: &str) {
    assert_eq!(actual.state, state, "{actual:?}");
    assert_eq!(actual.signers, signers, "{actual:?}");
    assert!(actual.remark.contains(remark), "{actual:?}\nlacks: {remark}");
}

#[test]
fn two_trusted_signatures_over_these_bytes_are_an_agreement() {
    let agreed = judged(Some(CIO), Some(CISO));
    expect(&agreed, AgreementState::Agreed, &["cio", "ciso"], "");
    assert_eq!(agreed.remark, "");
    let windows: Vec<u8> = String::from_utf8_lossy(CIO).replace('\n', "\r\n").into_bytes();
    assert_eq!(judged(Some(&windows), Some(CISO)).state, AgreementState::Agreed);
}

#[test]
fn missing_signatures_are_said_by_name() {
    expect(&judged(None, None), AgreementState::Unsigned, &[], "nobody has signed it");
    expect(&judged(Some(CIO), None), AgreementState::HalfSigned, &["cio"], "the signature of the CISO is missing");
    expect(&judged(None, Some(CISO)), AgreementState::HalfSigned, &["ciso"], "the signature of the CIO is missing");
}

#[test]
fn one_changed_byte_undoes_the_agreement() {
    let trusted = TrustedKeys::parse(ALLOWED).unwrap();
    let text = String::from_utf8(FILE.to_vec()).unwrap();
    let changed = text.replace("tolerance: 1\n", "tolerance: 9\n");
    assert_ne!(changed, text);
    let appetite = read(changed.as_bytes(), "appetite.yml").unwrap();
    let judged = agreement(changed.as_bytes(), &appetite, &signed(Some(CIO), Some(CISO)), Some(&trusted), now());
    expect(&judged, AgreementState::Altered, &[], "the signature of the CIO is not over these bytes");
    expect(&judged, AgreementState::Altered, &[], "the signature of the CISO is not over these bytes");
    // Only one party signed again.
    let partly = agreement(FILE, &self::appetite(), &signed(Some(CIO), Some(OTHER)), Some(&trusted), now());
    expect(
        &partly,
        AgreementState::Altered,
        &["cio"],
        "the signature of the CISO is by a key that is not trusted for `ciso`",
    );
}

#[test]
fn a_signature_for_another_purpose_or_of_another_kind_does_not_count() {
    let purpose = include_bytes!("appetite/cio-other-purpose.sig");
    let judged_purpose = judged(Some(purpose), Some(CISO));
    expect(
        &judged_purpose,
        AgreementState::Altered,
        &["ciso"],
        "the signature of the CIO was made for another purpose, `git`",
    );
    let certificate = judged(Some(include_bytes!("appetite/certificate.sig")), Some(CISO));
    expect(&certificate, AgreementState::Altered, &["ciso"], "not with a certificate");
    let truncated = judged(Some(&CIO[..CIO.len() / 2]), Some(CISO));
    expect(&truncated, AgreementState::Altered, &["ciso"], "the signature of the CIO cannot be read");
    let no_signature =
        judged(Some(b"-----BEGIN PGP SIGNATURE-----\n\nabcd\n-----END PGP SIGNATURE-----\n"), Some(CISO));
    expect(&no_signature, AgreementState::Altered, &["ciso"], "expected what `ssh-keygen -Y sign` writes");
    // Each party's signature counts for that party only.
    expect(&judged(Some(CISO), Some(CIO)), AgreementState::Altered, &[], "not trusted for `cio`");
}

#[test]
fn two_keys_and_two_persons_are_needed() {
    let key = ALLOWED.lines().next().unwrap().trim_start_matches("cio ");
    let both = TrustedKeys::parse(&format!("cio,ciso {key}\n")).unwrap();
    let same_key = agreement(FILE, &appetite(), &signed(Some(CIO), Some(CIO)), Some(&both), now());
    expect(&same_key, AgreementState::HalfSigned, &["cio"], "both signatures are by the same key");

    let mut one_person = appetite();
    for party in one_person.agreed.as_mut().unwrap().parties.values_mut() {
        party.name = "A.  example".replace("example", if party.name.starts_with('A') { "Example" } else { "EXAMPLE" });
    }
    let trusted = TrustedKeys::parse(ALLOWED).unwrap();
    let same_person = agreement(FILE, &one_person, &signed(Some(CIO), Some(CISO)), Some(&trusted), now());
    expect(&same_person, AgreementState::HalfSigned, &["cio"], "both parties are the same person");
}

#[test]
fn keys_that_only_the_file_names_vouch_for_nothing() {
    let own = agreement(FILE, &appetite(), &signed(Some(CIO), Some(CISO)), None, now());
    expect(&own, AgreementState::Unsigned, &[], "nothing outside it vouches for them");
    expect(&own, AgreementState::Unsigned, &[], "--allowed-signers");
    let stranger = agreement(FILE, &appetite(), &signed(Some(OTHER), Some(CISO)), None, now());
    expect(&stranger, AgreementState::Altered, &[], "by a key that the file does not name for `cio`");
    let nobody = TrustedKeys::parse("# nobody yet\n").unwrap();
    let untrusted = agreement(FILE, &appetite(), &signed(Some(CIO), Some(CISO)), Some(&nobody), now());
    expect(&untrusted, AgreementState::Altered, &[], "not trusted for `cio`");
}

#[test]
fn the_previous_trusted_version_vouches_for_the_next() {
    let previous = appetite();
    let trusted = TrustedKeys::of_parties(previous.agreed.as_ref().unwrap());
    let next = agreement(FILE, &appetite(), &signed(Some(CIO), Some(CISO)), Some(&trusted), now());
    expect(&next, AgreementState::Agreed, &["cio", "ciso"], "");
    let crossed = agreement(FILE, &appetite(), &signed(Some(CISO), Some(CIO)), Some(&trusted), now());
    expect(&crossed, AgreementState::Altered, &[], "not trusted");
}

#[test]
fn an_agreement_has_a_beginning_and_an_end() {
    let trusted = TrustedKeys::parse(ALLOWED).unwrap();
    let at =
        |now: &str| agreement(FILE, &appetite(), &signed(Some(CIO), Some(CISO)), Some(&trusted), now.parse().unwrap());
    expect(&at("2026-10-31T23:59:59Z"), AgreementState::Lapsed, &["cio", "ciso"], "takes effect on 2026-11-01");
    expect(&at("2026-11-01T00:00:00Z"), AgreementState::Agreed, &["cio", "ciso"], "");
    expect(&at("2027-02-01T23:59:59Z"), AgreementState::Agreed, &["cio", "ciso"], "");
    expect(&at("2027-02-02T00:00:00Z"), AgreementState::Lapsed, &["cio", "ciso"], "its review was due on 2027-02-01");
}

#[test]
fn a_file_that_names_no_parties_cannot_be_agreed() {
    let mut profile = appetite();
    profile.agreed = None;
    let trusted = TrustedKeys::parse(ALLOWED).unwrap();
    let judged = agreement(FILE, &profile, &signed(Some(CIO), Some(CISO)), Some(&trusted), now());
    expect(&judged, AgreementState::Unsigned, &[], "no `agreed` section");
}

#[test]
fn ecdsa_keys_of_every_size_and_rsa_keys_are_verified() {
    for (public, signature) in [
        (include_str!("appetite/p256.pub"), &include_bytes!("appetite/p256.sig")[..]),
        (include_str!("appetite/p384.pub"), &include_bytes!("appetite/p384.sig")[..]),
        (include_str!("appetite/p521.pub"), &include_bytes!("appetite/p521.sig")[..]),
        (include_str!("appetite/rsa.pub"), &include_bytes!("appetite/rsa.sig")[..]),
    ] {
        let trusted = TrustedKeys::parse(&format!("{ALLOWED}cio {public}")).unwrap();
        let judged = agreement(FILE, &appetite(), &signed(Some(signature), Some(CISO)), Some(&trusted), now());
        expect(&judged, AgreementState::Agreed, &["cio", "ciso"], "");
        let mut other = FILE.to_vec();
        other.push(b'\n');
        let judged = agreement(&other, &appetite(), &signed(Some(signature), Some(CISO)), Some(&trusted), now());
        expect(&judged, AgreementState::Altered, &[], "the signature of the CIO is not over these bytes");
    }
}

#[test]
fn what_ssh_keygen_signs_today_is_verified() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let ssh_keygen = |arguments: &[&str]| {
        Command::new("ssh-keygen").args(arguments).current_dir(folder.path()).output().map(|output| {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        })
    };
    if ssh_keygen(&["-q", "-t", "ed25519", "-N", "", "-f", "cio"]).is_err() {
        println!("passed over: ssh-keygen is not installed");
        return;
    }
    ssh_keygen(&["-q", "-t", "ecdsa", "-N", "", "-f", "ciso"]).unwrap();
    let mut signatures = BTreeMap::new();
    let mut allowed = String::new();
    for role in ["cio", "ciso"] {
        std::fs::write(path("appetite.yml"), FILE).unwrap();
        ssh_keygen(&["-q", "-Y", "sign", "-n", "detente-appetite", "-f", role, "appetite.yml"]).unwrap();
        signatures.insert(role.to_owned(), std::fs::read(path("appetite.yml.sig")).unwrap());
        std::fs::remove_file(path("appetite.yml.sig")).unwrap();
        let key = std::fs::read_to_string(path(&format!("{role}.pub"))).unwrap();
        write!(allowed, "{role} namespaces=\"detente-appetite\" {key}").unwrap();
    }
    let trusted = TrustedKeys::parse(&allowed).unwrap();
    let judged = agreement(FILE, &appetite(), &signatures, Some(&trusted), now());
    expect(&judged, AgreementState::Agreed, &["cio", "ciso"], "");
}
