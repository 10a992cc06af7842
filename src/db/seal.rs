//! Secrets at rest: XChaCha20-Poly1305 under `SECRET_KEY`, bound to the place where they lie.
use crate::base::Ids;
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// A sealed text that does not open: another key, another row, or bytes that were touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a secret does not open: SECRET_KEY differs from the one that sealed it, or the row was touched")]
pub struct SealError;

/// Seals and opens. Sealed form: `v1.` and base64 of nonce (24 bytes) and ciphertext.
#[derive(Clone)]
pub struct Seal {
    cipher: Arc<XChaCha20Poly1305>,
    /// What the keys of whole files are made of; it is not `SECRET_KEY`, and does not lead back to it.
    files: Arc<SecretBox<[u8; 32]>>,
    ids: Ids,
}

impl Seal {
    pub fn new(key: &[u8; 32], ids: Ids) -> Self {
        let files = Sha256::new().chain_update("souk.files.1").chain_update(key).finalize().into();
        Self { cipher: Arc::new(XChaCha20Poly1305::new(&Key::from(*key))), files: Arc::new(SecretBox::new(Box::new(files))), ids }
    }

    /// Tells one `SECRET_KEY` from another, and nothing more: eight hex digits.
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::new().chain_update("souk.fingerprint.1").chain_update(self.files.expose_secret()).finalize();
        let start = digest.first_chunk().copied().map(u32::from_be_bytes).unwrap_or_default();
        format!("{start:08x}")
    }

    /// Names a secret without telling it: the same for the same secret and `SECRET_KEY`, so that a row can be looked for by it.
    pub fn mark(&self, secret: &str) -> String {
        let digest = Sha256::new().chain_update("souk.mark.1").chain_update(self.files.expose_secret()).chain_update(secret);
        STANDARD_NO_PAD.encode(digest.finalize())
    }

    /// The key of one sealed file; each file draws a salt of its own.
    pub(super) fn file_key(&self, salt: &[u8; 32]) -> [u8; 32] {
        Sha256::new().chain_update("souk.file.1").chain_update(self.files.expose_secret()).chain_update(salt).finalize().into()
    }

    pub(super) fn salt(&self) -> [u8; 32] {
        self.ids.bytes()
    }

    /// A word for a name that nobody else takes.
    pub(super) fn token(&self) -> String {
        self.ids.token()
    }

    /// `place` is `table:column:row id`; a text sealed for one place opens in no other.
    pub fn seal(&self, place: &str, secret: &str) -> Result<String, SealError> {
        let nonce: [u8; 24] = self.ids.bytes();
        let sealed = self
            .cipher
            .encrypt(&XNonce::from(nonce), Payload { msg: secret.as_bytes(), aad: place.as_bytes() })
            .map_err(|_| SealError)?;
        let mut bytes = nonce.to_vec();
        bytes.extend(sealed);
        Ok(format!("v1.{}", STANDARD_NO_PAD.encode(bytes)))
    }

    pub fn open(&self, place: &str, sealed: &str) -> Result<SecretString, SealError> {
        let bytes = sealed.strip_prefix("v1.").and_then(|text| STANDARD_NO_PAD.decode(text).ok()).ok_or(SealError)?;
        let (nonce, body) = bytes.split_at_checked(24).ok_or(SealError)?;
        let nonce: [u8; 24] = nonce.try_into().map_err(|_| SealError)?;
        let plain =
            self.cipher.decrypt(&XNonce::from(nonce), Payload { msg: body, aad: place.as_bytes() }).map_err(|_| SealError)?;
        String::from_utf8(plain).map(SecretString::from).map_err(|_| SealError)
    }
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal")
    }
}

#[cfg(test)]
mod tests {
    use super::{Seal, SealError};
    use crate::base::Ids;
    use secrecy::ExposeSecret;

    #[test]
    fn a_secret_opens_only_where_it_was_sealed() {
        let seal = Seal::new(&[7; 32], Ids::seeded(1));
        let sealed = seal.seal("panels:password:de1", "hunter2").unwrap();
        assert!(!sealed.contains("hunter2"));
        assert_eq!(seal.open("panels:password:de1", &sealed).unwrap().expose_secret(), "hunter2");
        assert_eq!(seal.open("panels:password:de2", &sealed).unwrap_err(), SealError);
        let other = Seal::new(&[8; 32], Ids::seeded(1));
        assert_eq!(other.open("panels:password:de1", &sealed).unwrap_err(), SealError);
        assert_eq!(seal.open("panels:password:de1", "v1.AAAA").unwrap_err(), SealError);
    }

    #[test]
    fn a_mark_names_one_secret_under_one_key() {
        let seal = Seal::new(&[7; 32], Ids::seeded(1));
        assert_eq!(seal.mark("hunter2"), Seal::new(&[7; 32], Ids::seeded(2)).mark("hunter2"));
        assert_ne!(seal.mark("hunter2"), seal.mark("hunter3"));
        assert_ne!(seal.mark("hunter2"), Seal::new(&[8; 32], Ids::seeded(1)).mark("hunter2"));
    }
}
