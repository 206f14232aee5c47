//! The visitor's way: lead, service activity, visitor error, searched content.

use crate::payload::around;

pub use crate::generated::payloads::{Lead, SearchedContent, ServiceActivity, ServiceStatus, VisitorError};

around! {
    /// A lead as it is sent: `{"type":"lead","lead":{...}}`.
    LeadSde { lead: Lead = "lead" }
}

around! {
    /// A service activity as it is sent: `{"type":"service","service":{...}}`.
    ServiceActivitySde { service: ServiceActivity = "service" }
}

impl ServiceActivity {
    /// What the number of [`status`](Self::status) means.
    #[must_use]
    pub fn status_kind(&self) -> Option<ServiceStatus> {
        self.status.as_ref().map(ServiceStatus::from)
    }
}

around! {
    /// A visitor error as it is sent: `{"type":"error","error":{...}}`.
    VisitorErrorSde { error: VisitorError = "error" }
}

impl SearchedContent {
    /// A search for these words.
    #[must_use]
    pub fn of<T: Into<String>>(keywords: impl IntoIterator<Item = T>) -> Self {
        Self::default().keywords(keywords.into_iter().map(Into::into).collect::<Vec<String>>())
    }
}
