//! The tables of messages and of those who took part.

use crate::tables::column::{Column, List, Table};

/// One row for each message.
pub(super) const MESSAGES: Table = Table {
    name: "messages",
    doc: "One row for each message, in the order of the record.",
    key: &["message_id", "dialog_id", "seq"],
    lists: &[
        List {
            path: "messageRecords",
            given: None,
        },
        List {
            path: "messagesRecords",
            given: None,
        },
    ],
    columns: &[
        Column::key("conversation_id", "The conversation."),
        Column::place("The row's place in its conversation, from 0."),
        Column::id(
            "message_id",
            &["messageId"],
            "The message: `ms::dialog:<id>::msg:<n>`, in older data `ms::conv:`.",
        ),
        Column::id("dialog_id", &["dialogId"], "The dialog."),
        Column::integer("seq", &["seq"], "Its place in the dialog; gaps are allowed."),
        Column::time("time", &["timeL", "time"], "When it was sent."),
        Column::text(
            "sent_by",
            &["sentBy"],
            "Which side wrote it: `Consumer`, `Agent`, or another.",
        ),
        Column::id(
            "participant_id",
            &["participantId"],
            "Who wrote it: an agent's id or public id, or the consumer's id.",
        ),
        Column::text(
            "audience",
            &["audience"],
            "Who may see it: `ALL`, `AGENTS_AND_MANAGERS`.",
        ),
        Column::text(
            "type",
            &["type"],
            "What it holds, e.g. `TEXT_PLAIN`, `RICH_CONTENT`, `HOSTED_FILE`. An open set.",
        ),
        Column::text("text", &["messageData.msg.text"], "The text of a plain message.").content(),
        Column::text(
            "rich_content",
            &["messageData.richContent.content"],
            "Structured content, as JSON text.",
        )
        .content(),
        Column::text(
            "quick_replies",
            &["messageData.quickReplies.content"],
            "Quick replies, as JSON text.",
        )
        .content(),
        Column::text(
            "file_path",
            &["messageData.file.relativePath"],
            "The path of a file that the vendor stores. The history never holds its bytes.",
        )
        .content(),
        Column::text(
            "file_type",
            &["messageData.*.fileType"],
            "The kind of file, e.g. `PNG`.",
        ),
        Column::text("caption", &["messageData.*.caption"], "The caption of a file or link.").content(),
        Column::text(
            "link",
            &["messageData.*.externalFileLink"],
            "The address of a file elsewhere.",
        )
        .content(),
        Column::id("form_id", &["messageData.*.formId"], "A secure form."),
        Column::text("form_name", &["messageData.*.formName"], "Its name."),
        Column::id(
            "form_invitation_id",
            &["messageData.*.invitationId"],
            "The invitation to it.",
        ),
        Column::id(
            "form_submission_id",
            &["messageData.*.submissionId"],
            "Its return. What was filled in is not in the history.",
        ),
        Column::text("source", &["source"], "The channel."),
        Column::text(
            "integration_source",
            &["integrationSource"],
            "The integration that it came through.",
        ),
        Column::text("device", &["device"], "The device."),
        Column::flag(
            "predefined_content",
            &["predefinedContent"],
            "Whether it came from the predefined contents.",
        ),
        Column::id("predefined_content_id", &["predefinedContentId"], "Which one."),
        Column::id(
            "predefined_content_category_id",
            &["predefinedContentCategoryId"],
            "Its category.",
        ),
        Column::text(
            "predefined_content_language",
            &["predefinedContentLanguage"],
            "Its language.",
        ),
        Column::flag(
            "predefined_content_edited",
            &["predefinedContentEdited"],
            "Whether the agent changed it.",
        ),
        Column::json(
            "context_data",
            &["contextData"],
            "What bots and integrations attached: an object.",
        )
        .content(),
    ],
};

/// One row for each time that somebody joined.
pub(super) const PARTICIPANTS: Table = Table {
    name: "participants",
    doc: "Who took part: one row for each time that an agent, manager or bot joined, and one for each consumer.",
    key: &["kind", "dialog_id", "participant_id", "joined_time", "permission"],
    lists: &[
        List {
            path: "agentParticipants",
            given: Some(("kind", "agent")),
        },
        List {
            path: "consumerParticipants",
            given: Some(("kind", "consumer")),
        },
        List {
            path: "consumerParticipant",
            given: Some(("kind", "consumer")),
        },
    ],
    columns: &[
        Column::key("conversation_id", "The conversation."),
        Column::place("The row's place in its conversation, from 0."),
        Column::text(
            "kind",
            &[],
            "`agent` (the brand's side: also managers and bots) or `consumer`.",
        )
        .required(),
        Column::id(
            "participant_id",
            &["agentId", "participantId"],
            "An agent's number, or the consumer's id.",
        ),
        Column::id(
            "participant_pid",
            &["agentPid"],
            "An agent's public id, as messages may name it.",
        ),
        Column::id("dialog_id", &["dialogId"], "The dialog."),
        Column::time(
            "joined_time",
            &["joinTimeL", "joinTime", "timeL", "time"],
            "When they joined; of a consumer without such a time, when the data last changed.",
        ),
        Column::text(
            "user_type",
            &["userTypeName", "userType"],
            "`Human`, `Bot` or `System`; in data without the word, its digit.",
        ),
        Column::text("role", &["role"], "Their role."),
        Column::text(
            "permission",
            &["permission"],
            "What they may do, e.g. `ASSIGNED_AGENT`, `READER`, `MANAGER`.",
        ),
        Column::named(
            "name",
            &["agentFullName", "agentFullname", "consumerName"],
            "Full name, or a consumer's name as shown.",
        )
        .personal(),
        Column::named(
            "nickname",
            &["agentNickname", "agentNickName", "agentName"],
            "An agent's nickname.",
        )
        .personal(),
        Column::named("login_name", &["agentLoginName"], "An agent's login name.").personal(),
        Column::flag("deleted", &["agentDeleted"], "Whether the agent has been deleted."),
        Column::id("agent_group_id", &["agentGroupId"], "An agent's group."),
        Column::named("agent_group", &["agentGroupName"], "That group's name."),
        Column::text("first_name", &["firstName"], "A consumer's first name.").personal(),
        Column::text("last_name", &["lastName"], "A consumer's last name.").personal(),
        Column::text("email", &["email"], "A consumer's address for mail.").personal(),
        Column::phone("phone", &["phone"], "A consumer's telephone.").personal(),
        Column::text("avatar_url", &["avatarURL", "avatarUrl"], "A consumer's picture.").personal(),
    ],
};
