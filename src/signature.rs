//! One SSH signature over bytes, as `ssh-keygen -Y sign` makes it (OpenSSH, PROTOCOL.sshsig): what agreements and
//! decisions are signed with.

use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA512, RsaPublicKeyComponents};
use ssh_key::public::{KeyData, RsaPublicKey};
use ssh_key::{Algorithm, HashAlg, PublicKey, SshSig};

/// Longest signature that is read; real ones have a few hundred bytes.
const MOST_BYTES: usize = 64 << 10;

/// Flag of a security key by which it says that a person touched it (FIDO: user presence).
const USER_PRESENT: u8 = 0x01;

/// A public SSH key, to be compared and shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicSshKey {
    /// As in an authorized-keys file, without the comment.
    pub text: String,
    /// What stands behind the key: often whose it is.
    pub comment: String,
    /// `SHA256:…`, as `ssh-keygen -l` shows it.
    pub fingerprint: String,
}

/// Reads a public key in authorized-keys form.
///
/// # Errors
/// If it is something else: what it is, and how to get the right form.
pub fn public_key(text: &str) -> Result<PublicSshKey, String> {
    let text = text.trim();
    let advice = if text.starts_with("PuTTY-User-Key-File") {
        "this is a PuTTY key: export the public key in OpenSSH's form (`puttygen KEY.ppk -O public-openssh`)"
    } else if text.starts_with("---- BEGIN SSH2") {
        "this is a key in the form of RFC 4716: convert it with `ssh-keygen -i -f FILE`"
    } else if text.contains("PRIVATE KEY") {
        "this is a private key, which must not be written anywhere: give the public one, FILE.pub"
    } else if text.starts_with("-----BEGIN") {
        "this is a key in PEM form: convert it with `ssh-keygen -i -m PKCS8 -f FILE`"
    } else {
        "expected one line such as `ssh-ed25519 AAAA… name`, as in FILE.pub"
    };
    let key = PublicKey::from_openssh(text).map_err(|error| format!("not a public SSH key ({error}): {advice}"))?;
    if matches!(key.key_data(), KeyData::Dsa(_)) {
        return Err("DSA keys are not supported: use an Ed25519 key (`ssh-keygen -t ed25519`)".to_owned());
    }
    Ok(shown(key.key_data(), key.comment()))
}

/// The key that made `signature` over `bytes` for `namespace`, to be compared and shown; see [`signer`].
///
/// # Errors
/// As the rest of a sentence that begins with whose signature it is.
pub fn signed_by(bytes: &[u8], signature: &[u8], namespace: &str) -> Result<PublicSshKey, String> {
    signer(bytes, signature, namespace).map(|key| shown(&key, ""))
}

fn shown(key: &KeyData, comment: &str) -> PublicSshKey {
    PublicSshKey {
        text: PublicKey::from(key.clone()).to_openssh().unwrap_or_default(),
        comment: comment.to_owned(),
        fingerprint: key.fingerprint(HashAlg::Sha256).to_string(),
    }
}

/// The key that made `signature` over `bytes` for `namespace`.
///
/// # Errors
/// If it is not a signature, was made for another purpose, is not over these bytes, or is of a kind that is not
/// supported: what is wrong, as the rest of a sentence that begins with whose signature it is.
pub fn signer(bytes: &[u8], signature: &[u8], namespace: &str) -> Result<KeyData, String> {
    if signature.len() > MOST_BYTES {
        return Err(format!("has {} bytes, and no signature is that long", signature.len()));
    }
    let signature = SshSig::from_pem(signature).map_err(|error| {
        format!("cannot be read ({error}); expected what `ssh-keygen -Y sign` writes, made with a key and not with a certificate")
    })?;
    if signature.namespace() != namespace {
        let made_for: String = signature.namespace().chars().filter(|c| !c.is_control()).take(40).collect();
        return Err(format!("was made for another purpose, `{made_for}`; sign with `-n {namespace}`"));
    }
    // The library verifies these whether or not anybody touched the key: malware on the machine could have asked.
    if matches!(signature.algorithm(), Algorithm::SkEd25519 | Algorithm::SkEcdsaSha2NistP256) {
        // Signature, then one byte of flags, then a counter of four.
        let flags = signature.signature_bytes().iter().rev().nth(4).copied().unwrap_or_default();
        if flags & USER_PRESENT == 0 {
            return Err("was made by a security key that nobody touched; sign again with touch required".to_owned());
        }
    }
    let key = signature.public_key().clone();
    let changed = "is not over these bytes: the file was changed after signing, or something else was signed";
    let holds = match &key {
        KeyData::Rsa(key) => rsa(bytes, &signature, key)?,
        KeyData::Dsa(_) => return Err("is by a DSA key, which is not supported; use an Ed25519 key".to_owned()),
        _ => PublicKey::from(key.clone()).verify(namespace, bytes, &signature).is_ok(),
    };
    if holds { Ok(key) } else { Err(changed.to_owned()) }
}

/// A key as an authorized-keys file writes it, without a comment; empty if it cannot be written.
pub fn key_text(key: &KeyData) -> String {
    PublicKey::from(key.clone()).to_openssh().unwrap_or_default()
}

/// Whether two keys in authorized-keys form are the same, whatever comment they carry.
pub fn same_key(one: &str, other: &str) -> bool {
    let data = |text: &str| PublicKey::from_openssh(text.trim()).ok().map(|key| key.key_data().clone());
    data(one).is_some_and(|one| Some(one) == data(other))
}

/// Whether an RSA signature holds, by PKCS #1 v1.5 as SSH uses it (RFC 8332), for keys of 2048 to 8192 bits.
fn rsa(bytes: &[u8], signature: &SshSig, key: &RsaPublicKey) -> Result<bool, String> {
    let parameters = match signature.algorithm() {
        Algorithm::Rsa { hash: Some(HashAlg::Sha512) } => &RSA_PKCS1_2048_8192_SHA512,
        Algorithm::Rsa { hash: Some(HashAlg::Sha256) } => &RSA_PKCS1_2048_8192_SHA256,
        _ => {
            return Err(
                "is by an RSA key with a digest that is no longer safe; sign with a newer ssh-keygen".to_owned()
            );
        }
    };
    let unreadable = |_| "has an RSA key that cannot be read".to_owned();
    let signed = SshSig::signed_data(signature.namespace(), signature.hash_alg(), bytes).map_err(unreadable)?;
    let (n, e) = (key.n.as_positive_bytes(), key.e.as_positive_bytes());
    let (Some(n), Some(e)) = (n, e) else { return Err("has an RSA key that cannot be read".to_owned()) };
    Ok(RsaPublicKeyComponents { n, e }.verify(parameters, &signed, signature.signature_bytes()).is_ok())
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use sha2::{Digest, Sha256};
    use ssh_key::private::Ed25519Keypair;
    use ssh_key::public::{DsaPublicKey, EcdsaPublicKey, SkEcdsaSha2NistP256, SkEd25519};
    use ssh_key::{LineEnding, Mpint, Signature};

    use super::*;

    fn sign(key: &impl ssh_key::SigningKey, bytes: &[u8]) -> Signature {
        key.try_sign(bytes).unwrap()
    }

    /// A security key's signature over `bytes`, made as FIDO says (OpenSSH, PROTOCOL.u2f), with these flags.
    fn by_security_key(bytes: &[u8], flags: u8) -> (KeyData, String) {
        let pair = Ed25519Keypair::from_seed(&[7; 32]);
        let message = SshSig::signed_data("detente-appetite", HashAlg::Sha512, bytes).unwrap();
        let counter = [0, 0, 0, 1];
        let mut signed = Sha256::digest(b"ssh:").to_vec();
        signed.push(flags);
        signed.extend(counter);
        signed.extend(Sha256::digest(&message));
        let signature = sign(&ssh_key::PrivateKey::from(pair.clone()), &signed);
        let mut data = signature.as_bytes().to_vec();
        data.push(flags);
        data.extend(counter);
        let key = KeyData::SkEd25519(SkEd25519::new(pair.public, "ssh:"));
        let signature = Signature::new(Algorithm::SkEd25519, data).unwrap();
        let signature = SshSig::new(key.clone(), "detente-appetite", HashAlg::Sha512, signature).unwrap();
        (key, signature.to_pem(LineEnding::LF).unwrap())
    }

    #[test]
    fn a_security_key_counts_only_if_somebody_touched_it() {
        let (key, touched) = by_security_key(b"agreed", 0x01);
        assert_eq!(signer(b"agreed", touched.as_bytes(), "detente-appetite"), Ok(key));
        let (_, untouched) = by_security_key(b"agreed", 0x00);
        let refusal = signer(b"agreed", untouched.as_bytes(), "detente-appetite").unwrap_err();
        assert!(refusal.contains("nobody touched"), "{refusal}");
        // User verification (0x04) without presence is no touch either.
        let (_, verified) = by_security_key(b"agreed", 0x04);
        assert!(signer(b"agreed", verified.as_bytes(), "detente-appetite").is_err());
        // Presence is part of what is signed: it cannot be added afterwards.
        let forged = {
            let signature = SshSig::from_pem(&untouched).unwrap();
            let mut data = signature.signature_bytes().to_vec();
            let flags = data.len() - 5;
            data[flags] = 0x01;
            let forged = Signature::new(Algorithm::SkEd25519, data).unwrap();
            let forged = SshSig::new(signature.public_key().clone(), "detente-appetite", HashAlg::Sha512, forged);
            forged.unwrap().to_pem(LineEnding::LF).unwrap()
        };
        let refusal = signer(b"agreed", forged.as_bytes(), "detente-appetite").unwrap_err();
        assert!(refusal.contains("not over these bytes"), "{refusal}");
    }

    #[test]
    fn a_security_key_of_the_other_kind_is_touched_too() {
        let public = PublicKey::from_openssh(include_str!("../tests/appetite/p256.pub")).unwrap();
        let KeyData::Ecdsa(EcdsaPublicKey::NistP256(point)) = public.key_data() else { panic!("a key on P-256") };
        let key = KeyData::SkEcdsaSha2NistP256(SkEcdsaSha2NistP256::new(*point, "ssh:"));
        let string = |bytes: &[u8]| [&u32::try_from(bytes.len()).unwrap().to_be_bytes()[..], bytes].concat();
        // Written by hand: the library reads such signatures, and writes them with the flags at the wrong place.
        let refusal = |flags: u8| {
            let numbers = [0, 0, 0, 1, 1, 0, 0, 0, 1, 1];
            let name = Algorithm::SkEcdsaSha2NistP256.to_string();
            let signature = [string(name.as_bytes()), string(&numbers), vec![flags, 0, 0, 0, 1]].concat();
            let key = PublicKey::from(key.clone()).to_bytes().unwrap();
            let parts = [&key[..], b"detente-appetite", b"", b"sha512", &signature].map(string);
            let whole = [b"SSHSIG".to_vec(), vec![0, 0, 0, 1], parts.concat()].concat();
            let text = STANDARD.encode(whole);
            let lines: Vec<&str> = text.as_bytes().chunks(70).map(|line| std::str::from_utf8(line).unwrap()).collect();
            let text = format!("-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n", lines.join("\n"));
            signer(b"agreed", text.as_bytes(), "detente-appetite").unwrap_err()
        };
        assert!(refusal(0x00).contains("nobody touched"), "{}", refusal(0x00));
        assert!(refusal(0x01).contains("not over these bytes"), "{}", refusal(0x01));
    }

    #[test]
    fn dsa_keys_count_for_nothing() {
        let number = |byte: u8| Mpint::from_positive_bytes(&[byte]).unwrap();
        let key = KeyData::Dsa(DsaPublicKey { p: number(7), q: number(3), g: number(2), y: number(4) });
        let signature = Signature::new(Algorithm::Dsa, vec![1; 40]).unwrap();
        let signature = SshSig::new(key.clone(), "detente-appetite", HashAlg::Sha512, signature).unwrap();
        let text = signature.to_pem(LineEnding::LF).unwrap();
        let refusal = signer(b"agreed", text.as_bytes(), "detente-appetite").unwrap_err();
        assert!(refusal.contains("DSA key"), "{refusal}");
        let refusal = public_key(&key_text(&key)).unwrap_err();
        assert!(refusal.contains("DSA keys are not supported"), "{refusal}");
    }

    #[test]
    fn endless_and_empty_signatures_are_refused() {
        assert!(
            signer(b"x", &vec![b'a'; 1 << 20], "detente-appetite").unwrap_err().contains("no signature is that long")
        );
        assert!(signer(b"x", b"", "detente-appetite").unwrap_err().contains("cannot be read"));
        assert!(signer(b"x", &[0xFF; 100], "detente-appetite").unwrap_err().contains("cannot be read"));
    }
}
