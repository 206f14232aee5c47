//! The payloads with the names of the read side. Their Rust fields are called like those of the payloads that are sent.

use le_core::id::Id;
use le_core::wire::{Flag, Float, Int, List};

use super::CustomerAge;
use crate::customer::CalendarDate;
use crate::generated::enums::{Gender, PhoneType};
use crate::shopping::Line;

le_core::record! {
    /// The customer in the books of the brand.
    pub struct CustomerInfo {
        /// Type or tier.
        customer_type: Option<String> = "customerType",
        /// Stage of life.
        status: Option<String> = "customerStatus",
        /// The key of the customer in the brand's own systems.
        customer_id: Option<String> = "customerId",
        /// Balance in [`currency`](Self::currency).
        balance: Option<Float> = "balance",
        /// Three letters, e.g. `EUR`.
        currency: Option<String> = "currency" | "Currency",
        /// Id in a social network; a number in some chats.
        social_id: Option<Id<CustomerInfo>> = "socialId",
        /// Id of the device or phone.
        imei: Option<String> = "imei",
        /// User name.
        user_name: Option<String> = "userName",
        /// Number of employees.
        company_size: Option<Int> = "companySize",
        /// Branch of the company.
        company_branch: Option<String> = "companyBranch",
        /// Name of the company.
        account_name: Option<String> = "accountName",
        /// Job title.
        role: Option<String> = "role",
        /// Day of the last payment.
        last_payment_date: Option<CalendarDate> = "lastPaymentDate",
        /// Day of registration.
        registration_date: Option<CalendarDate> = "registrationDate",
        /// What the numbers mean is not published.
        login_status: Option<Int> = "loginStatus",
        /// ZIP code of a store.
        store_zip_code: Option<String> = "storeZipCode",
        /// Number of a store.
        store_number: Option<String> = "storeNumber",
    }
}

le_core::record! {
    /// The person.
    pub struct PersonalInfo {
        /// First name.
        first_name: Option<String> = "name",
        /// Last name.
        last_name: Option<String> = "surname",
        /// Age and date of birth.
        age: Option<CustomerAge> = "customerAge" [safe],
        /// Ways to reach them, flat or wrapped.
        contacts: List<Contact> = "contacts" [safe],
        /// Gender.
        gender: Option<Gender> = "gender",
        /// Language and country.
        language: Option<String> = "language",
        /// Company.
        company: Option<String> = "company",
    }
}

le_core::record! {
    /// An age with the date of birth.
    pub struct AgeParts {
        /// Years, e.g. 34.0.
        age: Option<Float> = "customerAgeInYears",
        /// Year of birth.
        year: Option<Int> = "customerYearOfBirth",
        /// Month of birth, from 1.
        month: Option<Int> = "customerMonthOfBirth",
        /// Day of birth, from 1.
        day: Option<Int> = "customerDateOfBirth",
    }
}

le_core::record! {
    /// One way to reach a person. The histories wrap it into `personalContact`; Visit Information and the data files do not.
    pub struct Contact {
        /// The fields, where they are wrapped. [`Contact::fields`] looks in both places.
        wrapped: Option<PersonalContact> = "personalContact" [safe],
        /// E-mail address, where it stands here.
        email: Option<String> = "email",
        /// Phone number, where it stands here.
        phone: Option<String> = "phone",
        /// What kind of phone it is, where it stands here.
        phone_type: Option<PhoneType> = "phoneType",
        /// Where they live, where it stands here.
        address: Option<Address> = "address" [safe],
        /// Which way they prefer, where it stands here.
        preferred_contact_method: Option<String> = "preferredContactMethod",
    }
}

le_core::record! {
    /// The fields of a contact.
    pub struct PersonalContact {
        /// E-mail address.
        email: Option<String> = "email",
        /// Phone number.
        phone: Option<String> = "phone",
        /// What kind of phone it is.
        phone_type: Option<PhoneType> = "phoneType",
        /// Where they live.
        address: Option<Address> = "address" [safe],
        /// Which way they prefer.
        preferred_contact_method: Option<String> = "preferredContactMethod",
    }
}

impl Contact {
    /// The fields, wherever they stand; a wrapped one comes before one that stands outside.
    #[must_use]
    pub fn fields(&self) -> PersonalContact {
        let flat = PersonalContact {
            email: self.email.clone(),
            phone: self.phone.clone(),
            phone_type: self.phone_type.clone(),
            address: self.address.clone(),
            preferred_contact_method: self.preferred_contact_method.clone(),
            extra: self.extra.clone(),
        };
        let Some(mut fields) = self.wrapped.clone() else {
            return flat;
        };
        fields.email = fields.email.or(flat.email);
        fields.phone = fields.phone.or(flat.phone);
        fields.phone_type = fields.phone_type.or(flat.phone_type);
        fields.address = fields.address.or(flat.address);
        fields.preferred_contact_method = fields.preferred_contact_method.or(flat.preferred_contact_method);
        fields
    }

    /// The contact as the histories have it.
    #[must_use]
    pub fn into_wrapped(self) -> Self {
        Self {
            wrapped: Some(self.fields()),
            ..Self::default()
        }
    }
}

le_core::record! {
    /// Where a person lives.
    pub struct Address {
        /// Country.
        country: Option<String> = "country",
        /// Region.
        region: Option<String> = "region",
        /// ZIP code. Nobody can send it.
        zip_code: Option<String> = "zipCode",
    }
}

le_core::record! {
    /// The campaign of the brand that brought the visitor.
    pub struct MarketingCampaignInfo {
        /// The number of a [`MarketingChannel`](crate::marketing::MarketingChannel).
        channel: Option<Int> = "originatingChannel",
        /// Affiliate.
        affiliate: Option<String> = "affiliate",
        /// The brand's own key of the campaign.
        campaign_id: Option<String> = "campaignId",
    }
}

le_core::record! {
    /// What was bought. The service adds value, currency and times; all of it may be null.
    pub struct PurchasedCart {
        /// When the service processed it, in milliseconds since 1970.
        server_time_stamp: Option<Int> = "serverTimeStamp" [safe],
        /// When it was made, in milliseconds since 1970.
        original_time_stamp: Option<Int> = "originalTimeStamp" [safe],
        /// Value.
        total: Option<Float> = "total",
        /// Currency of the value.
        currency: Option<String> = "currency" | "Currency",
        /// Number of items.
        num_items: Option<Int> = "numItems",
        /// The products.
        products: List<Line> = "products" [safe],
    }
}

le_core::record! {
    /// Interest in a product or service.
    pub struct Lead {
        /// Topic.
        topic: Option<String> = "topic",
        /// Value in [`currency`](Self::currency).
        value: Option<Float> = "value",
        /// Three letters, e.g. `EUR`.
        currency: Option<String> = "currency" | "Currency",
        /// Id of the lead or ticket.
        lead_id: Option<String> = "leadId",
        /// Id of a ticket; seen as null.
        ticket_id: Option<String> = "ticketId",
        /// Which lead of the session it is.
        sequence_id: Option<Id<Lead>> = "leadSeqId" [safe],
        /// Whether the lead id came before.
        is_repeated: Option<Flag> = "repeatedLeadId" [safe],
    }
}

le_core::record! {
    /// A service request.
    pub struct ServiceActivity {
        /// Topic.
        topic: Option<String> = "topic",
        /// The number of a [`ServiceStatus`](crate::journey::ServiceStatus).
        status: Option<Int> = "status",
        /// Category.
        category: Option<String> = "category",
        /// Id of the request.
        service_id: Option<String> = "serviceId",
        /// Which service activity of the session it is.
        sequence_id: Option<Id<ServiceActivity>> = "serviceSeqId" [safe],
        /// Whether the service id came before.
        is_repeated: Option<Flag> = "repeatedServiceActivity" [safe],
    }
}

le_core::record! {
    /// An error that the visitor met.
    pub struct VisitorError {
        /// Name of the form or flow.
        context_id: Option<String> = "contextId",
        /// Message. Legacy events have an object in its place; [`VisitorError::text`] reads both.
        message: Option<String> = "message",
        /// Code; a number in the data files.
        code: Option<Id<VisitorError>> = "code",
        /// Level.
        level: Option<Int> = "level",
        /// Whether it is resolved.
        resolved: Option<Flag> = "resolved",
    }
}

impl VisitorError {
    /// The message, also where it came as the `{"string": "..."}` of legacy events.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        let legacy = || Some(self.extra.value("message")?.get("string")?.as_str()?.to_owned());
        self.message.clone().or_else(legacy)
    }
}
