//! Engagement attributes (SDEs).
//!
//! An event says its type in `sdeType`, but events without one exist: read the payload that is there. In version 1 all scalars
//! are text, in version 2 most are not, and both mix within one event; [`Int`], [`Float`] and [`Flag`] read either.

use le_core::id::Id;
use le_core::wire::{Flag, Float, Int, List, RawRecord};

use crate::generated::enums::SdeType;

le_core::record! {
    /// Engagement attributes, in the order they were sent. The same event may come several times.
    pub struct Sdes {
        /// The events.
        events: List<SdeEvent> = "events" [safe],
    }
}

le_core::record! {
    /// One event. One payload is there; payloads that this version does not know are in `extra`.
    pub struct SdeEvent {
        /// The type.
        sde_type: Option<SdeType> = "sdeType" [safe],
        /// When it was processed, in milliseconds since 1970.
        server_time_stamp: Option<Int> = "serverTimeStamp" [safe],
        /// Whether the consumer had signed in; sent with unauthenticated ones.
        is_authenticated: Option<Flag> = "isAuthenticated" [safe],
        /// The customer's standing.
        customer_info: Option<CustomerInfoEvent> = "customerInfo" [safe],
        /// The person.
        personal_info: Option<PersonalInfoEvent> = "personalInfo" [safe],
        /// The campaign that brought them.
        marketing_campaign_info: Option<MarketingCampaignInfoEvent> = "marketingCampaignInfo" [safe],
        /// An interest.
        lead: Option<LeadEvent> = "lead" [safe],
        /// A service request.
        service_activity: Option<ServiceActivityEvent> = "serviceActivity" [safe],
        /// An error that the visitor met.
        visitor_error: Option<VisitorErrorEvent> = "visitorError" | "formFillingError" [safe],
        /// A purchase.
        purchase: Option<Purchase> = "purchase" [safe],
        /// What is in the cart.
        cart_status: Option<CartStatus> = "cartStatus" [safe],
        /// Products that were looked at.
        viewed_product: Option<ViewedProduct> = "viewedProduct" | "viewProduct" [safe],
        /// What was searched for.
        search_content: Option<SearchContent> = "searchContent" [safe],
    }
}

/// Events whose payload holds the fields one level further down.
macro_rules! nested_events {
    ($( $(#[$meta:meta])* $name:ident, $field:ident: $payload:ident = $wire:literal; )+) => {
        $(
            le_core::record! {
                $(#[$meta])*
                pub struct $name {
                    /// When it was processed, in milliseconds since 1970.
                    server_time_stamp: Option<Int> = "serverTimeStamp" [safe],
                    /// When it was made, in milliseconds since 1970.
                    original_time_stamp: Option<Int> = "originalTimeStamp" [safe],
                    /// Whether the consumer had signed in.
                    is_authenticated: Option<Flag> = "isAuthenticated" [safe],
                    /// The fields. Some legacy events lack this level: their fields are in `extra`.
                    $field: Option<$payload> = $wire [safe],
                }
            }
        )+
    };
}

nested_events! {
    /// The customer's standing, with its times.
    CustomerInfoEvent, customer_info: CustomerInfo = "customerInfo";
    /// The person, with its times.
    PersonalInfoEvent, personal_info: PersonalInfo = "personalInfo";
    /// The campaign that brought them, with its times.
    MarketingCampaignInfoEvent, marketing_campaign_info: MarketingCampaignInfo = "marketingCampaignInfo";
    /// An interest, with its times.
    LeadEvent, lead: Lead = "lead";
    /// A service request, with its times.
    ServiceActivityEvent, service_activity: ServiceActivity = "serviceActivity";
    /// An error that the visitor met, with its times.
    VisitorErrorEvent, visitor_error: VisitorError = "visitorError";
}

le_core::record! {
    /// A date.
    pub struct Date {
        /// Year.
        year: Option<Int> = "year",
        /// Month, from 1.
        month: Option<Int> = "month",
        /// Day of the month, from 1.
        day: Option<Int> = "day",
    }
}

/// An id in a social network.
pub type SocialId = Id<CustomerInfo>;

/// The code of an error that the visitor met.
pub type ErrorCode = Id<VisitorError>;

le_core::record! {
    /// The customer's standing.
    pub struct CustomerInfo {
        /// Standing, e.g. active.
        customer_status: Option<String> = "customerStatus",
        /// Kind of customer.
        customer_type: Option<String> = "customerType",
        /// Balance.
        balance: Option<Float> = "balance",
        /// Its currency.
        currency: Option<String> = "currency" | "Currency" [safe],
        /// The brand's own id of the customer.
        customer_id: Option<String> = "customerId",
        /// Id in a social network; a number in some chats.
        social_id: Option<SocialId> = "socialId",
        /// The device's id.
        imei: Option<String> = "imei",
        /// User name.
        user_name: Option<String> = "userName",
        /// Account name.
        account_name: Option<String> = "accountName",
        /// Role.
        role: Option<String> = "role",
        /// When they last paid.
        last_payment_date: Option<Date> = "lastPaymentDate",
        /// When they registered.
        registration_date: Option<Date> = "registrationDate",
        /// Size of the company.
        company_size: Option<Int> = "companySize",
        /// Branch of the company.
        company_branch: Option<String> = "companyBranch",
        /// The store's postal code.
        store_zip_code: Option<String> = "storeZipCode",
        /// The store's number.
        store_number: Option<String> = "storeNumber",
        /// Whether they had signed in.
        login_status: Option<Int> = "loginStatus" [safe],
        /// Whether the attributes were sent for a consumer who had signed in. In data files only.
        is_authenticated: Option<Flag> = "isAuthenticated" [safe],
        /// The conversation in which they signed in. In data files only.
        authenticated_conversation_id: Option<String> = "authenticatedConversationId" [safe],
    }
}

le_core::record! {
    /// The person.
    pub struct PersonalInfo {
        /// First name.
        name: Option<String> = "name",
        /// Last name.
        surname: Option<String> = "surname",
        /// Gender.
        gender: Option<String> = "gender",
        /// Company.
        company: Option<String> = "company",
        /// Language.
        language: Option<String> = "language",
        /// Age: an object in one version, a plain value in the vendor's table, so it is the JSON text. See
        /// [`PersonalInfo::age`].
        customer_age: Option<RawRecord> = "customerAge",
        /// Ways to reach them.
        contacts: List<Contact> = "contacts",
        /// Whether the attributes were sent for a consumer who had signed in. In data files only.
        is_authenticated: Option<Flag> = "isAuthenticated" [safe],
        /// The conversation in which they signed in. In data files only.
        authenticated_conversation_id: Option<String> = "authenticatedConversationId" [safe],
    }
}

impl PersonalInfo {
    /// The age, where it came as an object.
    #[must_use]
    pub fn age(&self) -> Option<CustomerAge> {
        self.customer_age
            .as_ref()?
            .decode()
            .ok()
            .map(le_core::wire::Record::into_inner)
    }
}

le_core::record! {
    /// An age.
    pub struct CustomerAge {
        /// Years.
        years: Option<Int> = "customerAgeInYears",
        /// Year of birth.
        year_of_birth: Option<Int> = "customerYearOfBirth",
        /// Month of birth.
        month_of_birth: Option<Int> = "customerMonthOfBirth",
        /// Day of birth.
        date_of_birth: Option<Int> = "customerDateOfBirth",
    }
}

le_core::record! {
    /// A way to reach a person.
    pub struct Contact {
        /// The fields. See [`Contact::email`] for data files, which lack this level.
        personal_contact: Option<PersonalContact> = "personalContact",
        /// Address for mail, where it stands here.
        flat_email: Option<String> = "email",
        /// Telephone, where it stands here.
        flat_phone: Option<String> = "phone",
    }
}

le_core::record! {
    /// A way to reach a person.
    pub struct PersonalContact {
        /// Address for mail.
        email: Option<String> = "email",
        /// Telephone.
        phone: Option<String> = "phone",
        /// Kind of telephone.
        phone_type: Option<String> = "phoneType",
        /// Postal address.
        address: Option<RawRecord> = "address",
        /// Which way they prefer.
        preferred_contact_method: Option<String> = "preferredContactMethod",
    }
}

le_core::record! {
    /// The campaign that brought a visitor.
    pub struct MarketingCampaignInfo {
        /// 0 direct, 1 search, 2 social, 3 email, 4 referral, 5 paid search, 6 display.
        originating_channel: Option<Int> = "originatingChannel" [safe],
        /// Affiliate.
        affiliate: Option<String> = "affiliate" [safe],
        /// Campaign.
        campaign_id: Option<String> = "campaignId" [safe],
    }
}

le_core::record! {
    /// An interest.
    pub struct Lead {
        /// What in.
        topic: Option<String> = "topic",
        /// What it is worth.
        value: Option<Float> = "value" [safe],
        /// In which currency.
        currency: Option<String> = "currency" | "Currency" [safe],
        /// The brand's own id.
        lead_id: Option<String> = "leadId" [safe],
    }
}

le_core::record! {
    /// A service request.
    pub struct ServiceActivity {
        /// What about.
        topic: Option<String> = "topic",
        /// 0 complete, 1 in progress, 2 approved, 3 cancelled, 4 not approved, 5 reviewed, 6 missing details, 7 closed,
        /// 8 removed, 9 assigned, 10 waiting for the customer, 11 waiting, 12 pending, 13 resolved.
        status: Option<Int> = "status" [safe],
        /// Category.
        category: Option<String> = "category",
        /// The brand's own id.
        service_id: Option<String> = "serviceId" [safe],
    }
}

le_core::record! {
    /// An error that the visitor met.
    pub struct VisitorError {
        /// Where.
        context_id: Option<String> = "contextId" [safe],
        /// What it said: text, or an object in legacy events, so it is the JSON text.
        message: Option<RawRecord> = "message",
        /// Its code; a number in data files.
        code: Option<ErrorCode> = "code" [safe],
        /// How severe.
        level: Option<Int> = "level" [safe],
        /// Whether it was solved.
        resolved: Option<Flag> = "resolved" [safe],
    }
}

le_core::record! {
    /// A purchase.
    pub struct Purchase {
        /// When it was processed, in milliseconds since 1970.
        server_time_stamp: Option<Int> = "serverTimeStamp" [safe],
        /// When it was made, in milliseconds since 1970.
        original_time_stamp: Option<Int> = "originalTimeStamp" [safe],
        /// Whether the consumer had signed in.
        is_authenticated: Option<Flag> = "isAuthenticated" [safe],
        /// The sum.
        total: Option<Float> = "total" [safe],
        /// In which currency.
        currency: Option<String> = "currency" | "Currency" [safe],
        /// The order.
        order_id: Option<String> = "orderId" [safe],
        /// What was bought.
        cart: Option<CartStatus> = "cart" [safe],
    }
}

le_core::record! {
    /// What is in a cart.
    pub struct CartStatus {
        /// When it was processed, in milliseconds since 1970.
        server_time_stamp: Option<Int> = "serverTimeStamp" [safe],
        /// When it was made, in milliseconds since 1970.
        original_time_stamp: Option<Int> = "originalTimeStamp" [safe],
        /// Whether the consumer had signed in.
        is_authenticated: Option<Flag> = "isAuthenticated" [safe],
        /// The sum.
        total: Option<Float> = "total" [safe],
        /// In which currency.
        currency: Option<String> = "currency" | "Currency" [safe],
        /// How many things.
        num_items: Option<Int> = "numItems" [safe],
        /// The things.
        products: List<ProductLine> = "products" [safe],
    }
}

le_core::record! {
    /// Products that were looked at.
    pub struct ViewedProduct {
        /// When it was processed, in milliseconds since 1970.
        server_time_stamp: Option<Int> = "serverTimeStamp" [safe],
        /// When it was made, in milliseconds since 1970.
        original_time_stamp: Option<Int> = "originalTimeStamp" [safe],
        /// Whether the consumer had signed in.
        is_authenticated: Option<Flag> = "isAuthenticated" [safe],
        /// The products.
        products: List<ProductLine> = "products" [safe],
        /// In which currency.
        currency: Option<String> = "currency" | "Currency" [safe],
    }
}

le_core::record! {
    /// A product and how many of it.
    pub struct ProductLine {
        /// How many.
        quantity: Option<Int> = "quantity" [safe],
        /// The product.
        product: Option<Product> = "product" [safe],
    }
}

le_core::record! {
    /// A product.
    pub struct Product {
        /// Name.
        name: Option<String> = "name",
        /// Category.
        category: Option<String> = "category",
        /// The brand's own number.
        sku: Option<String> = "sku" [safe],
        /// Price.
        price: Option<Float> = "price" [safe],
        /// Whether it can be had.
        status_in_stock: Option<RawRecord> = "statusInStock",
        /// How many can be had.
        quantity_in_stock: Option<Int> = "quantityInStock" [safe],
    }
}

le_core::record! {
    /// What was searched for.
    pub struct SearchContent {
        /// When it was processed, in milliseconds since 1970.
        server_time_stamp: Option<Int> = "serverTimeStamp" [safe],
        /// When it was made, in milliseconds since 1970.
        original_time_stamp: Option<Int> = "originalTimeStamp" [safe],
        /// Whether the consumer had signed in.
        is_authenticated: Option<Flag> = "isAuthenticated" [safe],
        /// The words.
        keywords: List<String> = "keywords",
    }
}
