//! The first notification of a subscription, which lists what matches. It may come before the answer that names the subscription.

use std::collections::BTreeSet;

use le_core::id::ConversationId;

use crate::identity::SubscriptionId;
use crate::notification::ConversationsChanged;

/// The server lists no more conversations than this, the oldest first.
const MOST_LISTED: usize = 1_000;
/// Notifications that are remembered until the subscription has a name.
const MOST_EARLY: usize = 32;

/// Waits for the list of a subscription.
#[derive(Debug, Default)]
pub(super) struct Listing {
    id: Option<SubscriptionId>,
    answered: bool,
    /// Names of subscriptions that were heard of before the answer.
    early: Vec<Option<SubscriptionId>>,
    told: bool,
    largest: usize,
}

impl Listing {
    /// The answer came.
    pub(super) fn answered(&mut self, id: Option<SubscriptionId>) {
        self.answered = true;
        let early = std::mem::take(&mut self.early);
        self.told |= early
            .iter()
            .any(|heard| heard.is_none() || id.is_none() || *heard == id);
        self.id = id;
    }

    /// A notification of so many conversations came.
    pub(super) fn came(&mut self, id: Option<&SubscriptionId>, count: usize) {
        self.largest = self.largest.max(count);
        if self.answered {
            self.told |= id.is_none() || self.id.is_none() || id == self.id.as_ref();
        } else if self.early.len() < MOST_EARLY {
            self.early.push(id.cloned());
        }
    }

    pub(super) fn is_answered(&self) -> bool {
        self.answered
    }

    /// Whether the list was told.
    pub(super) fn is_told(&self) -> bool {
        self.told
    }

    pub(super) fn id(&self) -> Option<&SubscriptionId> {
        self.id.as_ref()
    }

    /// Whether what the list does not have is certainly not there.
    pub(super) fn is_whole(&self) -> bool {
        self.largest < MOST_LISTED
    }
}

/// Conversations that the list after a reconnect does not have, while it is asked what became of them.
#[derive(Debug)]
pub(super) struct Missing {
    pub(super) ids: BTreeSet<ConversationId>,
    pub(super) listing: Listing,
    /// Notifications that came before it is known whose they are.
    pub(super) early: Vec<ConversationsChanged>,
}

impl Missing {
    pub(super) fn new(ids: Vec<ConversationId>) -> Self {
        Self {
            ids: ids.into_iter().collect(),
            listing: Listing::default(),
            early: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_counts_whichever_of_list_and_answer_comes_first() {
        let (own, other) = (SubscriptionId::from("a"), SubscriptionId::from("b"));
        for list_first in [true, false] {
            let mut listing = Listing::default();
            listing.came(Some(&other), 1);
            if list_first {
                listing.came(Some(&own), 2);
                assert!(!listing.is_told());
            }
            listing.answered(Some(own.clone()));
            assert_eq!(listing.is_told(), list_first);
            listing.came(Some(&other), 1);
            assert_eq!(listing.is_told(), list_first);
            listing.came(Some(&own), 2);
            assert!(listing.is_told() && listing.is_whole());
        }
    }

    #[test]
    fn a_list_at_its_limit_says_nothing_about_what_it_lacks() {
        let mut listing = Listing::default();
        listing.answered(None);
        listing.came(None, MOST_LISTED);
        assert!(listing.is_told() && !listing.is_whole());
    }
}
