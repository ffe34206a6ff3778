//! Passwords: argon2id with the crate's defaults (19 MiB, 2 passes, 1 lane: OWASP's first choice), computed off the
//! async threads and at most two at a time, so that a flood of sign-ins takes neither the runtime nor the memory.

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::{Error, Result};

/// The fewest characters of a password.
pub const PASSWORD_CHARS_MIN: usize = 12;
/// The most bytes: hashing reads them all.
const PASSWORD_BYTES_MAX: usize = 1024;
/// Hashes computed at the same time.
const CONCURRENT_MAX: usize = 2;

/// The hash of no password, with the parameters of a real one: checked when the address is unknown, so that the answer
/// takes the same time.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGF0IGFsbCE$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

#[derive(Debug)]
pub(crate) struct Hasher {
    permits: Arc<Semaphore>,
}

impl Hasher {
    pub(crate) fn new() -> Self {
        Self {
            permits: Arc::new(Semaphore::new(CONCURRENT_MAX)),
        }
    }

    /// The hash of a new password, as a PHC string. Refuses what is too short or too long.
    pub(crate) async fn hash(&self, password: &SecretString) -> Result<String> {
        let text = password.expose_secret();
        if text.chars().count() < PASSWORD_CHARS_MIN || text.len() > PASSWORD_BYTES_MAX {
            return Err(Error::invalid(
                "password",
                format!("choose a password of at least {PASSWORD_CHARS_MIN} characters"),
            ));
        }
        let password = password.clone();
        self.run(move || {
            Argon2::default()
                .hash_password(password.expose_secret().as_bytes())
                .map(|hash| hash.to_string())
                .map_err(|error| Error::Background(format!("password not hashed: {error}")))
        })
        .await?
    }

    /// Whether the password is the one that was hashed. With no hash the answer is no, after the same work.
    pub(crate) async fn verify(&self, password: &SecretString, hash: Option<String>) -> Result<bool> {
        if password.expose_secret().len() > PASSWORD_BYTES_MAX {
            return Ok(false);
        }
        let password = password.clone();
        self.run(move || {
            let known = hash.is_some();
            let text = hash.unwrap_or_else(|| NOBODY.to_owned());
            let hash = PasswordHash::new(&text).map_err(|_| Error::Unreadable {
                column: "password_hash",
            })?;
            let matches = Argon2::default()
                .verify_password(password.expose_secret().as_bytes(), &hash)
                .is_ok();
            Ok(known && matches)
        })
        .await?
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let permit = Arc::clone(&self.permits)
            .acquire_owned()
            .await
            .map_err(|error| Error::Background(error.to_string()))?;
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        })
        .await
        .map_err(|error| Error::Background(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_by_its_hash() {
        let hasher = Hasher::new();
        let hash = hasher.hash(&"correct horse battery".into()).await.unwrap();
        assert!(
            hasher
                .verify(&"correct horse battery".into(), Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(!hasher.verify(&"correct horse".into(), Some(hash)).await.unwrap());
        assert!(matches!(
            hasher.hash(&"short".into()).await,
            Err(Error::Invalid {
                field: "password",
                ..
            })
        ));
    }

    /// The stand-in must cost what a real hash costs: same algorithm, version, parameters and lengths.
    #[tokio::test]
    async fn nobodys_hash_has_the_parameters_of_a_real_one() {
        let hasher = Hasher::new();
        assert!(!hasher.verify(&"anything at all".into(), None).await.unwrap());
        let real = hasher.hash(&"correct horse battery".into()).await.unwrap();
        let (real, nobody) = (
            PasswordHash::new(&real).unwrap(),
            PasswordHash::new(NOBODY).unwrap(),
        );
        assert_eq!(real.algorithm, nobody.algorithm);
        assert_eq!(real.version, nobody.version);
        assert_eq!(real.params, nobody.params);
        assert_eq!(real.hash.unwrap().len(), nobody.hash.unwrap().len());
    }
}
