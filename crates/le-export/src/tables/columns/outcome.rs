//! The tables of what was answered and what was known: surveys and engagement attributes.

use crate::tables::column::{Column, List, Table};

/// One row for each answer.
pub(super) const SURVEYS: Table = Table {
    name: "surveys",
    doc: "One row for each answer of a survey, of consumers and of agents. A survey without answers has one row.",
    key: &[
        "kind",
        "survey_id",
        "dialog_id",
        "question_id",
        "question",
        "answer_id",
        "answer_seq",
    ],
    lists: &[
        List {
            path: "conversationSurveys",
            given: Some(("kind", "consumer")),
        },
        List {
            path: "latestAgentSurvey",
            given: Some(("kind", "agent")),
        },
        List {
            path: "previouslySubmittedAgentSurveys",
            given: Some(("kind", "agent")),
        },
    ],
    columns: &[
        Column::key("conversation_id", "The conversation."),
        Column::place("The row's place in its conversation, from 0."),
        Column::text("kind", &[], "Who fills it in: `consumer` or `agent`.").required(),
        Column::text(
            "type",
            &["surveyType"],
            "The kind of a consumer's survey, e.g. `PostSurvey`, `CSAT`.",
        ),
        Column::text(
            "status",
            &["surveyStatus"],
            "Filled in or not, e.g. `FILLED`, `SUBMITTED`, `DISMISSED`.",
        ),
        Column::text(
            "status_reason",
            &["statusReason"],
            "Why an agent's survey stands as it does.",
        ),
        Column::id(
            "survey_id",
            &["surveyId", "surveyID"],
            "The survey; of an agent's survey this run of it.",
        ),
        Column::id("definition_id", &["acSurveyId"], "An agent's survey as set up."),
        Column::named("definition", &["acSurveyName"], "Its name."),
        Column::integer("definition_revision", &["acSurveyRevision"], "Its revision."),
        Column::id("dialog_id", &["dialogId"], "The dialog."),
        Column::id("skill_id", &["surveySkillId"], "The skill of an agent's survey."),
        Column::named("skill", &["surveySkillName"], "That skill's name."),
        Column::id(
            "assigned_agent_id",
            &["assignedAgentId"],
            "Who was to fill in an agent's survey.",
        ),
        Column::named("assigned_agent", &["assignedAgentName"], "Their name.").personal(),
        Column::id(
            "performed_by_agent_id",
            &["performedByAgentId"],
            "Who did; NULL where it timed out.",
        ),
        Column::named("performed_by_agent", &["performedByAgentName"], "Their name.").personal(),
        Column::time(
            "update_time",
            &["lastUpdateTime"],
            "When an agent's survey last changed.",
        ),
        Column::id(
            "question_id",
            &[
                "surveyData[].questionId",
                "surveyData[].questionID",
                "submittedAnswers[].questionId",
            ],
            "The question.",
        ),
        Column::text(
            "question",
            &["surveyData[].question", "submittedAnswers[].questionText"],
            "Its text.",
        ),
        Column::text("question_name", &["surveyData[].questionName"], "Its name."),
        Column::text(
            "question_type",
            &["surveyData[].questionType", "submittedAnswers[].questionDefinition"],
            "What is asked, e.g. `csat`, `nps`, `fcr`, `custom`.",
        ),
        Column::text(
            "question_format",
            &["surveyData[].questionFormat", "submittedAnswers[].questionCategory"],
            "Choice or free text.",
        ),
        Column::id(
            "answer_id",
            &[
                "surveyData[].answerId",
                "surveyData[].answerID",
                "submittedAnswers[].answers[].answerId",
            ],
            "The answer's id; `InvalidAnswer` for one that does not fit.",
        ),
        Column::text(
            "answer",
            &["surveyData[].answer", "submittedAnswers[].answers[].answer"],
            "The answer.",
        )
        .content(),
        Column::integer("answer_seq", &["surveyData[].answerSeq"], "The answer's place."),
        Column::flag(
            "is_valid_answer",
            &["surveyData[].isValidAnswer"],
            "Whether the answer fits the question.",
        ),
    ],
};

/// One row for each engagement attribute event.
pub(super) const SDES: Table = Table {
    name: "sdes",
    doc: "One row for each engagement attribute (SDE) event, in the order they were sent. `payload` holds all of an event; the other columns are what is asked for most.",
    key: &["type", "server_time", "authenticated", "payload"],
    lists: &[
        List {
            path: "sdes.events",
            given: Some(("authenticated", "true")),
        },
        List {
            path: "SDEs.events",
            given: Some(("authenticated", "true")),
        },
        List {
            path: "unAuthSdes.events",
            given: Some(("authenticated", "false")),
        },
    ],
    columns: &[
        Column::key("conversation_id", "The conversation."),
        Column::place("The row's place in its conversation, from 0."),
        Column::text(
            "type",
            SDE_TYPE,
            "The type, e.g. `CUSTOMER_INFO`; of events that do not say it, from the payload.",
        ),
        Column::flag(
            "authenticated",
            &["isAuthenticated"],
            "Whether the consumer had signed in.",
        )
        .required(),
        Column::time(
            "server_time",
            &["serverTimeStamp", "*.serverTimeStamp"],
            "When it was processed.",
        ),
        Column::time("original_time", &["*.originalTimeStamp"], "When it was made."),
        Column::id(
            "customer_id",
            &["customerInfo.customerInfo.customerId", "customerInfo.customerId"],
            "The brand's own id of the customer.",
        )
        .personal(),
        Column::text(
            "customer_type",
            &["customerInfo.customerInfo.customerType", "customerInfo.customerType"],
            "The kind of customer.",
        )
        .content(),
        Column::text(
            "customer_status",
            &[
                "customerInfo.customerInfo.customerStatus",
                "customerInfo.customerStatus",
            ],
            "The customer's standing.",
        )
        .content(),
        Column::number(
            "balance",
            &["customerInfo.customerInfo.balance", "customerInfo.balance"],
            "The customer's balance.",
        )
        .content(),
        Column::text(
            "first_name",
            &["personalInfo.personalInfo.name", "personalInfo.name"],
            "The person's first name.",
        )
        .personal(),
        Column::text(
            "last_name",
            &["personalInfo.personalInfo.surname", "personalInfo.surname"],
            "The person's last name.",
        )
        .personal(),
        Column::text(
            "topic",
            &["*.*.topic"],
            "What an interest or a service request is about.",
        )
        .content(),
        Column::text(
            "category",
            &["serviceActivity.*.category"],
            "The category of a service request.",
        ),
        Column::integer(
            "status",
            &["serviceActivity.*.status"],
            "Where a service request stands, 0 to 13.",
        ),
        Column::id("lead_id", &["lead.lead.leadId"], "The brand's own id of an interest."),
        Column::id(
            "service_id",
            &["serviceActivity.*.serviceId"],
            "The brand's own id of a service request.",
        ),
        Column::id("order_id", &["purchase.orderId"], "The order."),
        Column::number(
            "total",
            &["purchase.total", "cartStatus.total", "lead.lead.value"],
            "The sum of a purchase or cart, or what an interest is worth.",
        ),
        Column::text(
            "currency",
            &[
                "purchase.currency",
                "cartStatus.currency",
                "viewedProduct.currency",
                "*.*.currency",
            ],
            "In which currency.",
        ),
        Column::integer(
            "item_count",
            &["cartStatus.numItems", "purchase.cart.numItems"],
            "How many things are in the cart.",
        ),
        Column::id(
            "campaign_id",
            &["marketingCampaignInfo.*.campaignId"],
            "The campaign that brought them.",
        ),
        Column::raw("payload", "The whole event as received."),
    ],
};

const SDE_TYPE: &[&str] = &[
    "sdeType",
    "customerInfo=CUSTOMER_INFO",
    "personalInfo=PERSONAL_INFO",
    "marketingCampaignInfo=MARKETING_CAMPAIGN_INFO",
    "lead=LEAD",
    "serviceActivity=SERVICE_ACTIVITY",
    "visitorError=VISITOR_ERROR",
    "formFillingError=VISITOR_ERROR",
    "purchase=PURCHASE",
    "cartStatus=CART_STATUS",
    "viewedProduct=VIEWED_PRODUCT",
    "viewProduct=VIEWED_PRODUCT",
    "searchContent=SEARCH_CONTENT",
];
