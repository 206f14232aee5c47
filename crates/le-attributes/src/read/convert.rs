//! From the read names to those that are sent, and back. What is lost is said in the module's documentation.

use le_core::wire::{Extra, List};
use serde_json::value::RawValue;

use super::age::CustomerAge;
use super::event::{CartStatusEvent, PurchaseEvent, SearchContentEvent, ViewedProductEvent};
use super::payloads::{
    Address, AgeParts, Contact, CustomerInfo, Lead, MarketingCampaignInfo, PersonalInfo, PurchasedCart,
    ServiceActivity, VisitorError,
};
use crate::catalogue::Record;
use crate::customer::CalendarDate;
use crate::payload::Payload;
use crate::plain::Plain;
use crate::shopping::{Line, Product};
use crate::{customer, journey, marketing, personal, shopping};

/// The members without a field, under the names of the send side, without nulls.
fn to_sent(extra: &Extra, record: &Record) -> Extra {
    renamed(extra, |name| {
        let field = record.fields.iter().find(|field| field.read == Some(name));
        field.map_or(name, |field| field.wire)
    })
}

/// The members without a field, under the names of the read side, without nulls.
fn to_read(extra: &Extra, record: &Record) -> Extra {
    renamed(extra, |name| {
        record.field(name).and_then(|field| field.read).unwrap_or(name)
    })
}

fn renamed<'a>(extra: &'a Extra, name_of: impl Fn(&'a str) -> &'a str) -> Extra {
    let mut out = Extra::default();
    for (name, json) in extra.iter().filter(|(_, json)| *json != "null") {
        if let Ok(value) = serde_json::from_str::<&RawValue>(json) {
            // A JSON text is written as it is, so this cannot fail.
            let _ = out.insert(name_of(name), value);
        }
    }
    out
}

/// Objects that both sides write alike.
macro_rules! plain_objects {
    ($( $type:ident { $($field:ident),+ } )+) => {
        $(
            impl Plain for $type {
                fn plain(&self) -> Self {
                    Self { $($field: self.$field.plain(),)+ extra: to_sent(&self.extra, Self::record()) }
                }
            }
        )+
    };
}

plain_objects! {
    CalendarDate { day, month, year }
    Product { name, category, sku, price, status_in_stock, quantity_in_stock }
}

/// A line of a cart. The histories show what is in stock there, too; only viewed products can be sent with it.
impl Plain for Line {
    fn plain(&self) -> Self {
        let product = self.product.as_ref().map(|product| Product {
            status_in_stock: None,
            quantity_in_stock: None,
            ..product.plain()
        });
        Self {
            product,
            quantity: self.quantity.plain(),
            extra: to_sent(&self.extra, Self::record()),
        }
    }
}

/// A line of viewed products. The histories show a quantity there, too; only carts can be sent with it.
fn viewed(line: &Line) -> Line {
    Line {
        product: line.product.plain(),
        quantity: None,
        extra: to_sent(&line.extra, Line::record()),
    }
}

/// The name map: both sides call their Rust fields alike. `read:` fields exist on the read side only.
macro_rules! name_map {
    ($( $read:ident, $sent:ty { $($field:ident),+ $(; read: $($only:ident),+)? } )+) => {
        $(
            impl From<&$read> for $sent {
                fn from(read: &$read) -> Self {
                    Self {
                        $($field: SentFrom::sent_from(&read.$field),)+
                        extra: to_sent(&read.extra, <$sent as Payload>::record()),
                    }
                }
            }

            impl From<&$sent> for $read {
                fn from(sent: &$sent) -> Self {
                    Self {
                        $($field: ReadFrom::read_from(&sent.$field),)+
                        $($($only: Default::default(),)+)?
                        extra: to_read(&sent.extra, <$sent as Payload>::record()),
                    }
                }
            }
        )+
    };
}

/// The value of a field that is sent, from that which was read.
trait SentFrom<T> {
    fn sent_from(read: &T) -> Self;
}

/// The value of a field that is read, from that which was sent.
trait ReadFrom<T> {
    fn read_from(sent: &T) -> Self;
}

impl<T: Plain> SentFrom<T> for T {
    fn sent_from(read: &T) -> T {
        read.plain()
    }
}

impl<T: Clone> ReadFrom<T> for T {
    fn read_from(sent: &T) -> T {
        sent.clone()
    }
}

/// Fields whose types differ: each by a conversion of its own.
macro_rules! field_map {
    ($( $read:ty, $sent:ty: $to_sent:expr, $to_read:expr; )+) => {
        $(
            impl SentFrom<$read> for $sent {
                fn sent_from(read: &$read) -> Self {
                    ($to_sent)(read)
                }
            }

            impl ReadFrom<$sent> for $read {
                fn read_from(sent: &$sent) -> Self {
                    ($to_read)(sent)
                }
            }
        )+
    };
}

type SocialId = le_core::id::Id<CustomerInfo>;
type ErrorCode = le_core::id::Id<VisitorError>;

field_map! {
    Option<SocialId>, Option<String>:
        |read: &Option<SocialId>| read.as_ref().map(|id| id.as_str().to_owned()),
        |sent: &Option<String>| sent.as_deref().map(SocialId::new);
    Option<ErrorCode>, Option<String>:
        |read: &Option<ErrorCode>| read.as_ref().map(|id| id.as_str().to_owned()),
        |sent: &Option<String>| sent.as_deref().map(ErrorCode::new);
    Option<CustomerAge>, Option<personal::Age>:
        |read: &Option<CustomerAge>| read.as_ref().map(personal::Age::from),
        |sent: &Option<personal::Age>| sent.as_ref().map(|age| CustomerAge::Parts(Box::new(age.into())));
    List<Contact>, List<personal::Contact>:
        |read: &List<Contact>| each(read, personal::Contact::from),
        |sent: &List<personal::Contact>| each(sent, Contact::from);
    Option<Address>, Option<personal::Address>:
        |read: &Option<Address>| read.as_ref().map(personal::Address::from),
        |sent: &Option<personal::Address>| sent.as_ref().map(Address::from);
    Option<PurchasedCart>, Option<shopping::PurchasedCart>:
        |read: &Option<PurchasedCart>| read.as_ref().map(shopping::PurchasedCart::from).filter(says_something),
        |sent: &Option<shopping::PurchasedCart>| sent.as_ref().map(PurchasedCart::from);
}

/// A cart of nulls comes back with purchases that were sent without one.
fn says_something(cart: &shopping::PurchasedCart) -> bool {
    cart.products.is_sent() || cart.num_items.is_some() || !cart.extra.is_empty()
}

/// A list that was sent, element by element.
fn each<'a, A, B>(list: &'a List<A>, one: impl Fn(&'a A) -> B) -> List<B> {
    if list.is_sent() {
        list.iter().map(one).collect()
    } else {
        List::default()
    }
}

name_map! {
    CustomerInfo, customer::CustomerInfo {
        customer_type, status, customer_id, balance, currency, social_id, imei, user_name, company_size, company_branch,
        account_name, role, last_payment_date, registration_date, login_status, store_zip_code, store_number
    }
    PersonalInfo, personal::Personal { first_name, last_name, age, contacts, gender, language, company }
    AgeParts, personal::Age { age, year, month, day }
    Address, personal::Address { country, region; read: zip_code }
    MarketingCampaignInfo, marketing::MarketingSource { channel, affiliate, campaign_id }
    Lead, journey::Lead { topic, value, currency, lead_id; read: ticket_id, sequence_id, is_repeated }
    ServiceActivity, journey::ServiceActivity { topic, status, category, service_id; read: sequence_id, is_repeated }
    PurchasedCart, shopping::PurchasedCart {
        num_items, products; read: server_time_stamp, original_time_stamp, total, currency
    }
    CartStatusEvent, shopping::Cart {
        total, currency, num_items, products; read: server_time_stamp, original_time_stamp, is_authenticated, contexts
    }
    PurchaseEvent, shopping::Purchase {
        total, currency, order_id, cart; read: server_time_stamp, original_time_stamp, is_authenticated, contexts,
        sequence_id, is_repeated
    }
    SearchContentEvent, journey::SearchedContent {
        keywords; read: server_time_stamp, original_time_stamp, is_authenticated, contexts
    }
}

impl From<&CustomerAge> for personal::Age {
    fn from(read: &CustomerAge) -> Self {
        match read {
            CustomerAge::Parts(parts) => Self::from(&**parts),
            CustomerAge::Years(years) => Self::default().age(years.get()),
        }
    }
}

impl From<&Contact> for personal::Contact {
    fn from(read: &Contact) -> Self {
        let fields = read.fields();
        Self {
            email: fields.email,
            phone: fields.phone,
            phone_type: fields.phone_type,
            address: SentFrom::sent_from(&fields.address),
            extra: to_sent(&fields.extra, Self::record()),
        }
    }
}

/// Flat, as Visit Information has it; see [`Contact::into_wrapped`] for the histories.
impl From<&personal::Contact> for Contact {
    fn from(sent: &personal::Contact) -> Self {
        Self {
            email: sent.email.clone(),
            phone: sent.phone.clone(),
            phone_type: sent.phone_type.clone(),
            address: ReadFrom::read_from(&sent.address),
            extra: to_read(&sent.extra, personal::Contact::record()),
            ..Self::default()
        }
    }
}

impl From<&VisitorError> for journey::VisitorError {
    fn from(read: &VisitorError) -> Self {
        let message = read.text();
        let mut extra = to_sent(&read.extra, Self::record());
        if message.is_some() {
            extra.remove("message");
        }
        Self {
            context_id: read.context_id.clone(),
            message,
            code: SentFrom::sent_from(&read.code),
            level: read.level.plain(),
            resolved: read.resolved.plain(),
            extra,
        }
    }
}

impl From<&journey::VisitorError> for VisitorError {
    fn from(sent: &journey::VisitorError) -> Self {
        Self {
            context_id: sent.context_id.clone(),
            message: sent.message.clone(),
            code: ReadFrom::read_from(&sent.code),
            level: sent.level.clone(),
            resolved: sent.resolved.clone(),
            extra: to_read(&sent.extra, journey::VisitorError::record()),
        }
    }
}

impl From<&ViewedProductEvent> for shopping::ViewedProduct {
    fn from(read: &ViewedProductEvent) -> Self {
        let single = read.product.iter().map(|product| Line::single(product.plain()));
        let products: Vec<Line> = read.products.iter().map(viewed).chain(single).collect();
        let sent = read.products.is_sent() || !products.is_empty();
        Self {
            currency: read.currency.clone(),
            products: if sent { products.into() } else { List::default() },
            extra: to_sent(&read.extra, Self::record()),
        }
    }
}

impl From<&shopping::ViewedProduct> for ViewedProductEvent {
    fn from(sent: &shopping::ViewedProduct) -> Self {
        Self {
            currency: sent.currency.clone(),
            products: sent.products.clone(),
            extra: to_read(&sent.extra, shopping::ViewedProduct::record()),
            ..Self::default()
        }
    }
}
