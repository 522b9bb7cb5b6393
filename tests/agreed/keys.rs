//! Whose key signs, of which kind, and from where.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use super::office::{APPETITE, Office};

#[test]
fn the_program_and_ssh_keygen_sign_and_verify_each_other() {
    let Some(office) = Office::open() else { return };
    for (kind, flags) in [
        ("ed25519", &["-t", "ed25519", "-N", ""][..]),
        ("p256", &["-t", "ecdsa", "-b", "256", "-N", ""]),
        ("p384", &["-t", "ecdsa", "-b", "384", "-N", ""]),
        ("p521", &["-t", "ecdsa", "-b", "521", "-N", ""]),
        ("rsa", &["-t", "rsa", "-b", "2048", "-N", ""]),
    ] {
        office.make_key(kind, flags);
        office.agree_on(kind, "ciso", 3).sign("cio", kind).sign_plainly("ciso", "ciso");
        let allowed = format!("cio {}\nciso {}\n", office.public(kind), office.public("ciso"));
        fs::write(office.path("allowed"), &allowed).unwrap();
        let allowed = office.path("allowed");
        let verified = office.run(&["appetite", "verify", "--allowed-signers", allowed.to_str().unwrap()]);
        verified.ends(0).says(&["agreed by cio and ciso"]);
        // And the other way round: what the program wrote, OpenSSH verifies.
        let signature = office.repo().join(format!("{APPETITE}.cio.sig"));
        let output = Command::new("ssh-keygen")
            .args(["-Y", "verify", "-n", "detente-appetite", "-I", "cio", "-f"])
            .arg(&allowed)
            .arg("-s")
            .arg(&signature)
            .stdin(fs::File::open(office.repo().join(APPETITE)).unwrap())
            .output()
            .unwrap();
        assert!(output.status.success(), "{kind}: {}", String::from_utf8_lossy(&output.stderr));
        // Signatures of this kind are the same each time.
        if kind == "ed25519" {
            let ours = fs::read(&signature).unwrap();
            office.sign_plainly("cio", kind);
            assert_eq!(fs::read(&signature).unwrap(), ours);
        }
    }
}

#[test]
fn a_key_in_the_agent_signs_by_its_public_half() {
    let Some(office) = Office::open() else { return };
    office.agree_on("cio", "ciso", 3);
    let socket = office.path("agent.sock");
    let socket = socket.to_str().unwrap();
    let started = Command::new("ssh-agent").args(["-D", "-a", socket]).spawn();
    let Ok(mut agent) = started else {
        println!("passed over: ssh-agent is not installed");
        return;
    };
    for _ in 0..200 {
        if fs::metadata(socket).is_ok() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let added =
        Command::new("ssh-add").env("SSH_AUTH_SOCK", socket).arg("-q").arg(office.path("cio")).output().unwrap();
    fs::rename(office.path("cio"), office.path("cio.away")).unwrap();
    let public = office.path("cio.pub");
    let sign = ["appetite", "sign", "--as", "cio", "--key", public.to_str().unwrap()];
    let with = office.run_with("repo", &[("SSH_AUTH_SOCK", socket)], &sign);
    agent.kill().unwrap();
    agent.wait().unwrap();
    assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    with.ends(0).says(&["signed as cio"]);
    let without = office.run(&sign);
    without.ends(2).says(&["ssh-agent"]);
}

#[test]
fn a_key_with_a_passphrase_is_asked_for_it() {
    let Some(office) = Office::open() else { return };
    office.make_key("locked", &["-t", "ed25519", "-N", "correct horse"]);
    office.agree_on("locked", "ciso", 3);
    let ask = |answer: &str| {
        let program = office.path("askpass");
        fs::write(&program, format!("#!/bin/sh\necho '{answer}'\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let variables =
            [("SSH_ASKPASS", program.to_str().unwrap()), ("SSH_ASKPASS_REQUIRE", "force"), ("DISPLAY", ":0")];
        let key = office.path("locked");
        office.run_with("repo", &variables, &["appetite", "sign", "--as", "cio", "--key", key.to_str().unwrap()])
    };
    ask("wrong").ends(2).says(&["ssh-keygen", "passphrase"]);
    assert!(!office.repo().join(format!("{APPETITE}.cio.sig")).exists());
    ask("correct horse").ends(0).says(&["signed as cio"]);
}

#[test]
fn nobody_signs_for_both_and_nobody_with_a_key_that_is_not_theirs() {
    let Some(office) = Office::open() else { return };
    office.agree_on("cio", "ciso", 3);
    let sign = |role: &str, key: &str| {
        office.run(&["appetite", "sign", "--as", role, "--key", office.path(key).to_str().unwrap()])
    };
    sign("ciso", "cio").ends(4).says(&["this key is the one of `cio`"]);
    sign("arbiter", "cio").ends(4).says(&["this key is the one of `cio`"]);
    sign("cio", "other").ends(4).says(&["names other keys for `cio`", "SHA256:"]);
    sign("cio", "no-such-key").ends(2).says(&["no such file"]);
    assert!(!office.repo().join(format!("{APPETITE}.cio.sig")).exists());

    office.agree_as(("A. Example", "cio"), ("a.  example", "ciso"), 3);
    let person = office.read(APPETITE).replace("a.  example", "A. EXAMPLE");
    office.write(APPETITE, person);
    sign("cio", "cio").ends(4).says(&["both parties are the same person"]);

    // Without keys in the file the first signature still keeps the second from being the same.
    let without = office.agree_on("cio", "ciso", 3).read(APPETITE);
    let without = without
        .replace(&format!("\"{}\"", office.public("cio")), "")
        .replace(&format!("\"{}\"", office.public("ciso")), "");
    office.write(APPETITE, without);
    sign("cio", "other").ends(0).says(&["names no key for `cio`"]);
    sign("ciso", "other").ends(4).says(&["by the same key", "an agreement needs two"]);

    let same = office.path("cio.pub");
    let same = same.to_str().unwrap();
    office
        .run(&["appetite", "new", "--yes", "--output", "x.yml", "--cio", same, "--ciso", same])
        .ends(2)
        .says(&["the same key"]);
    office
        .run(&["appetite", "new", "--yes", "--output", "x.yml", "--cio-name", "A", "--ciso-name", " a "])
        .ends(2)
        .says(&["the same name"]);
}

#[test]
fn a_key_in_another_form_is_named_with_what_to_do() {
    let Some(office) = Office::open() else { return };
    office.agree_on("cio", "ciso", 3);
    for (content, advice) in [
        ("PuTTY-User-Key-File-3: ssh-ed25519\n", "puttygen"),
        ("not a key at all\n", "is not a private SSH key"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\ngarbage\n-----END OPENSSH PRIVATE KEY-----\n", "passphrase"),
    ] {
        let key = office.path("strange");
        fs::write(&key, content).unwrap();
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
        let said = office.run(&["appetite", "sign", "--as", "cio", "--key", key.to_str().unwrap()]);
        said.ends(2).says(&["ssh-keygen", advice]);
    }
    let new = |given: &str| office.run(&["appetite", "new", "--yes", "--output", "x.yml", "--cio", given]);
    for (content, advice) in [
        ("---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n---- END SSH2 PUBLIC KEY ----\n", "ssh-keygen -i -f"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\n", "must not be written anywhere"),
        ("ssh-dss AAAAB3NzaC1kc3MAAACBAP\n", "not a public SSH key"),
    ] {
        let key = office.path("strange.pub");
        fs::write(&key, content).unwrap();
        new(key.to_str().unwrap()).ends(2).says(&[advice]);
    }
    new("/no/such/file.pub").ends(2).says(&["neither a file nor a public key"]);
}
