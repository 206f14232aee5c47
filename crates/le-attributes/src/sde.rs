//! One engagement attribute (SDE, standard data entity), told apart by its `type`.

use std::borrow::Cow;

use le_core::wire::{List, RawRecord, Salvage, Trail};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::customer::{CustomerInfo, CustomerInfoSde};
use crate::generated::enums::SdeType;
use crate::impression::Impression;
use crate::journey::{
    Lead, LeadSde, SearchedContent, ServiceActivity, ServiceActivitySde, VisitorError, VisitorErrorSde,
};
use crate::marketing::{MarketingSource, MarketingSourceSde};
use crate::payload::payload;
use crate::personal::{Personal, PersonalSde};
use crate::shopping::{Cart, Purchase, ViewedProduct};

payload! {
    /// How a consumer proved who they are; stands beside `type` in attributes that are read back.
    pub struct Proof {
        /// Ways of authentication, e.g. `pwd`, `otp`, `mfa`.
        methods: List<String> = "amr" [safe],
        /// Who issued the proof.
        issuer: Option<String> = "iss",
    }
}

/// An engagement attribute, or an impression event, which travels like one.
///
/// A type that this version does not know, and an object without a type, are kept as they came. `Debug` prints which fields are
/// set, never what they hold.
///
/// ```
/// use le_attributes::{Sde, customer::CustomerInfo};
///
/// let sde = Sde::from(CustomerInfo::default().customer_type("gold").balance(-12.5).currency("NOK"));
/// let json = serde_json::to_string(&sde)?;
/// assert_eq!(json, r#"{"type":"ctmrinfo","info":{"ctype":"gold","balance":-12.5,"currency":"NOK"}}"#);
/// assert!(!format!("{sde:?}").contains("gold"));
/// # Ok::<_, serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Sde {
    /// `ctmrinfo`.
    CustomerInfo(Box<CustomerInfoSde>),
    /// `personal`.
    Personal(PersonalSde),
    /// `mrktInfo`.
    MarketingSource(MarketingSourceSde),
    /// `cart`.
    Cart(Cart),
    /// `purchase`.
    Purchase(Purchase),
    /// `prodView`.
    ViewedProduct(ViewedProduct),
    /// `lead`.
    Lead(LeadSde),
    /// `service`.
    ServiceActivity(ServiceActivitySde),
    /// `error`.
    VisitorError(VisitorErrorSde),
    /// `searchInfo`.
    SearchedContent(SearchedContent),
    /// `impDisplay`, `impAccept`, `impExpanded`, `impTimeout`, `impClose`.
    Impression(Impression),
    /// Another type, or none: the object as it came.
    Other(RawRecord),
}

impl Sde {
    /// The type of the attribute; `None` for impressions and for objects without a type.
    #[must_use]
    pub fn sde_type(&self) -> Option<SdeType> {
        match self {
            Self::Impression(_) => None,
            Self::Other(raw) => type_of(raw.as_str()).map(SdeType::from),
            _ => self.variant_name().map(SdeType::from),
        }
    }

    /// The text of `type`, as it is sent; none for an object without one.
    #[must_use]
    pub fn type_name(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Impression(sent) => sent.impression_type.as_ref().map(|kind| Cow::Borrowed(kind.as_str())),
            Self::Other(raw) => type_of(raw.as_str()).map(Cow::Owned),
            _ => self.variant_name().map(Cow::Borrowed),
        }
    }

    /// The `type` of a variant that has only one.
    fn variant_name(&self) -> Option<&'static str> {
        Some(match self {
            Self::CustomerInfo(_) => "ctmrinfo",
            Self::Personal(_) => "personal",
            Self::MarketingSource(_) => "mrktInfo",
            Self::Cart(_) => "cart",
            Self::Purchase(_) => "purchase",
            Self::ViewedProduct(_) => "prodView",
            Self::Lead(_) => "lead",
            Self::ServiceActivity(_) => "service",
            Self::VisitorError(_) => "error",
            Self::SearchedContent(_) => "searchInfo",
            Self::Impression(_) | Self::Other(_) => return None,
        })
    }

    /// Reads one attribute. What does not fit its field stays in the record's `extra`.
    ///
    /// # Errors
    /// The text is not a JSON object.
    pub fn read(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json)
    }

    /// The attribute with this `type`; `None` where its members cannot be told apart at all.
    fn of_type(name: &str, raw: &RawValue, trail: &mut Trail) -> Option<Self> {
        macro_rules! read {
            ($variant:ident) => {{
                let mut value = Self::$variant(trail.read(raw)?);
                if let Self::$variant(members) = &mut value {
                    members.extra.remove("type");
                }
                value
            }};
        }
        Some(match SdeType::from(name) {
            SdeType::CustomerInfo => read!(CustomerInfo),
            SdeType::Personal => read!(Personal),
            SdeType::MarketingSource => read!(MarketingSource),
            SdeType::Cart => read!(Cart),
            SdeType::Purchase => read!(Purchase),
            SdeType::ViewedProduct => read!(ViewedProduct),
            SdeType::Lead => read!(Lead),
            SdeType::ServiceActivity => read!(ServiceActivity),
            SdeType::VisitorError => read!(VisitorError),
            SdeType::SearchedContent => read!(SearchedContent),
            _ if crate::ImpressionType::from(name).is_known() => Self::Impression(trail.read(raw)?),
            _ => return None,
        })
    }

    fn from_raw(raw: &RawValue, trail: &mut Trail) -> Option<Self> {
        if !raw.get().starts_with('{') {
            return None;
        }
        type_of(raw.get())
            .and_then(|name| Self::of_type(&name, raw, trail))
            .or_else(|| RawRecord::new(raw.get()).ok().map(Self::Other))
    }
}

/// The text of the member `type`.
fn type_of(json: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Typed<'a> {
        #[serde(rename = "type", borrow)]
        name: Option<&'a RawValue>,
    }
    let typed: Typed<'_> = serde_json::from_str(json).ok()?;
    serde_json::from_str(typed.name?.get()).ok()
}

impl<'de> Deserialize<'de> for Sde {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Self::from_raw(&raw, &mut Trail::default())
            .ok_or_else(|| D::Error::custom("an engagement attribute is an object"))
    }
}

impl Salvage for Sde {
    fn salvage(raw: &RawValue, trail: &mut Trail) -> Option<Self> {
        Self::from_raw(raw, trail)
    }
}

/// A payload with its type in front.
#[derive(Serialize)]
struct Tagged<'a, T> {
    #[serde(rename = "type")]
    name: SdeType,
    #[serde(flatten)]
    members: &'a T,
}

impl Serialize for Sde {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::CustomerInfo(members) => tagged(SdeType::CustomerInfo, members, serializer),
            Self::Personal(members) => tagged(SdeType::Personal, members, serializer),
            Self::MarketingSource(members) => tagged(SdeType::MarketingSource, members, serializer),
            Self::Cart(members) => tagged(SdeType::Cart, members, serializer),
            Self::Purchase(members) => tagged(SdeType::Purchase, members, serializer),
            Self::ViewedProduct(members) => tagged(SdeType::ViewedProduct, members, serializer),
            Self::Lead(members) => tagged(SdeType::Lead, members, serializer),
            Self::ServiceActivity(members) => tagged(SdeType::ServiceActivity, members, serializer),
            Self::VisitorError(members) => tagged(SdeType::VisitorError, members, serializer),
            Self::SearchedContent(members) => tagged(SdeType::SearchedContent, members, serializer),
            Self::Impression(impression) => impression.serialize(serializer),
            Self::Other(raw) => raw.serialize(serializer),
        }
    }
}

fn tagged<T: Serialize, S: Serializer>(name: SdeType, members: &T, serializer: S) -> Result<S::Ok, S::Error> {
    Tagged { name, members }.serialize(serializer)
}

/// A payload becomes the attribute that carries it.
macro_rules! carried_by {
    ($( $payload:ty => $variant:ident, )+) => {
        $(
            impl From<$payload> for Sde {
                fn from(payload: $payload) -> Self {
                    Self::$variant(payload.into())
                }
            }
        )+
    };
}

impl From<CustomerInfo> for Sde {
    fn from(payload: CustomerInfo) -> Self {
        Self::CustomerInfo(Box::new(payload.into()))
    }
}

carried_by! {
    Personal => Personal,
    MarketingSource => MarketingSource,
    Cart => Cart,
    Purchase => Purchase,
    ViewedProduct => ViewedProduct,
    Lead => Lead,
    ServiceActivity => ServiceActivity,
    VisitorError => VisitorError,
    SearchedContent => SearchedContent,
    Impression => Impression,
}
