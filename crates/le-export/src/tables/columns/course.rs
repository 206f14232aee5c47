//! The tables of a conversation's course: transfers and dialogs.

use crate::tables::column::{Column, List, Table};

/// One row for each transfer.
pub(super) const TRANSFERS: Table = Table {
    name: "transfers",
    doc: "One row for each move from one skill or agent to another.",
    key: &["dialog_id", "time", "by", "target_skill_id"],
    lists: &[List {
        path: "transfers",
        given: None,
    }],
    columns: &[
        Column::key("conversation_id", "The conversation."),
        Column::place("The row's place in its conversation, from 0."),
        Column::id("dialog_id", &["dialogId"], "The dialog."),
        Column::time("time", &["timeL", "time"], "When."),
        Column::text(
            "reason",
            &["reason"],
            "`back2Q`, `Agent`, `SuggestedAgentTimeout`, `Skill`, `TakeOver`, or another.",
        ),
        Column::id("by", &["by"], "Who did it."),
        Column::id("source_skill_id", &["sourceSkillId"], "The skill that it came from."),
        Column::named("source_skill", &["sourceSkillName"], "That skill's name."),
        Column::id("source_agent_id", &["sourceAgentId"], "The agent that it came from."),
        Column::named("source_agent", &["sourceAgentFullName"], "That agent's full name.").personal(),
        Column::named(
            "source_agent_login_name",
            &["sourceAgentLoginName"],
            "That agent's login name.",
        )
        .personal(),
        Column::named(
            "source_agent_nickname",
            &["sourceAgentNickname", "sourceAgentNickName"],
            "That agent's nickname.",
        )
        .personal(),
        Column::id("target_skill_id", &["targetSkillId"], "The skill that it went to."),
        Column::named("target_skill", &["targetSkillName"], "That skill's name."),
        Column::id(
            "assigned_agent_id",
            &["assignedAgentId"],
            "Who got it; NULL where nobody did.",
        ),
        Column::named("assigned_agent", &["assignedAgentFullName"], "Their full name.").personal(),
        Column::named(
            "assigned_agent_login_name",
            &["assignedAgentLoginName"],
            "Their login name.",
        )
        .personal(),
        Column::named(
            "assigned_agent_nickname",
            &["assignedAgentNickname", "assignedAgentNickName"],
            "Their nickname.",
        )
        .personal(),
        Column::json(
            "context_data",
            &["contextData"],
            "What bots and integrations attached: an object.",
        )
        .content(),
    ],
};

/// One row for each dialog.
pub(super) const DIALOGS: Table = Table {
    name: "dialogs",
    doc: "One row for each dialog: the main one, and the survey after it.",
    key: &["dialog_id"],
    lists: &[List {
        path: "dialogs",
        given: None,
    }],
    columns: &[
        Column::key("conversation_id", "The conversation."),
        Column::place("The row's place in its conversation, from 0."),
        Column::id(
            "dialog_id",
            &["dialogId"],
            "The dialog; the main one has the conversation's id.",
        ),
        Column::text("type", &["dialogType"], "`MAIN`, `POST_SURVEY`, or another."),
        Column::text("channel_type", &["dialogChannelType"], "The channel, e.g. `MESSAGING`."),
        Column::text("status", &["status"], "`OPEN` or `CLOSE`."),
        Column::time("start_time", &["startTimeL", "startTime"], "When it began."),
        Column::time(
            "end_time",
            &["endTimeL", "endTime"],
            "When it ended; NULL while it is open.",
        ),
        Column::text("close_reason", &["closeReason"], "Who or what ended it."),
        Column::text("close_reason_description", &["closeReasonDescription"], "More on that."),
        Column::id("skill_id", &["skillId"], "The skill."),
        Column::named("skill", &["skillName"], "The skill's name."),
    ],
};
