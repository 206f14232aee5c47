//! Whether LivePerson's own record agrees with what the page forwards.

use async_trait::async_trait;
use le_attributes::widget::PublicModel;
use le_core::Result;
use le_data::Data;
use le_data::messaging_interactions::SdePayload;

/// What LivePerson says about conversations.
#[async_trait]
pub(crate) trait Records: Send + Sync {
    /// The customer types that were reported in this conversation, the authenticated ones first.
    async fn customer_types(&self, conversation: &str) -> Result<Vec<String>>;
}

#[async_trait]
impl Records for Data {
    async fn customer_types(&self, conversation: &str) -> Result<Vec<String>> {
        let record = self.conversations().by_id(conversation).get().await?;
        let types = record
            .sdes_of("CUSTOMER_INFO")
            .filter_map(|event| match event.payload() {
                Some(SdePayload::CustomerInfo(fields)) => fields.customer_type.clone(),
                _ => None,
            })
            .collect();
        Ok(types)
    }
}

/// How far a page is confirmed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Confirmation {
    /// The conversation and the customer type that were asked about.
    asked: Option<(String, String)>,
    /// Whether the record has that type; `None` where nobody was asked or nobody answered.
    agrees: Option<bool>,
}

impl Confirmation {
    pub(super) fn words(&self) -> &'static str {
        match self.agrees {
            Some(true) => "confirmed by LivePerson",
            Some(false) => "not in LivePerson's record",
            None => "as the page says, not confirmed",
        }
    }
}

fn question(view: &PublicModel) -> Option<(String, String)> {
    let conversation = view.chat_info.as_ref()?.real_time_session_id.clone()?;
    let claimed = view
        .attributes
        .as_ref()?
        .customer_details
        .last()?
        .customer_type
        .clone()?;
    Some((conversation, claimed))
}

/// Asks once for each conversation and claim.
pub(super) async fn confirm(records: &dyn Records, view: &PublicModel, known: Option<Confirmation>) -> Confirmation {
    let asked = question(view);
    if let Some(known) = known.filter(|known| known.asked == asked && known.agrees.is_some()) {
        return known;
    }
    let agrees = match &asked {
        None => None,
        Some((conversation, claimed)) => records
            .customer_types(conversation)
            .await
            .ok()
            // The account matches types without regard to case.
            .map(|types| types.iter().any(|found| found.eq_ignore_ascii_case(claimed))),
    };
    Confirmation { asked, agrees }
}
