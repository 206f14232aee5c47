//! The filters of a search. All of them combine with AND.

use std::ops::RangeInclusive;
use std::time::Duration;

use le_core::id::{AgentGroupId, SkillId, UserId};
use serde_json::json;

use super::search::SearchChats;
use crate::engagement_history::codes::{ChatChannel, ChatSearchArea};
use crate::generated::enums::AlertedMcs;

impl SearchChats {
    /// This text stands in one of these places. Put it in double quotes to look for the phrase; several phrases are not
    /// supported by the service.
    pub fn keyword(
        mut self,
        text: impl Into<String>,
        areas: impl IntoIterator<Item = impl Into<ChatSearchArea>>,
    ) -> Self {
        let text = text.into();
        self.request.check(text.matches('"').count() <= 2, || {
            "`keyword` holds more than one phrase in double quotes; the service takes one".to_owned()
        });
        let areas: Vec<ChatSearchArea> = areas.into_iter().map(Into::into).collect();
        self.request.check(!areas.is_empty(), || {
            "`keyword_search_area` is given no place; `keyword` needs at least one, e.g. chatLine".to_owned()
        });
        self.request.text("keyword", text);
        self.request.set("keyword_search_area", json!({ "types": areas }));
        self
    }

    /// Only chats in which the visitor wrote at least once (not called: all chats).
    pub fn interactive_only(mut self) -> Self {
        self.request.set("interactive", true);
        self
    }

    /// Of this skill.
    pub fn skill(self, skill: impl Into<SkillId>) -> Self {
        self.skills([skill.into()])
    }

    /// Of one of these skills.
    pub fn skills(mut self, skills: impl IntoIterator<Item = impl Into<SkillId>>) -> Self {
        self.request.extend("skillIds", skills.into_iter().map(Into::into));
        self
    }

    /// With one of these agents.
    pub fn agents(mut self, agents: impl IntoIterator<Item = impl Into<UserId>>) -> Self {
        self.request.extend("agentIds", agents.into_iter().map(Into::into));
        self
    }

    /// With an agent of one of these groups.
    pub fn agent_groups(mut self, groups: impl IntoIterator<Item = impl Into<AgentGroupId>>) -> Self {
        self.request.extend("agentGroupIds", groups.into_iter().map(Into::into));
        self
    }

    /// Took between `from` and `to` (whole seconds). The service wants both bounds.
    pub fn duration(mut self, from: Duration, to: Duration) -> Self {
        self.request.seconds("duration", from, to);
        self
    }

    /// Of this visitor.
    pub fn visitor(mut self, visitor: impl Into<String>) -> Self {
        self.request.text("visitor", visitor.into());
        self
    }

    /// Through this channel.
    pub fn channel(mut self, channel: impl Into<ChatChannel>) -> Self {
        let channel = channel.into();
        match channel.as_str().parse::<i64>() {
            Ok(code) => self.request.set("channel", code),
            Err(_) => self
                .request
                .check(false, || format!("`channel` {channel:?} is not a whole number")),
        }
        self
    }

    /// One of these alerted scores.
    pub fn alerted_mcs(mut self, values: impl IntoIterator<Item = AlertedMcs>) -> Self {
        self.request.extend("alertedMcsValues", values);
        self
    }

    /// Score, within 0 to 100.
    pub fn chat_mcs(mut self, scores: RangeInclusive<u32>) -> Self {
        self.request.score("chatMCS", scores, 0..=100);
        self
    }

    /// Whether both sides took part in a co-browse session.
    pub fn interactive_co_browse(mut self, yes: bool) -> Self {
        self.request.set("hasInteractiveCoBrowse", yes);
        self
    }

    /// Co-browse took between `from` and `to` (whole seconds). The service wants both bounds.
    pub fn co_browse_duration(mut self, from: Duration, to: Duration) -> Self {
        self.request.seconds("coBrowseDuration", from, to);
        self
    }

    /// Has lines with structured content.
    pub fn with_rich_content(mut self) -> Self {
        self.request.set("lineContentTypes", ["RICH_CONTENT"]);
        self
    }
}
