//! Engagements: chats and conversations.

use le_core::id::{CampaignId, ConversationId, DialogId, MessageId, SkillId, UserId};
use le_core::wire::{Flag, Int, List, RawRecord};

use crate::data_access::codes::EngagementKind;
use crate::generated::enums::Device;

le_core::record! {
    /// Whose record it is.
    pub struct VisitorHeader {
        /// The visit; may be empty.
        visit_id: Option<String> = "visitId" [safe],
        /// The visitor; may be empty.
        visitor_id: Option<String> = "visitorId",
        /// The context; may be empty.
        context_id: Option<String> = "contextId" [safe],
        /// The full name of the record.
        branch: Option<String> = "@branch" [safe],
    }
}

le_core::record! {
    /// Engagements of a visitor.
    pub struct EngagementData {
        /// Whose.
        header: Option<VisitorHeader> = "header" [safe],
        /// The engagements.
        engagements: List<EngagementDetails> = "engagements" [safe],
        /// The full name of the record.
        branch: Option<String> = "@branch" [safe],
    }
}

le_core::record! {
    /// A chat or a conversation.
    pub struct EngagementDetails {
        /// Which of the two.
        r#type: Option<EngagementKind> = "type" [safe],
        /// Its id; that of a chat has the account's id in front.
        conversation_id: Option<ConversationId> = "conversationId" [safe],
        /// When the visitor entered the queue, in milliseconds since 1970.
        conversation_start_time: Option<Int> = "conversationStartTime" [safe],
        /// When an agent came, in milliseconds since 1970.
        interaction_start_time: Option<Int> = "interactionStartTime" [safe],
        /// When it ended, in milliseconds since 1970.
        conversation_end_time: Option<Int> = "conversationEndTime" [safe],
        /// The consumer.
        consumer_id: Option<String> = "consumerId" [safe],
        /// Whether the visitor wrote, in the last part of it.
        is_interactive: Option<Flag> = "isInteractive" [safe],
        /// Where it came from, e.g. `Web`.
        source_origin: Option<String> = "sourceOrigin" [safe],
        /// The device.
        source_device: Option<Device> = "sourceDevice" [safe],
        /// Why it began: 0 the visitor asked, 2 transfer, 3 a transfer failed. The codes differ from Engagement History's.
        start_reason_id: Option<Int> = "startReasonId" [safe],
        /// Why it ended, in the codes of Engagement History.
        end_reason_id: Option<Int> = "endReasonId" [safe],
        /// The campaign.
        campaign_data: Option<CampaignData> = "campaignData" [safe],
        /// The skills, as examples have them.
        skills: List<SkillId> = "skills" [safe],
        /// The skill, as the vendor's table has it.
        skill_id: Option<SkillId> = "skillID" | "skillId" [safe],
        /// The agent, as the vendor's table has it.
        agent_id: Option<UserId> = "agentId" [safe],
        /// The title of the page on which it began.
        start_page: Option<String> = "startPage",
        /// The address of that page.
        start_url: Option<String> = "startUrl",
        /// What was written.
        transcripts: List<TranscriptMessage> = "transcripts" [safe],
        /// Moves from one skill or agent to another.
        transfers: List<TransferData> = "transfers" [safe],
        /// Secure forms. Their shape is not documented, so they are JSON text.
        secure_forms: List<RawRecord> = "secureForms",
        /// The score. Its shape is not documented, so it is JSON text.
        mcs: Option<RawRecord> = "mcs",
        /// When it was put into the queue, in milliseconds since 1970.
        queue_start_time: Option<Int> = "queueStartTime" [safe],
        /// When it left the queue, in milliseconds since 1970.
        queue_end_time: Option<Int> = "queueEndTime" [safe],
        /// The full name of the record.
        branch: Option<String> = "@branch" [safe],
    }
}

le_core::record! {
    /// The campaign of an engagement.
    pub struct CampaignData {
        /// The campaign.
        campaign_id: Option<CampaignId> = "campaignId" [safe],
        /// The engagement of that campaign.
        campaign_engagement_id: Option<Int> = "campaignEngagementId" [safe],
        /// The full name of the record.
        branch: Option<String> = "@branch" [safe],
    }
}

le_core::record! {
    /// A line or a message.
    pub struct TranscriptMessage {
        /// The text.
        text: Option<String> = "text",
        /// When, in milliseconds since 1970.
        timestamp: Option<Int> = "timestamp" [safe],
        /// Who wrote it, by name.
        by: Option<String> = "by",
        /// What it is: 0 the visitor's, 1 the agent's, 2 control, 3 an address, 4 HTML, 5 a comment of the agent.
        r#type: Option<Int> = "type" [safe],
        /// The kind of a control line.
        control_type: Option<Int> = "controlType" [safe],
        /// The agent.
        agent_id: Option<UserId> = "agentId" [safe],
        /// How the text is to be read: `NA`, `TEXT_PLAIN`, `IMG`, `TEXT_HTML`, `LINK`, `HOSTED_FILE`; `Text` in an example.
        content_format: Option<String> = "contentFormat" [safe],
        /// The message.
        message_id: Option<MessageId> = "messageId" [safe],
        /// The dialog.
        dialog_id: Option<DialogId> = "dialogId" [safe],
        /// A file. Said to be not supported.
        file_data: Option<FileData> = "fileData" [safe],
        /// A link. Said to be not supported.
        link_data: Option<LinkData> = "linkData" [safe],
        /// The score. Its shape is not documented, so it is JSON text.
        mcs: Option<RawRecord> = "mcs",
        /// The full name of the record.
        branch: Option<String> = "@branch" [safe],
    }
}

le_core::record! {
    /// A file in a message.
    pub struct FileData {
        /// The caption.
        caption: Option<String> = "caption",
        /// The kind of file.
        file_type: Option<String> = "fileType" [safe],
        /// The full name of the record.
        branch: Option<String> = "@branch" [safe],
    }
}

le_core::record! {
    /// A link in a message.
    pub struct LinkData {
        /// The address.
        external_file_link: Option<String> = "externalFileLink",
        /// The kind of file.
        file_type: Option<String> = "fileType" [safe],
        /// The caption.
        caption: Option<String> = "caption",
        /// The full name of the record.
        branch: Option<String> = "@branch" [safe],
    }
}

le_core::record! {
    /// A move from one skill or agent to another.
    pub struct TransferData {
        /// When, in milliseconds since 1970; text in the vendor's table.
        timestamp: Option<Int> = "timestamp" [safe],
        /// The skill it came from.
        skill_id: Option<SkillId> = "skillId" | "skillID" [safe],
        /// The skill it went to.
        target_skill_id: Option<SkillId> = "targetSkillId" | "targetSkillID" [safe],
        /// The agent it came from.
        agent_id: Option<UserId> = "agentId" [safe],
        /// The agent it went to.
        target_agent_id: Option<UserId> = "targetAgentId" [safe],
        /// Why, as a code.
        reason: Option<Int> = "reason" [safe],
        /// When it was put into the queue, in milliseconds since 1970.
        queue_start_time: Option<Int> = "queueStartTime" [safe],
        /// When it left the queue, in milliseconds since 1970.
        queue_end_time: Option<Int> = "queueEndTime" [safe],
        /// Whether the visitor wrote, in this part. Since schema version 1.0.0.34.
        is_interactive: Option<Flag> = "isInteractive" [safe],
        /// The full name of the record.
        branch: Option<String> = "@branch" [safe],
    }
}
