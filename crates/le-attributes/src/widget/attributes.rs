//! Attributes in the layout of the widget SDK, where money is text.

use le_core::wire::{Flag, Float, Int, List};

use crate::generated::enums::Gender;

le_core::record! {
    /// `SDE`: everything that was reported about the visitor without authentication.
    pub struct WidgetAttributes {
        /// Customer info.
        customer_details: List<CustomerDetails> = "customerDetails" [safe],
        /// Personal info.
        personal_info: List<PersonDetails> = "personalInfo" [safe],
        /// Marketing source.
        marketing_source: List<MarketingDetails> = "marketingSource" [safe],
        /// Leads.
        lead_generation: List<LeadDetails> = "leadGeneration" [safe],
        /// Transactions. The pages say that they are always null.
        transaction: List<Transaction> = "transaction" [safe],
        /// Products that were looked at.
        viewed_products: List<WidgetProduct> = "viewedProducts" [safe],
        /// The cart.
        shopping_cart: List<ShoppingCart> = "shoppingCart" [safe],
        /// Service activities.
        service_activity: List<ServiceDetails> = "serviceActivity" [safe],
        /// Visitor errors.
        error: List<ErrorDetails> = "error" [safe],
        /// What was searched for.
        search_content: Option<SearchDetails> = "searchContent" [safe],
    }
}

le_core::record! {
    /// Customer info.
    pub struct CustomerDetails {
        /// Name of the company.
        account_name: Option<String> = "accountName",
        /// Balance; text on the wire.
        balance: Option<Float> = "balance",
        /// Number of employees.
        company_size: Option<Int> = "companySize",
        /// Branch of the company.
        company_branch: Option<String> = "companyBranch",
        /// The customer's key in the books of the brand.
        customer_id: Option<String> = "customerId",
        /// Id of the device or phone.
        imei: Option<String> = "imei",
        /// Day of the last payment. Its form is not documented.
        last_payment_date: Option<String> = "lastPaymentDate",
        /// Day of registration. Its form is not documented.
        registration_date: Option<String> = "registrationDate",
        /// Job title.
        role: Option<String> = "role",
        /// Id in a social network.
        social_id: Option<String> = "socialId",
        /// Stage of life.
        status: Option<String> = "status",
        /// Type or tier.
        customer_type: Option<String> = "type",
        /// User name.
        user_name: Option<String> = "userName",
    }
}

le_core::record! {
    /// Personal info.
    pub struct PersonDetails {
        /// Years.
        age: Option<Float> = "age",
        /// Day of birth. Its form is not documented.
        birthday: Option<String> = "birthday",
        /// Company.
        company: Option<String> = "company",
        /// Ways to reach them.
        contact_info: List<ContactInfo> = "contactInfo" [safe],
        /// Gender.
        gender: Option<Gender> = "gender",
        /// Language and country.
        language: Option<String> = "language",
        /// First and last name, joined.
        name: Option<String> = "name",
        /// First name.
        first_name: Option<String> = "firstname",
        /// Last name.
        last_name: Option<String> = "lastname",
    }
}

le_core::record! {
    /// One way to reach a person.
    pub struct ContactInfo {
        /// E-mail address.
        email: Option<String> = "email",
        /// Phone number.
        phone: Option<String> = "phone",
    }
}

le_core::record! {
    /// Where the visitor came from.
    pub struct MarketingDetails {
        /// The channel's number; text on the wire.
        originating_channel: Option<Int> = "originatingChannel",
        /// Affiliate.
        affiliate: Option<String> = "affiliate",
        /// The brand's own key of the campaign.
        campaign_id: Option<String> = "campaignId",
    }
}

le_core::record! {
    /// A lead.
    pub struct LeadDetails {
        /// Id.
        lead_id: Option<String> = "leadId",
        /// Topic.
        topic: Option<String> = "topic",
        /// Value; text on the wire.
        value: Option<Float> = "value",
    }
}

le_core::record! {
    /// A transaction.
    pub struct Transaction {
        /// Total; text on the wire.
        total: Option<Float> = "total",
        /// Number of the order.
        order_id: Option<String> = "orderId",
        /// What was bought.
        products: List<WidgetProduct> = "products" [safe],
        /// Number of items.
        num_items: Option<Int> = "numItems",
    }
}

le_core::record! {
    /// The cart.
    pub struct ShoppingCart {
        /// Value; text on the wire.
        cart_total: Option<Float> = "cartTotal",
        /// Number of items.
        num_items: Option<Int> = "numItems",
        /// What is in it.
        products: List<WidgetProduct> = "products" [safe],
    }
}

le_core::record! {
    /// A product, with its quantity beside its name.
    pub struct WidgetProduct {
        /// Name.
        name: Option<String> = "name",
        /// Category.
        category: Option<String> = "category",
        /// Stock keeping unit.
        sku: Option<String> = "sku",
        /// Price of one; text on the wire.
        price: Option<Float> = "price",
        /// How many; never on a viewed product.
        quantity: Option<Int> = "quantity",
    }
}

le_core::record! {
    /// A service activity.
    pub struct ServiceDetails {
        /// Id of the request.
        id: Option<String> = "id",
        /// Topic.
        topic: Option<String> = "topic",
        /// Category.
        category: Option<String> = "category",
        /// Status. Text; whether it is the number or a word is not documented.
        status: Option<String> = "status",
    }
}

le_core::record! {
    /// A visitor error.
    pub struct ErrorDetails {
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

le_core::record! {
    /// What was searched for.
    pub struct SearchDetails {
        /// The words.
        keywords: List<Keyword> = "keywords" [safe],
    }
}

le_core::record! {
    /// A word.
    pub struct Keyword {
        /// The word.
        value: Option<String> = "value",
    }
}

impl Keyword {
    pub(super) fn of(word: &str) -> Self {
        Self {
            value: Some(word.to_owned()),
            ..Self::default()
        }
    }
}
