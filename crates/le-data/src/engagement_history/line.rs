//! The transcript of a chat.

use le_core::id::{Id, UserId};
use le_core::wire::{Int, List, RawRecord, TimeText, present};
use serde_json::Value;

use crate::generated::enums::{LineSource, LineSubType, LineTextType};
use crate::times::times;

/// A line of a transcript; text on the wire, which joins lines and their scores.
pub type LineSeq = Id<Line>;

le_core::record! {
    /// What was written in a chat.
    pub struct Transcript {
        /// The lines.
        lines: List<Line> = "lines" [safe],
    }
}

le_core::record! {
    /// A line of a transcript.
    pub struct Line {
        /// See [`Line::at`].
        time: Option<TimeText> = "time" [safe],
        /// See [`Line::at`].
        time_l: Option<Int> = "timeL" [safe],
        /// How the text is to be read.
        text_type: Option<LineTextType> = "textType" [safe],
        /// The text; missing where the content is structured.
        text: Option<String> = "text",
        /// Structured content. JSON here, not text that holds JSON.
        json: Option<RawRecord> = "json",
        /// The visitor's name, the agent's nickname, or `info`.
        by: Option<String> = "by",
        /// Which side wrote it.
        source: Option<LineSource> = "source" [safe],
        /// Who sees it.
        sub_type: Option<LineSubType> = "subType" [safe],
        /// The kind of a system line: 0 none, 3 connected, 4 welcome, 5 ended in the vendor's examples.
        control_type: Option<Int> = "controlType" [safe],
        /// 0 none, the id of a predefined content, or its negative where the agent changed it.
        canned_answer_type: Option<Int> = "cannedAnswerType" [safe],
        /// The agent; 0 where no agent wrote it.
        agent_id: Option<UserId> = "agentId" [safe],
        /// The line's number, which its score refers to.
        line_seq: Option<LineSeq> = "lineSeq" [safe],
    }
}

times!(Line {
    /// When it was written.
    at: time_l, time;
});

impl Line {
    /// The text, unless it is one of the spellings of "none".
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        present(self.text.as_deref()?)
    }

    /// The structured content. One client stored it as text that holds JSON; that is read too.
    #[must_use]
    pub fn structured(&self) -> Option<Value> {
        match self.json.as_ref()?.to_value().ok()? {
            Value::String(text) => serde_json::from_str(&text).ok(),
            value => Some(value),
        }
    }

    /// The agent who wrote it.
    #[must_use]
    pub fn agent(&self) -> Option<&UserId> {
        self.agent_id.as_ref()?.assigned().filter(|id| id.as_str() != "0")
    }

    /// The predefined content, and whether the agent changed it.
    #[must_use]
    pub fn predefined_content(&self) -> Option<(u64, bool)> {
        let code = self.canned_answer_type.as_ref()?.get();
        (code != 0).then(|| (code.unsigned_abs(), code < 0))
    }
}

le_core::record! {
    /// The sentiment of a line.
    pub struct LineScore {
        /// The line.
        line_seq: Option<LineSeq> = "lineSeq" [safe],
        /// The line's own score.
        line_raw_score: Option<Int> = "lineRawScore" [safe],
        /// The chat's score up to this line.
        mcs: Option<Int> = "mcs" [safe],
    }
}
