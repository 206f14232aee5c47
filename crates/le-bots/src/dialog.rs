//! The words of a dialog: a part of a conversation with its own messages and sequence.

pub use crate::generated::enums::{ChannelType, ChatState, DialogType, ParticipantState};
