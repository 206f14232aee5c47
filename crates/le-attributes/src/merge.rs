//! What several reports of attributes amount to.

use crate::catalogue::{self, Repeat};
use crate::payload::Envelope as _;
use crate::sde::Sde;

/// Where a visitor talks: the repeat rules differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Channel {
    /// Chat: attributes belong to the session of the visit.
    Chat,
    /// Messaging: attributes belong to the conversation.
    Messaging,
}

impl Channel {
    /// What a further report of a type does here. A type that this version does not know is taken to append, so that nothing is
    /// lost.
    #[must_use]
    pub fn repeat(self, type_name: &str) -> Repeat {
        catalogue::find(type_name).map_or(Repeat::Append, |kind| match self {
            Self::Chat => kind.chat,
            Self::Messaging => kind.messaging,
        })
    }
}

/// What an agent sees of a visitor after `new` is reported on top of `existing`.
///
/// Both are reports in the order in which they were made; `existing` may also be an earlier preview. The repeat rule of each type
/// ([`Channel::repeat`]) says what a further report does:
///
/// * *append*: it adds an item. All purchases, viewed products, leads, errors and searches; in chat service activities too.
/// * *replace*: it takes the place of the older one, and members that it lacks are gone. Carts; in messaging customer info,
///   personal info, marketing source and service activity too. So in messaging always send the complete object.
/// * *update*: the members of the payload that it has are set, the others stay. Customer info, personal info and marketing
///   source, in chat only. A member is set as a whole: a new list of contacts takes the place of the old one, and so does a date.
///   A member that comes as `null` is set to that.
///
/// A replaced or updated attribute keeps its place in the list. Impressions are not shown to agents and are left out.
///
/// In chat this is what the live view shows; the view of a closed chat has the last version only, and the history has every
/// version.
///
/// ```
/// use le_attributes::{Channel, Sde, customer::CustomerInfo, merge_preview};
///
/// let before = [Sde::from(CustomerInfo::default().customer_type("gold"))];
/// let now = [Sde::from(CustomerInfo::default().role("buyer"))];
/// let shown = |channel| serde_json::to_string(&merge_preview(&before, &now, channel));
/// assert_eq!(shown(Channel::Chat)?, r#"[{"type":"ctmrinfo","info":{"ctype":"gold","role":"buyer"}}]"#);
/// assert_eq!(shown(Channel::Messaging)?, r#"[{"type":"ctmrinfo","info":{"role":"buyer"}}]"#);
/// # Ok::<_, serde_json::Error>(())
/// ```
#[must_use]
pub fn merge_preview(existing: &[Sde], new: &[Sde], channel: Channel) -> Vec<Sde> {
    let mut shown: Vec<Sde> = Vec::with_capacity(existing.len() + new.len());
    for report in existing.iter().chain(new) {
        let name = report.type_name().unwrap_or_default();
        let repeat = channel.repeat(&name);
        let same = |one: &&mut Sde| one.type_name().is_some_and(|own| own == name);
        match (repeat, shown.iter_mut().find(same)) {
            (Repeat::NotShown, _) => {}
            (Repeat::Update, Some(older)) => older.update(report),
            (Repeat::Replace, Some(older)) => older.clone_from(report),
            _ => shown.push(report.clone()),
        }
    }
    shown
}

impl Sde {
    /// Sets what a newer report of the same type has, and leaves the rest.
    fn update(&mut self, newer: &Self) {
        match (self, newer) {
            (Self::CustomerInfo(older), Self::CustomerInfo(newer)) => older.as_mut().update(newer),
            (Self::Personal(older), Self::Personal(newer)) => older.update(newer),
            (Self::MarketingSource(older), Self::MarketingSource(newer)) => older.update(newer),
            // No other type is updated, in either channel.
            (older, newer) => older.clone_from(newer),
        }
    }
}
