//! The visitor's way: lead, service activity, visitor error, searched content.

use le_core::wire::{Flag, Float, Int, List};

use crate::payload::{around, numbers, payload};

around! {
    /// A lead as it is sent: `{"type":"lead","lead":{...}}`.
    LeadSde { lead: Lead = "lead" }
}

payload! {
    /// Interest in a product or service. Each report adds one; the value counts as revenue.
    pub struct Lead {
        /// Topic.
        topic: Option<String> = "topic",
        /// Value in [`currency`](Self::currency).
        value: Option<Float> = "value",
        /// Three letters, e.g. `EUR`.
        currency: Option<String> = "currency",
        /// Id of the lead or ticket.
        lead_id: Option<String> = "leadId",
    }
}

around! {
    /// A service activity as it is sent: `{"type":"service","service":{...}}`.
    ServiceActivitySde { service: ServiceActivity = "service" }
}

payload! {
    /// A service request. In chat each report adds one, in messaging it replaces the older one.
    pub struct ServiceActivity {
        /// Topic.
        topic: Option<String> = "topic",
        /// The number of a [`ServiceStatus`].
        status: Option<Int> = "status",
        /// Category.
        category: Option<String> = "category",
        /// Id of the request.
        service_id: Option<String> = "serviceId",
    }
}

impl ServiceActivity {
    /// What the number of [`status`](Self::status) means.
    #[must_use]
    pub fn status_kind(&self) -> Option<ServiceStatus> {
        self.status.as_ref().map(ServiceStatus::from)
    }
}

numbers! {
    /// How far a service request is.
    ///
    /// <https://developers.liveperson.com/engagement-attributes-api-engagement-attributes.html>
    pub enum ServiceStatus {
        /// Complete.
        Complete = 0,
        /// In progress.
        InProgress = 1,
        /// Approved.
        Approved = 2,
        /// Cancelled.
        Cancelled = 3,
        /// Not approved.
        NotApproved = 4,
        /// Reviewed.
        Reviewed = 5,
        /// Details are missing.
        MissingDetails = 6,
        /// Closed.
        Closed = 7,
        /// Removed.
        Removed = 8,
        /// Assigned.
        Assigned = 9,
        /// Waiting for the customer.
        WaitingForCustomer = 10,
        /// Waiting for a response.
        WaitingForResponse = 11,
        /// Pending.
        Pending = 12,
        /// Resolved.
        Resolved = 13,
    }
}

around! {
    /// A visitor error as it is sent: `{"type":"error","error":{...}}`.
    VisitorErrorSde { error: VisitorError = "error" }
}

payload! {
    /// An error that the visitor met. Each report adds one; agents see it until it is resolved.
    pub struct VisitorError {
        /// Name of the form or flow.
        context_id: Option<String> = "contextId",
        /// Message.
        message: Option<String> = "message",
        /// Code.
        code: Option<String> = "code",
        /// Level.
        level: Option<Int> = "level",
        /// Whether it is resolved.
        resolved: Option<Flag> = "resolved",
    }
}

payload! {
    /// What was searched for (`searchInfo`). Each report adds one; it cannot be reported from mobile apps.
    pub struct SearchedContent {
        /// The words.
        keywords: List<String> = "keywords",
    }
}

impl SearchedContent {
    /// A search for these words.
    #[must_use]
    pub fn of<T: Into<String>>(keywords: impl IntoIterator<Item = T>) -> Self {
        Self::default().keywords(keywords.into_iter().map(Into::into).collect::<Vec<String>>())
    }
}
