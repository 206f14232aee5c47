//! A whole event to the attributes that are sent, and back.

use std::borrow::Cow;

use le_core::wire::{Extra, RawRecord, Salvage};

use super::event::{
    CustomerInfoEvent, Event, LeadEvent, MarketingCampaignInfoEvent, PersonalInfoEvent, ServiceActivityEvent,
    VisitorErrorEvent,
};
use super::payloads::{CustomerInfo, Lead, MarketingCampaignInfo, PersonalInfo, ServiceActivity, VisitorError};
use crate::sde::Sde;
use crate::{customer, journey, marketing, personal, shopping};

/// The fields of a payload, which legacy events have beside the times, where others have them one level below.
fn fields<'a, T: Salvage + Clone>(inner: Option<&'a T>, beside: &Extra) -> Option<Cow<'a, T>> {
    if let Some(inner) = inner {
        return Some(Cow::Borrowed(inner));
    }
    if beside.iter().all(|(_, json)| json == "null") {
        return None;
    }
    let members: Vec<String> = beside
        .iter()
        .filter_map(|(name, json)| Some(format!("{}:{json}", serde_json::to_string(name).ok()?)))
        .collect();
    let raw = RawRecord::new(format!("{{{}}}", members.join(","))).ok()?;
    Some(Cow::Owned(raw.decode::<T>().ok()?.into_inner()))
}

impl Event {
    /// The attributes as they are sent: one for each payload of the event that this version knows, in the order of the pages.
    #[must_use]
    pub fn sent(&self) -> Vec<Sde> {
        fn from<'a, R, S: From<&'a R>>(payload: Option<&'a R>) -> Option<Sde>
        where
            Sde: From<S>,
        {
            payload.map(|payload| Sde::from(S::from(payload)))
        }
        let customer = self.customer_info.as_ref();
        let customer = customer.and_then(|event| fields(event.customer_info.as_ref(), &event.extra));
        let person = self.personal_info.as_ref();
        let person = person.and_then(|event| fields(event.personal_info.as_ref(), &event.extra));
        let source = self.marketing_campaign_info.as_ref();
        let source = source.and_then(|event| fields(event.marketing_campaign_info.as_ref(), &event.extra));
        let lead = self.lead.as_ref();
        let lead = lead.and_then(|event| fields(event.lead.as_ref(), &event.extra));
        let service = self.service_activity.as_ref();
        let service = service.and_then(|event| fields(event.service_activity.as_ref(), &event.extra));
        let error = self.visitor_error.as_ref();
        let error = error.and_then(|event| fields(event.visitor_error.as_ref(), &event.extra));
        [
            from::<_, customer::CustomerInfo>(customer.as_deref()),
            from::<_, personal::Personal>(person.as_deref()),
            from::<_, marketing::MarketingSource>(source.as_deref()),
            from::<_, shopping::Cart>(self.cart_status.as_ref()),
            from::<_, shopping::Purchase>(self.purchase.as_ref()),
            from::<_, shopping::ViewedProduct>(self.viewed_product.as_ref()),
            from::<_, journey::Lead>(lead.as_deref()),
            from::<_, journey::ServiceActivity>(service.as_deref()),
            from::<_, journey::VisitorError>(error.as_deref()),
            from::<_, journey::SearchedContent>(self.search_content.as_ref()),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The event that a sent attribute becomes, without times; none for impressions and for types that this version does not
    /// know, which nobody reads.
    #[must_use]
    pub fn of(sent: &Sde) -> Option<Self> {
        let mut event = Self::default();
        match sent {
            Sde::CustomerInfo(sent) => {
                let customer_info = sent.info.as_ref().map(CustomerInfo::from);
                event.customer_info = Some(CustomerInfoEvent {
                    customer_info,
                    ..Default::default()
                });
            }
            Sde::Personal(sent) => {
                let personal_info = sent.personal.as_ref().map(PersonalInfo::from);
                event.personal_info = Some(PersonalInfoEvent {
                    personal_info,
                    ..Default::default()
                });
            }
            Sde::MarketingSource(sent) => {
                let marketing_campaign_info = sent.info.as_ref().map(MarketingCampaignInfo::from);
                event.marketing_campaign_info = Some(MarketingCampaignInfoEvent {
                    marketing_campaign_info,
                    ..Default::default()
                });
            }
            Sde::Lead(sent) => {
                let lead = sent.lead.as_ref().map(Lead::from);
                event.lead = Some(LeadEvent {
                    lead,
                    ..Default::default()
                });
            }
            Sde::ServiceActivity(sent) => {
                let service_activity = sent.service.as_ref().map(ServiceActivity::from);
                event.service_activity = Some(ServiceActivityEvent {
                    service_activity,
                    ..Default::default()
                });
            }
            Sde::VisitorError(sent) => {
                let visitor_error = sent.error.as_ref().map(VisitorError::from);
                event.visitor_error = Some(VisitorErrorEvent {
                    visitor_error,
                    ..Default::default()
                });
            }
            Sde::Cart(sent) => event.cart_status = Some(sent.into()),
            Sde::Purchase(sent) => event.purchase = Some(sent.into()),
            Sde::ViewedProduct(sent) => event.viewed_product = Some(sent.into()),
            Sde::SearchedContent(sent) => event.search_content = Some(sent.into()),
            Sde::Impression(_) | Sde::Other(_) => return None,
        }
        let names = event.attribute_type().and_then(|kind| kind.read);
        event.sde_type = names.map(|names| names.sde_type.to_owned());
        Some(event)
    }
}
