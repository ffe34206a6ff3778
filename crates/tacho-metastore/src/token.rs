//! Secrets that Tacho hands out once: session tokens, API keys, set-up links. 32 random bytes as 43 characters of
//! base64url; only their SHA-256 is kept. They are random over their whole length, so a fast hash without salt is
//! enough, and looking one up by its hash leaks nothing through time.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::TryRngCore as _;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::{Error, Result};

/// A secret just made. It can't be read back from the metastore.
#[derive(Clone, Debug)]
pub struct Token(SecretString);

impl Token {
    /// A new secret that starts with `prefix`.
    pub fn generate(prefix: &str) -> Result<Self> {
        let mut bytes = [0u8; 32];
        rand::rngs::OsRng
            .try_fill_bytes(&mut bytes)
            .map_err(|error| Error::Background(format!("no random bytes: {error}")))?;
        Ok(Self(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes)).into()))
    }

    /// The text, to be shown once.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// What is kept of it.
    pub(crate) fn hash(&self) -> String {
        hash(self.expose())
    }
}

/// SHA-256 of a secret's text, as 64 hex digits.
pub(crate) fn hash(text: &str) -> String {
    use std::fmt::Write as _;
    Sha256::digest(text.as_bytes())
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_long_and_differ_and_do_not_show_in_debug_output() {
        let (one, other) = (
            Token::generate("tacho_").unwrap(),
            Token::generate("tacho_").unwrap(),
        );
        assert_eq!(one.expose().len(), 6 + 43);
        assert_ne!(one.expose(), other.expose());
        assert!(!format!("{one:?}").contains(&one.expose()[6..]));
    }

    #[test]
    fn the_hash_is_sha_256() {
        assert_eq!(
            hash("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
