//! The words of a conversation's state.

pub use crate::generated::enums::{ChangeKind, CloseReason, ConversationState, Role, Stage};
