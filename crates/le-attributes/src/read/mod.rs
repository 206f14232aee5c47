//! Attributes as they come back: Visit Information, the histories, the requests to third-party bots.
//!
//! The read side has names of its own (`ctype` comes back as `customerType`, `cart` as `cartStatus`), adds what only the service
//! knows (sequence ids, whether an order id was repeated, times, the page), and writes the same thing in several ways: scalars
//! as text in version 1 of the history, contacts flat or wrapped, an age as an object or as a number, explicit nulls. All of that
//! is read, and written back as it came.
//!
//! [`Event`] is one report with its times. [`Event::sent`] gives the attribute as it is sent; [`Event::of`] goes the other way.
//! Single payloads convert with `From`, by the name map of the [`catalogue`](crate::catalogue).
//!
//! What is lost on the way to the send layout, since nobody can send it: the times, the page and whether the consumer was
//! authenticated; `purchaseSeqId`, `repeatedOrderId`, `leadSeqId`, `repeatedLeadId`, `ticketId`, `serviceSeqId`,
//! `repeatedServiceActivity`; `preferredContactMethod` and `zipCode`; total and currency of the cart inside a purchase, and that
//! cart where nothing is in it; the quantity of a viewed product, and what of a product in a cart is in stock; explicit nulls;
//! contacts and viewed products that are no objects; and whether a number came as text. On the way to the read layout nothing of
//! the payload is lost but explicit nulls; what stands beside it (`auth`) is. Members that nobody knows are carried along both
//! ways.
//!
//! ```
//! use le_attributes::read::Event;
//!
//! let event: Event = serde_json::from_str(
//!     r#"{"lead":{"serverTimeStamp":1700000001000,"contexts":{"page":{"id":"3300771"}},
//!         "lead":{"topic":"upgrade","value":80.0,"ticketId":null,"leadId":"L-9"}}}"#,
//! )?;
//! assert_eq!(event.stamp().page_id.as_deref(), Some("3300771"));
//! let sent = serde_json::to_string(&event.sent())?;
//! assert_eq!(sent, r#"[{"type":"lead","lead":{"topic":"upgrade","value":80.0,"leadId":"L-9"}}]"#);
//! # Ok::<_, serde_json::Error>(())
//! ```

mod age;
mod convert;
mod event;
mod payloads;
mod sent;

pub use self::age::CustomerAge;
pub use self::event::{
    CartStatusEvent, CustomerInfoEvent, Event, EventContexts, EventPage, LeadEvent, MarketingCampaignInfoEvent,
    PersonalInfoEvent, PurchaseEvent, SearchContentEvent, ServiceActivityEvent, Stamp, ViewedProductEvent,
    VisitorErrorEvent,
};
pub use self::payloads::{
    Address, AgeParts, Contact, CustomerInfo, Lead, MarketingCampaignInfo, PersonalContact, PersonalInfo,
    PurchasedCart, ServiceActivity, VisitorError,
};
