//! One report with its times and its page, and the key that says what it is.

use le_core::wire::{Flag, Float, Int, List};

use super::payloads::{
    CustomerInfo, Lead, MarketingCampaignInfo, PersonalInfo, PurchasedCart, ServiceActivity, VisitorError,
};
use crate::catalogue::{self, AttributeType};
use crate::shopping::Line;

le_core::record! {
    /// Where something was reported.
    pub struct EventContexts {
        /// The page.
        page: Option<EventPage> = "page" [safe],
    }
}

le_core::record! {
    /// A page, by its id.
    pub struct EventPage {
        /// The id, as reports carry it.
        id: Option<String> = "id" [safe],
    }
}

/// When and where something was reported.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Stamp {
    /// When the service processed it, in milliseconds since 1970.
    pub server_time: Option<i64>,
    /// When it was made, in milliseconds since 1970. The histories have it.
    pub original_time: Option<i64>,
    /// Whether the consumer had signed in, where it is said.
    pub is_authenticated: Option<bool>,
    /// The page, where it is said.
    pub page_id: Option<String>,
}

/// Declares the objects under the keys of an event. `in` says under which member the payload lies; the others have their fields
/// beside the times.
macro_rules! events {
    ($(
        $(#[$meta:meta])*
        $name:ident {
            $( $(#[$field_meta:meta])* $field:ident: $type:ty = $wire:literal $(| $alias:literal)* $([$mark:ident])?, )*
        }
    )+) => {
        $(
            le_core::record! {
                $(#[$meta])*
                pub struct $name {
                    /// When the service processed it, in milliseconds since 1970.
                    server_time_stamp: Option<Int> = "serverTimeStamp" [safe],
                    /// When it was made, in milliseconds since 1970.
                    original_time_stamp: Option<Int> = "originalTimeStamp" [safe],
                    /// Whether the consumer had signed in.
                    is_authenticated: Option<Flag> = "isAuthenticated" [safe],
                    /// Where it was reported.
                    contexts: Option<EventContexts> = "contexts" [safe],
                    $( $(#[$field_meta])* $field: $type = $wire $(| $alias)* $([$mark])?, )*
                }
            }

            impl $name {
                /// When and where it was reported.
                #[must_use]
                pub fn stamp(&self) -> Stamp {
                    let page = self.contexts.as_ref().and_then(|contexts| contexts.page.as_ref());
                    Stamp {
                        server_time: self.server_time_stamp.as_ref().map(Int::get),
                        original_time: self.original_time_stamp.as_ref().map(Int::get),
                        is_authenticated: self.is_authenticated.as_ref().map(Flag::get),
                        page_id: page.and_then(|page| page.id.clone()),
                    }
                }
            }
        )+
    };
}

events! {
    /// Customer info with its times.
    CustomerInfoEvent {
        /// The fields. Legacy events may lack this level: their fields are in `extra`, and [`Event::sent`] finds them.
        customer_info: Option<CustomerInfo> = "customerInfo" [safe],
    }

    /// Personal info with its times.
    PersonalInfoEvent {
        /// The fields. Legacy events may lack this level: their fields are in `extra`, and [`Event::sent`] finds them.
        personal_info: Option<PersonalInfo> = "personalInfo" [safe],
    }

    /// The marketing source with its times.
    MarketingCampaignInfoEvent {
        /// The fields.
        marketing_campaign_info: Option<MarketingCampaignInfo> = "marketingCampaignInfo" [safe],
    }

    /// A lead with its times.
    LeadEvent {
        /// The fields.
        lead: Option<Lead> = "lead" [safe],
    }

    /// A service activity with its times.
    ServiceActivityEvent {
        /// The fields.
        service_activity: Option<ServiceActivity> = "serviceActivity" [safe],
    }

    /// An error with its times.
    VisitorErrorEvent {
        /// The fields.
        visitor_error: Option<VisitorError> = "visitorError" [safe],
    }

    /// What was in the cart, beside its times.
    CartStatusEvent {
        /// Value of the cart.
        total: Option<Float> = "total",
        /// Three letters, e.g. `EUR`.
        currency: Option<String> = "currency" | "Currency",
        /// Number of items.
        num_items: Option<Int> = "numItems",
        /// What is in it.
        products: List<Line> = "products" [safe],
    }

    /// A transaction, beside its times.
    PurchaseEvent {
        /// Value after discounts.
        total: Option<Float> = "total",
        /// Three letters, e.g. `EUR`.
        currency: Option<String> = "currency" | "Currency",
        /// Number of the order or receipt.
        order_id: Option<String> = "orderId",
        /// What was bought.
        cart: Option<PurchasedCart> = "cart" [safe],
        /// Which purchase of the session it is.
        sequence_id: Option<le_core::id::Id<PurchaseEvent>> = "purchaseSeqId" [safe],
        /// Whether the order id came before.
        is_repeated: Option<Flag> = "repeatedOrderId" [safe],
    }

    /// Products that were looked at, beside their times.
    ViewedProductEvent {
        /// Three letters, e.g. `EUR`.
        currency: Option<String> = "currency" | "Currency",
        /// The products.
        products: List<Line> = "products" [safe],
        /// The one product, as a visit's state has it outside its events.
        product: Option<crate::shopping::Product> = "product" [safe],
    }

    /// What was searched for, beside its times.
    SearchContentEvent {
        /// The words.
        keywords: List<String> = "keywords",
    }
}

le_core::record! {
    /// One report as it is read: a payload under the key that says what it is. The requests to third-party bots have several
    /// keys in one object.
    ///
    /// The type follows from the key, since events without `sdeType` exist.
    pub struct Event {
        /// The type, in the histories.
        sde_type: Option<String> = "sdeType" [safe],
        /// When the service processed it, in the histories; the payloads say it too.
        server_time_stamp: Option<Int> = "serverTimeStamp" [safe],
        /// Whether the consumer had signed in; the histories say it of unauthenticated ones.
        is_authenticated: Option<Flag> = "isAuthenticated" [safe],
        /// Customer info.
        customer_info: Option<CustomerInfoEvent> = "customerInfo" [safe],
        /// Personal info.
        personal_info: Option<PersonalInfoEvent> = "personalInfo" [safe],
        /// The marketing source.
        marketing_campaign_info: Option<MarketingCampaignInfoEvent> = "marketingCampaignInfo" [safe],
        /// A cart.
        cart_status: Option<CartStatusEvent> = "cartStatus" [safe],
        /// A transaction.
        purchase: Option<PurchaseEvent> = "purchase" [safe],
        /// Products that were looked at.
        viewed_product: Option<ViewedProductEvent> = "viewedProduct" | "viewProduct" [safe],
        /// A lead.
        lead: Option<LeadEvent> = "lead" [safe],
        /// A service activity.
        service_activity: Option<ServiceActivityEvent> = "serviceActivity" [safe],
        /// An error.
        visitor_error: Option<VisitorErrorEvent> = "visitorError" | "formFillingError" [safe],
        /// What was searched for.
        search_content: Option<SearchContentEvent> = "searchContent" [safe],
    }
}

impl Event {
    /// The type, by the first key that is there; none where there is none that this version knows.
    #[must_use]
    pub fn attribute_type(&self) -> Option<&'static AttributeType> {
        let keys = [
            (self.customer_info.is_some(), "ctmrinfo"),
            (self.personal_info.is_some(), "personal"),
            (self.marketing_campaign_info.is_some(), "mrktInfo"),
            (self.cart_status.is_some(), "cart"),
            (self.purchase.is_some(), "purchase"),
            (self.viewed_product.is_some(), "prodView"),
            (self.lead.is_some(), "lead"),
            (self.service_activity.is_some(), "service"),
            (self.visitor_error.is_some(), "error"),
            (self.search_content.is_some(), "searchInfo"),
        ];
        let (_, wire) = keys.into_iter().find(|(there, _)| *there)?;
        catalogue::find(wire)
    }

    /// When and where it was reported, from wherever the event says it; of several payloads that of the first.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        let payloads = [
            self.customer_info.as_ref().map(CustomerInfoEvent::stamp),
            self.personal_info.as_ref().map(PersonalInfoEvent::stamp),
            self.marketing_campaign_info
                .as_ref()
                .map(MarketingCampaignInfoEvent::stamp),
            self.cart_status.as_ref().map(CartStatusEvent::stamp),
            self.purchase.as_ref().map(PurchaseEvent::stamp),
            self.viewed_product.as_ref().map(ViewedProductEvent::stamp),
            self.lead.as_ref().map(LeadEvent::stamp),
            self.service_activity.as_ref().map(ServiceActivityEvent::stamp),
            self.visitor_error.as_ref().map(VisitorErrorEvent::stamp),
            self.search_content.as_ref().map(SearchContentEvent::stamp),
        ];
        let mut stamp = payloads.into_iter().flatten().next().unwrap_or_default();
        let outside = self.server_time_stamp.as_ref().map(Int::get);
        stamp.server_time = stamp.server_time.or(outside);
        let outside = self.is_authenticated.as_ref().map(Flag::get);
        stamp.is_authenticated = stamp.is_authenticated.or(outside);
        stamp
    }
}
