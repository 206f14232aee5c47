//! Several keys, so that one can follow another without a token being refused in between.

use std::sync::{Arc, PoisonError, RwLock};

use le_core::{Error, Result, Secret, Timestamp};

use super::jwk::{self, FileKey, Jwk, JwkSet};
use super::key::SigningKey;
use super::public_key::PublicKey;

/// The keys of a brand: the newest signs, all are published. Clones share the keys.
///
/// LivePerson may remember the published keys for a while. So a new key is published first and signs later
/// ([`add`](Self::add) with the moment), and an old one stays published until its last token has expired
/// ([`retire`](Self::retire)).
#[derive(Debug, Clone)]
pub struct KeyRing(Arc<RwLock<Vec<Entry>>>);

#[derive(Debug)]
struct Entry {
    public: PublicKey,
    /// `None` for a key that is only published.
    signing: Option<SigningKey>,
    from: Timestamp,
}

impl KeyRing {
    /// One key, which signs at once.
    #[must_use]
    pub fn new(key: SigningKey) -> Self {
        let always = Timestamp::from_millis(i64::MIN);
        Self(Arc::new(RwLock::new(vec![Entry::signing(key, always)])))
    }

    /// Reads a JWKS file of private keys. The last one that has its private half signs; keys without it are published only.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](le_core::ErrorKind::Configuration) naming the place of the key and the rule that it breaks:
    /// another type, too short, damaged, an id that is there twice, no private key at all.
    pub fn from_jwks(json: &Secret) -> Result<Self> {
        let always = Timestamp::from_millis(i64::MIN);
        let mut entries: Vec<Entry> = Vec::new();
        for key in jwk::read_file(json)? {
            let entry = match key {
                FileKey::Signing(key) => Entry::signing(key, always),
                FileKey::Public(public) => Entry {
                    public,
                    signing: None,
                    from: always,
                },
            };
            refuse_twice(&entries, &entry.public)?;
            entries.push(entry);
        }
        if entries.iter().all(|entry| entry.signing.is_none()) {
            return Err(Error::configuration("the JWKS holds no private key")
                .with_advice("give the file with the private keys"));
        }
        Ok(Self(Arc::new(RwLock::new(entries))))
    }

    /// Publishes a key now, and signs with it from `from` on.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](le_core::ErrorKind::Configuration): a key with its id is there already.
    pub fn add(&self, key: SigningKey, from: Timestamp) -> Result<()> {
        let mut entries = self.0.write().unwrap_or_else(PoisonError::into_inner);
        refuse_twice(&entries, key.public_key())?;
        entries.push(Entry::signing(key, from));
        Ok(())
    }

    /// Takes a key out: it neither signs nor is it published.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](le_core::ErrorKind::Configuration): there is no such key, or no other one would sign at `now`.
    pub fn retire(&self, id: &str, now: Timestamp) -> Result<()> {
        let mut entries = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let Some(at) = entries.iter().position(|entry| entry.public.id() == id) else {
            return Err(
                Error::configuration("there is no key with this id").with_advice("see `public_keys` for the ids")
            );
        };
        let other = |(place, entry): (usize, &Entry)| place != at && entry.signs_at(now);
        if !entries.iter().enumerate().any(other) {
            return Err(Error::configuration("it is the only key that signs").with_advice("add its successor first"));
        }
        entries.remove(at);
        Ok(())
    }

    /// The key that signs at this moment: of those whose time has come, the one that came last.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](le_core::ErrorKind::Configuration): the time of none has come.
    pub fn signing_key(&self, now: Timestamp) -> Result<SigningKey> {
        let entries = self.0.read().unwrap_or_else(PoisonError::into_inner);
        entries
            .iter()
            .filter(|entry| entry.signs_at(now))
            .max_by_key(|entry| entry.from)
            .and_then(|entry| entry.signing.clone())
            .ok_or_else(|| Error::configuration("no key signs yet").with_advice("add one whose time has come"))
    }

    /// All public keys.
    #[must_use]
    pub fn public_keys(&self) -> Vec<PublicKey> {
        let entries = self.0.read().unwrap_or_else(PoisonError::into_inner);
        entries.iter().map(|entry| entry.public.clone()).collect()
    }

    /// The document for the brand's endpoint.
    #[must_use]
    pub fn jwks(&self) -> JwkSet {
        JwkSet {
            keys: self.public_keys().iter().map(Jwk::from).collect(),
            ..JwkSet::default()
        }
    }
}

impl Entry {
    fn signing(key: SigningKey, from: Timestamp) -> Self {
        Self {
            public: key.public_key().clone(),
            signing: Some(key),
            from,
        }
    }

    fn signs_at(&self, now: Timestamp) -> bool {
        self.signing.is_some() && self.from <= now
    }
}

fn refuse_twice(entries: &[Entry], key: &PublicKey) -> Result<()> {
    let same = |entry: &Entry| entry.public.id() == key.id() || entry.public.is_pair_of(key);
    if !entries.iter().any(same) {
        return Ok(());
    }
    Err(
        Error::configuration("this key, or another one with its id, is there already")
            .with_advice("give each key an id of its own"),
    )
}
