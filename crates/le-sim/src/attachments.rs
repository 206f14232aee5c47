//! Between what visitors report and the conversations that it belongs to: which visitors and consumers have a conversation, and
//! which of them reported something since somebody looked. Reports need no lock of messaging for it.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, Mutex, PoisonError, RwLock},
};

/// Attributes attach to a conversation from so long before its start until so long after its end
/// (<https://developers.liveperson.com/engagement-attributes-best-practices-for-messaging.html>).
pub(crate) const WINDOW_MS: i64 = 12 * 3_600_000;

/// Who has a conversation, and who reported since.
#[derive(Debug, Default)]
pub(crate) struct Attachments {
    /// Visitor ids, consumer ids, subjects of identities.
    watched: RwLock<HashSet<Arc<str>>>,
    /// With the time of the first report.
    touched: Mutex<BTreeMap<Arc<str>, i64>>,
}

impl Attachments {
    /// A conversation was begun by, or for, whoever has this key.
    pub(crate) fn watch(&self, key: &str) {
        let mut watched = self.watched.write().unwrap_or_else(PoisonError::into_inner);
        if !key.is_empty() && !watched.contains(key) {
            watched.insert(key.into());
        }
    }

    /// Something was reported. Without the keys of consumers it is the visitor's own.
    pub(crate) fn touch(&self, visitor: &str, consumers: Option<&[Arc<str>]>, at: i64) {
        let watched = self.watched.read().unwrap_or_else(PoisonError::into_inner);
        if watched.is_empty() {
            return;
        }
        let keys = consumers.unwrap_or_default().iter().map(|key| &**key).chain([visitor]);
        let touched: Vec<Arc<str>> = keys.filter_map(|key| watched.get(key).cloned()).collect();
        drop(watched);
        if touched.is_empty() {
            return;
        }
        let mut all = self.touched.lock().unwrap_or_else(PoisonError::into_inner);
        for key in touched {
            all.entry(key).or_insert(at);
        }
    }

    /// Takes the keys under which something was reported.
    pub(crate) fn take(&self) -> BTreeMap<Arc<str>, i64> {
        std::mem::take(&mut *self.touched.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// There are no conversations any more.
    pub(crate) fn clear(&self) {
        self.watched.write().unwrap_or_else(PoisonError::into_inner).clear();
        self.take();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_those_with_a_conversation_are_noticed() {
        let attachments = Attachments::default();
        attachments.touch("v1", None, 5);
        assert!(attachments.take().is_empty());
        attachments.watch("v1");
        attachments.watch("consumer");
        attachments.touch("v2", Some(&["consumer".into(), "other".into()]), 6);
        attachments.touch("v1", None, 7);
        attachments.touch("v1", None, 8);
        let taken: Vec<(String, i64)> = attachments
            .take()
            .iter()
            .map(|(key, at)| (key.to_string(), *at))
            .collect();
        assert_eq!(taken, [("consumer".to_owned(), 6), ("v1".to_owned(), 7)]);
        assert!(attachments.take().is_empty());
    }
}
