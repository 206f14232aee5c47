//! Where a link was, so that a restarted process goes on there.

use std::collections::BTreeMap;

use le_core::id::{ConversationId, DialogId};
use le_core::{Error, Timestamp};
use serde::{Deserialize, Serialize};

/// The form of [`Resume`] that this version writes.
const VERSION: u32 = 1;

/// Where a link was: of each dialog the last event that was [`handled`](super::AgentLink::handled), of each conversation its last
/// change. It holds ids, numbers and times, and nothing personal.
///
/// Save it as JSON or in any other form that serde knows, as often as you like, and give it to
/// [`LinkBuilder::resume`](super::LinkBuilder::resume). What was handled after it was saved is delivered again; nothing is left out.
///
/// ```
/// use le_bots::supervisor::Resume;
/// let text = serde_json::to_string(&Resume::default())?;
/// assert_eq!(serde_json::from_str::<Resume>(&text)?, Resume::default());
/// # Ok::<_, serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resume {
    version: u32,
    #[serde(default)]
    pub(super) conversations: BTreeMap<ConversationId, Place>,
}

/// Where one conversation was.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Place {
    /// Its last known change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) updated: Option<Timestamp>,
    /// Whether it had left already: it may come back, by a transfer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) left: bool,
    /// Of each dialog the last handled sequence.
    #[serde(default)]
    pub(super) dialogs: BTreeMap<DialogId, i64>,
}

impl Default for Resume {
    fn default() -> Self {
        Self {
            version: VERSION,
            conversations: BTreeMap::new(),
        }
    }
}

impl Resume {
    /// The last handled sequence of a dialog; `None` where none was.
    #[must_use]
    pub fn handled(&self, dialog: &DialogId) -> Option<i64> {
        let mut places = self.conversations.values();
        places.find_map(|place| place.dialogs.get(dialog)).copied()
    }

    /// The conversations that were open for the link.
    pub fn conversations(&self) -> impl Iterator<Item = &ConversationId> {
        let open = self.conversations.iter().filter(|(_, place)| !place.left);
        open.map(|(id, _)| id)
    }

    /// Says that the event with this sequence, and all before it in its dialog, were handled: for those who keep positions elsewhere.
    pub fn set_handled(&mut self, conversation: ConversationId, dialog: DialogId, sequence: i64) {
        let place = self.conversations.entry(conversation).or_default();
        place.dialogs.insert(dialog, sequence);
    }

    /// Refuses what a later version wrote in a form that this one does not know.
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.version > VERSION {
            let version = self.version;
            let message =
                format!("the resume position has version {version}, this library knows versions up to {VERSION}");
            return Err(Error::configuration(message)
                .with_advice("use the version of le-bots that wrote it, or start without it"));
        }
        Ok(())
    }
}
