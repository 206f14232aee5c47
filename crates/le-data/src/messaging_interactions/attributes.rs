//! Engagement attributes by type.

use std::ops::Deref;

use le_core::Timestamp;
use le_core::wire::{Extra, Int, RawRecord, Salvage, present};

use super::conversation::Conversation;
use super::sde::{
    CartStatus, Contact, CustomerInfo, CustomerInfoEvent, Lead, LeadEvent, MarketingCampaignInfo,
    MarketingCampaignInfoEvent, PersonalInfo, PersonalInfoEvent, Purchase, SdeEvent, Sdes, SearchContent,
    ServiceActivity, ServiceActivityEvent, ViewedProduct, VisitorError, VisitorErrorEvent,
};
use crate::generated::enums::SdeType;

/// The fields of an event: those of the record, or read from a legacy event that has them one level further up.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Fields<'a, T> {
    /// Those of the record.
    Borrowed(&'a T),
    /// Read on the way.
    Owned(Box<T>),
}

impl<T> Deref for Fields<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        match self {
            Self::Borrowed(fields) => fields,
            Self::Owned(fields) => fields,
        }
    }
}

/// What an event holds.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum SdePayload<'a> {
    /// The customer's standing.
    CustomerInfo(Fields<'a, CustomerInfo>),
    /// The person.
    PersonalInfo(Fields<'a, PersonalInfo>),
    /// The campaign that brought them.
    MarketingCampaignInfo(Fields<'a, MarketingCampaignInfo>),
    /// An interest.
    Lead(Fields<'a, Lead>),
    /// A service request.
    ServiceActivity(Fields<'a, ServiceActivity>),
    /// An error that the visitor met.
    VisitorError(Fields<'a, VisitorError>),
    /// A purchase.
    Purchase(&'a Purchase),
    /// What is in the cart.
    CartStatus(&'a CartStatus),
    /// Products that were looked at.
    ViewedProduct(&'a ViewedProduct),
    /// What was searched for.
    SearchContent(&'a SearchContent),
}

macro_rules! inner_payloads {
    ($( $event:ident.$field:ident: $payload:ident; )+) => {
        $(
            impl $event {
                /// The fields, also where a legacy event has them one level further up.
                #[must_use]
                pub fn fields(&self) -> Option<Fields<'_, $payload>> {
                    match &self.$field {
                        Some(payload) => Some(Fields::Borrowed(payload)),
                        None => of_extra(&self.extra).map(|fields| Fields::Owned(Box::new(fields))),
                    }
                }
            }
        )+
    };
}

inner_payloads! {
    CustomerInfoEvent.customer_info: CustomerInfo;
    PersonalInfoEvent.personal_info: PersonalInfo;
    MarketingCampaignInfoEvent.marketing_campaign_info: MarketingCampaignInfo;
    LeadEvent.lead: Lead;
    ServiceActivityEvent.service_activity: ServiceActivity;
    VisitorErrorEvent.visitor_error: VisitorError;
}

/// A record out of the members that have no field one level further up.
fn of_extra<T: Salvage>(extra: &Extra) -> Option<T> {
    if extra.iter().all(|(_, text)| text == "null") {
        return None;
    }
    let members: Vec<String> = extra
        .iter()
        .filter_map(|(name, text)| Some(format!("{}:{text}", serde_json::to_string(name).ok()?)))
        .collect();
    let raw = RawRecord::new(format!("{{{}}}", members.join(","))).ok()?;
    Some(raw.decode::<T>().ok()?.into_inner())
}

impl SdeEvent {
    /// What the event holds, by the payload that is there: some events do not say their type.
    #[must_use]
    pub fn payload(&self) -> Option<SdePayload<'_>> {
        use SdePayload as Payload;
        if let Some(event) = &self.customer_info {
            return event.fields().map(Payload::CustomerInfo);
        }
        if let Some(event) = &self.personal_info {
            return event.fields().map(Payload::PersonalInfo);
        }
        if let Some(event) = &self.marketing_campaign_info {
            return event.fields().map(Payload::MarketingCampaignInfo);
        }
        if let Some(event) = &self.lead {
            return event.fields().map(Payload::Lead);
        }
        if let Some(event) = &self.service_activity {
            return event.fields().map(Payload::ServiceActivity);
        }
        if let Some(event) = &self.visitor_error {
            return event.fields().map(Payload::VisitorError);
        }
        let purchase = self.purchase.as_ref().map(Payload::Purchase);
        purchase
            .or_else(|| self.cart_status.as_ref().map(Payload::CartStatus))
            .or_else(|| self.viewed_product.as_ref().map(Payload::ViewedProduct))
            .or_else(|| self.search_content.as_ref().map(Payload::SearchContent))
    }

    /// The type: what the event says, or else what its payload shows.
    #[must_use]
    pub fn kind(&self) -> Option<SdeType> {
        if let Some(kind) = &self.sde_type {
            return Some(kind.clone());
        }
        Some(match self.payload()? {
            SdePayload::CustomerInfo(_) => SdeType::CustomerInfo,
            SdePayload::PersonalInfo(_) => SdeType::PersonalInfo,
            SdePayload::MarketingCampaignInfo(_) => SdeType::MarketingCampaignInfo,
            SdePayload::Lead(_) => SdeType::Lead,
            SdePayload::ServiceActivity(_) => SdeType::ServiceActivity,
            SdePayload::VisitorError(_) => SdeType::VisitorError,
            SdePayload::Purchase(_) => SdeType::Purchase,
            SdePayload::CartStatus(_) => SdeType::CartStatus,
            SdePayload::ViewedProduct(_) => SdeType::ViewedProduct,
            SdePayload::SearchContent(_) => SdeType::SearchContent,
        })
    }

    /// When it was processed, from the event or from its payload.
    #[must_use]
    pub fn at(&self) -> Option<Timestamp> {
        self.stamp().and_then(Int::present).map(Timestamp::from_millis)
    }

    pub(super) fn stamp(&self) -> Option<&Int> {
        let inner = || {
            let stamps = [
                self.customer_info.as_ref().map(|event| &event.server_time_stamp),
                self.personal_info.as_ref().map(|event| &event.server_time_stamp),
                self.marketing_campaign_info
                    .as_ref()
                    .map(|event| &event.server_time_stamp),
                self.lead.as_ref().map(|event| &event.server_time_stamp),
                self.service_activity.as_ref().map(|event| &event.server_time_stamp),
                self.visitor_error.as_ref().map(|event| &event.server_time_stamp),
                self.purchase.as_ref().map(|event| &event.server_time_stamp),
                self.cart_status.as_ref().map(|event| &event.server_time_stamp),
                self.viewed_product.as_ref().map(|event| &event.server_time_stamp),
                self.search_content.as_ref().map(|event| &event.server_time_stamp),
            ];
            stamps.into_iter().flatten().find_map(Option::as_ref)
        };
        self.server_time_stamp.as_ref().or_else(inner)
    }
}

impl Contact {
    /// Address for mail, unless it is one of the spellings of "none".
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        let nested = self
            .personal_contact
            .as_ref()
            .and_then(|contact| contact.email.as_deref());
        nested.or(self.flat_email.as_deref()).and_then(present)
    }

    /// Telephone, unless it is one of the spellings of "none".
    #[must_use]
    pub fn phone(&self) -> Option<&str> {
        let nested = self
            .personal_contact
            .as_ref()
            .and_then(|contact| contact.phone.as_deref());
        nested
            .or(self.flat_phone.as_deref())
            .and_then(present)
            .filter(|phone| *phone != "0")
    }
}

impl Sdes {
    /// The events of a type, each once, in the order of the record.
    pub fn of_type(&self, kind: impl Into<SdeType>) -> impl Iterator<Item = &SdeEvent> {
        let kind = kind.into();
        self.distinct()
            .filter(move |event| event.kind().as_ref() == Some(&kind))
    }

    /// The events, each once: the service may send the same event several times.
    pub fn distinct(&self) -> impl Iterator<Item = &SdeEvent> {
        let mut seen = std::collections::HashSet::new();
        self.events
            .iter()
            .filter(move |event| match (event.kind(), event.stamp()) {
                (Some(kind), Some(stamp)) => seen.insert((kind, stamp.get())),
                _ => true,
            })
    }
}

impl Conversation {
    /// The events of a type, authenticated ones first.
    pub fn sdes_of(&self, kind: impl Into<SdeType>) -> impl Iterator<Item = &SdeEvent> {
        let kind = kind.into();
        let lists = [&self.sdes, &self.unauthenticated_sdes];
        lists
            .into_iter()
            .flatten()
            .flat_map(move |sdes| sdes.of_type(kind.clone()))
    }

    /// The newest event of a type, whether the consumer had signed in or not.
    #[must_use]
    pub fn latest_sde(&self, kind: impl Into<SdeType>) -> Option<&SdeEvent> {
        self.sdes_of(kind).max_by_key(|event| event.at())
    }
}
