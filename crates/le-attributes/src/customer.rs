//! Customer info (`ctmrinfo`): who the customer is to the brand.

use le_core::wire::{Float, Int};

use crate::payload::{around, payload};

around! {
    /// Customer info as it is sent: `{"type":"ctmrinfo","info":{...}}`.
    CustomerInfoSde { info: CustomerInfo = "info" }
}

payload! {
    /// The customer in the books of the brand. Every field is optional.
    ///
    /// In messaging a newer report replaces the older one, so send the complete object each time.
    /// <https://developers.liveperson.com/engagement-attributes-types-of-engagement-attributes.html>
    pub struct CustomerInfo {
        /// Type or tier; matched without regard to case against the customer types of the account.
        customer_type: Option<String> = "ctype",
        /// Stage of life; matched without regard to case against the customer statuses of the account.
        status: Option<String> = "cstatus",
        /// The key of the customer in the brand's own systems. In unauthenticated messaging the pages contradict each other on
        /// whether it may be sent; leave it out there and use identities.
        customer_id: Option<String> = "customerId",
        /// Balance in [`currency`](Self::currency); may be negative.
        balance: Option<Float> = "balance",
        /// Three letters, e.g. `EUR`.
        currency: Option<String> = "currency",
        /// Id in a social network of the brand's choice.
        social_id: Option<String> = "socialId",
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
        /// ZIP code of a store. Refused in authenticated flows.
        store_zip_code: Option<String> = "storeZipCode",
        /// Number of a store. Refused in authenticated flows.
        store_number: Option<String> = "storeNumber",
    }
}

payload! {
    /// A day. All three numbers are required.
    pub struct CalendarDate {
        /// Day of the month, from 1.
        day: Option<Int> = "day",
        /// Month, from 1.
        month: Option<Int> = "month",
        /// Year.
        year: Option<Int> = "year",
    }
}

impl CalendarDate {
    /// The day with these numbers, e.g. `new(2024, 2, 29)`.
    #[must_use]
    pub fn new(year: i64, month: i64, day: i64) -> Self {
        Self::default().year(year).month(month).day(day)
    }
}
