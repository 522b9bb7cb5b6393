//! `detente appetite sign`: one party signs the file's bytes.
//!
//! The signing itself is done by `ssh-keygen -Y sign`, for every kind of key: it asks for the passphrase, talks to the
//! agent and to security keys, and its signature is by construction what it would have made by itself. What this adds
//! is everything around it: the file is one that can be agreed, the key is the party's, and nobody signs for both.

use std::path::{Path, PathBuf};

use clap::ValueEnum as _;

use crate::appetite;
use crate::commands::error::CommandError;
use crate::commands::ssh_key::SigningKey;
use crate::commands::{governance, output};
use crate::exit::Exit;
use crate::model::appetite::{Agreed, Appetite};
use crate::signature::{self, PublicSshKey};

/// Sign the appetite file as one of the parties
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  detente appetite sign --as cio --key ~/.ssh/id_ed25519        a key file; its passphrase is asked for
  detente appetite sign --as ciso --key ~/.ssh/id_ed25519.pub   the private key is in ssh-agent
  detente appetite sign --as ciso --key ~/.ssh/id_ed25519_sk    a security key: touch it

It runs ssh-keygen, and is the same as:
  ssh-keygen -Y sign -n detente-appetite -f KEY < .detente/appetite.yml > .detente/appetite.yml.cio.sig")]
pub(super) struct Args {
    /// Who signs
    #[arg(long = "as", value_enum, value_name = "ROLE")]
    role: Role,
    /// Private SSH key, or the public one if the private one is in ssh-agent
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Appetite file [default: .detente/appetite.yml]
    #[arg(value_name = "APPETITE")]
    file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Role {
    /// Chief information officer: delivery
    Cio,
    /// Chief information security officer: security
    Ciso,
    /// The arbiter, in place of a party whose key is lost or who has left
    Arbiter,
}

impl Role {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Cio => appetite::PARTIES[0],
            Self::Ciso => appetite::PARTIES[1],
            Self::Arbiter => appetite::ARBITER,
        }
    }
}

/// Signs, checks what was signed, and writes the signature beside the file.
pub(super) fn run(args: &Args) -> Result<Exit, CommandError> {
    let file = governance::file(args.file.as_deref());
    let bytes = governance::read_bytes(&file)?;
    let read = appetite::read(&bytes, &file.display().to_string()).map_err(governance::refused)?;
    let Some(agreed) = &read.agreed else {
        return Err(CommandError::usage(format!("{}: has no `agreed` section and names no parties", file.display()))
            .hint("add `agreed:` with both parties; `detente appetite new` writes one"));
    };
    let role = args.role.as_str();
    two_persons(agreed)?;
    let signature = SigningKey::at(&args.key)?.sign(&bytes, appetite::NAMESPACE)?;
    let key = signature::signed_by(&bytes, signature.as_bytes(), appetite::NAMESPACE)
        .map_err(|why| CommandError::new(Exit::Trust, format!("the new signature {why}")))?;
    let note = whose(&file, &read, agreed, role, &key)?;
    another_key(&file, &bytes, role, &key)?;
    let target = governance::signature_path(&file, role);
    output::write_file(&target, signature.as_bytes())?;
    let mut said = format!("{}: signed as {role} with {}\n", target.display(), key.fingerprint);
    said += &note;
    let missing: Vec<&str> =
        appetite::PARTIES.into_iter().filter(|party| !governance::signature_path(&file, party).is_file()).collect();
    said += &match missing.as_slice() {
        [] => "Both parties have signed. Commit the file with its signatures, then `detente appetite verify`.\n"
            .to_owned(),
        missing => format!("Still to sign: {}.\n", missing.join(" and ")),
    };
    output::print(&said)?;
    Ok(Exit::Proceed)
}

/// Whether the key is the one of that role: `note` says so where it counts only because of an earlier version.
fn whose(
    file: &Path,
    read: &Appetite,
    agreed: &Agreed,
    role: &str,
    key: &PublicSshKey,
) -> Result<String, CommandError> {
    let keys_of = |agreed: &Agreed| match role {
        appetite::ARBITER => agreed.arbiter.as_ref().map(|arbiter| arbiter.keys.clone()).unwrap_or_default(),
        role => agreed.parties.get(role).map(|party| party.keys.clone()).unwrap_or_default(),
    };
    let names = |agreed: &Agreed| {
        let keys = keys_of(agreed);
        keys.iter()
            .filter_map(|text| signature::public_key(text).ok())
            .any(|named| named.fingerprint == key.fingerprint)
    };
    let other = Role::value_variants().iter().map(|role| role.as_str()).filter(|other| *other != role).find(|other| {
        let keys = match *other {
            appetite::ARBITER => agreed.arbiter.as_ref().map(|arbiter| arbiter.keys.as_slice()),
            other => agreed.parties.get(other).map(|party| party.keys.as_slice()),
        };
        keys.unwrap_or_default()
            .iter()
            .filter_map(|text| signature::public_key(text).ok())
            .any(|named| named.fingerprint == key.fingerprint)
    });
    if let Some(other) = other {
        return Err(CommandError::new(
            Exit::Trust,
            format!("{}: this key is the one of `{other}`, and cannot sign as `{role}`", file.display()),
        )
        .hint("an agreement needs two persons with a key each"));
    }
    if names(agreed) {
        return Ok(String::new());
    }
    if governance::committed(file).is_some_and(|before| before.agreed.as_ref().is_some_and(names)) {
        return Ok(format!(
            "{} does not name this key for `{role}`, but the version before it does: it vouches for the new key.\n",
            read.origin
        ));
    }
    if keys_of(agreed).is_empty() {
        return Ok(format!(
            "{} names no key for `{role}`: the signature counts only by --allowed-signers.\n",
            read.origin
        ));
    }
    Err(CommandError::new(
        Exit::Trust,
        format!("{}: names other keys for `{role}` than {}", file.display(), key.fingerprint),
    )
    .hint(format!("sign with a key that it names, or write `{}` there before anybody signs", key.text)))
}

/// Nobody signs for both parties.
fn another_key(file: &Path, bytes: &[u8], role: &str, key: &PublicSshKey) -> Result<(), CommandError> {
    for other in appetite::PARTIES.into_iter().filter(|other| *other != role) {
        let beside = governance::signature_path(file, other);
        let Ok(signature) = std::fs::read(&beside) else { continue };
        if signature::signed_by(bytes, &signature, appetite::NAMESPACE)
            .is_ok_and(|signed| signed.fingerprint == key.fingerprint)
        {
            return Err(CommandError::new(
                Exit::Trust,
                format!("{} is by the same key: an agreement needs two", beside.display()),
            )
            .hint("let the other party sign with a key of their own"));
        }
    }
    Ok(())
}

/// The two parties are two persons.
fn two_persons(agreed: &Agreed) -> Result<(), CommandError> {
    let name = |role: &str| agreed.parties.get(role).map(|party| party.name.trim().to_lowercase());
    let [cio, ciso] = appetite::PARTIES;
    if name(cio) == name(ciso) {
        return Err(CommandError::new(Exit::Trust, "both parties are the same person, and an agreement needs two")
            .hint("name the CIO and the CISO under `agreed.parties`"));
    }
    Ok(())
}
