//! What a brand says about its consumer, and the claims that this becomes.

use le_core::wire::{Int, List};
use le_core::{Error, Result, Timestamp};

use crate::payload::payload;
use crate::sde::Sde;
use crate::validate::{self, Route};

/// Numbers from here on are milliseconds: in seconds they would lie after the year 5000.
const MILLISECONDS_FROM: i64 = 100_000_000_000;

/// Claims that the signer sets and nobody else.
const OF_THE_SIGNER: [&str; 4] = ["iss", "iat", "exp", "nbf"];

payload! {
    /// Who the consumer is, as the brand knows them. Each field becomes a claim, and each claim a field of an attribute.
    ///
    /// A further claim of the brand's own goes into `extra`.
    pub struct Consumer {
        /// The customer in the books of the brand; becomes `ctmrinfo.customerId`. Required. It has to be the same wherever the
        /// consumer comes from, since it is what conversations are found by.
        subject: Option<String> = "sub",
        /// Becomes `ctmrinfo.userName`.
        preferred_username: Option<String> = "preferred_username",
        /// Becomes `personal.firstname`.
        given_name: Option<String> = "given_name",
        /// Becomes `personal.lastname`.
        family_name: Option<String> = "family_name",
        /// Becomes the e-mail address of a contact.
        email: Option<String> = "email",
        /// Becomes the phone number of a contact. E.164 is advised, e.g. `+15550100`.
        phone_number: Option<String> = "phone_number",
        /// Becomes `personal.gender`. OpenID Connect writes it in lower case.
        gender: Option<String> = "gender",
        /// How the consumer proved who they are: `pwd`, `otp`, `mfa` and others of RFC 8176.
        methods: List<String> = "amr" [safe],
        /// Customer and personal info; nothing else, and no store fields.
        attributes: List<Sde> = "lp_sdes",
    }
}

impl Consumer {
    /// The consumer with this key in the books of the brand.
    #[must_use]
    pub fn of(subject: impl Into<String>) -> Self {
        Self::default().subject(subject)
    }

    /// Whether a token can be signed for this consumer.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](le_core::ErrorKind::Validation): no subject, an attribute that is not allowed in a token, or a
    /// claim in `extra` that the signer sets.
    pub fn check(&self) -> Result<()> {
        if self.subject.as_deref().unwrap_or_default().trim().is_empty() {
            return Err(
                Error::validation("`sub` is missing").with_advice("set the customer's key: it names the consumer")
            );
        }
        if let Some(name) = OF_THE_SIGNER.iter().find(|name| self.extra.get(name).is_some()) {
            return Err(Error::validation(format!("the claim `{name}` is set by the signer"))
                .with_advice("leave it out of `extra`; issuer and lifetime are settings of the signer"));
        }
        allowed_attributes(&self.attributes)
    }
}

/// What `lp_sdes` may hold.
pub(super) fn allowed_attributes(attributes: &[Sde]) -> Result<()> {
    validate::attributes(attributes, Route::SignedToken).map_err(|error| {
        let message = error.message().replacen("attributes[", "lp_sdes[", 1);
        error.with_message(message)
    })
}

le_core::record! {
    /// The claims of a brand's token.
    pub struct BrandClaims {
        /// The authorization service by the name that is configured in LivePerson.
        issuer: Option<String> = "iss" [safe],
        /// Issued at. Seconds; see [`issued_at`](Self::issued_at).
        iat: Option<Int> = "iat" [safe],
        /// Expires at. Seconds; see [`expires_at`](Self::expires_at).
        exp: Option<Int> = "exp" [safe],
        /// Not valid before. Seconds; the pages do not have it, other issuers may.
        nbf: Option<Int> = "nbf" [safe],
        /// The customer; becomes `ctmrinfo.customerId`.
        subject: Option<String> = "sub",
        /// Becomes `ctmrinfo.userName`.
        preferred_username: Option<String> = "preferred_username",
        /// Becomes `personal.firstname`.
        given_name: Option<String> = "given_name",
        /// Becomes `personal.lastname`.
        family_name: Option<String> = "family_name",
        /// Becomes the e-mail address of a contact.
        email: Option<String> = "email",
        /// Becomes the phone number of a contact.
        phone_number: Option<String> = "phone_number",
        /// Becomes `personal.gender`.
        gender: Option<String> = "gender",
        /// How the consumer proved who they are.
        methods: List<String> = "amr" [safe],
        /// Customer and personal info.
        attributes: List<Sde> = "lp_sdes",
    }
}

impl BrandClaims {
    /// The moment of issue.
    #[must_use]
    pub fn issued_at(&self) -> Option<Timestamp> {
        self.iat.as_ref().map(moment)
    }

    /// The moment from which LivePerson asks for a new token.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.exp.as_ref().map(moment)
    }

    /// The moment before which the token is not valid.
    #[must_use]
    pub fn not_before(&self) -> Option<Timestamp> {
        self.nbf.as_ref().map(moment)
    }

    pub(super) fn of(consumer: Consumer, issuer: &str, issued: Timestamp, expires: Timestamp) -> Self {
        Self {
            issuer: Some(issuer.to_owned()),
            iat: Some(issued.as_secs().into()),
            exp: Some(expires.as_secs().into()),
            nbf: None,
            subject: consumer.subject,
            preferred_username: consumer.preferred_username,
            given_name: consumer.given_name,
            family_name: consumer.family_name,
            email: consumer.email,
            phone_number: consumer.phone_number,
            gender: consumer.gender,
            methods: consumer.methods,
            attributes: consumer.attributes,
            extra: consumer.extra,
        }
    }
}

/// The pages say seconds; one of their samples has milliseconds, another writes text.
fn moment(number: &Int) -> Timestamp {
    let number = number.get();
    if number >= MILLISECONDS_FROM {
        Timestamp::from_millis(number)
    } else {
        Timestamp::from_millis(number.saturating_mul(1000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer::CustomerInfo;
    use crate::journey::Lead;

    fn refusal(consumer: &Consumer) -> String {
        consumer.check().unwrap_err().to_string()
    }

    #[test]
    fn each_rule_has_its_error() {
        assert!(Consumer::of("cu-7f31").check().is_ok());
        assert!(refusal(&Consumer::default()).contains("`sub` is missing"));
        assert!(refusal(&Consumer::of("  ")).contains("`sub` is missing"));
        let lead = Consumer::of("c").attributes(vec![Lead::default().topic("house").into()]);
        assert!(
            refusal(&lead).contains("lp_sdes[0]: `lead` cannot be sent"),
            "{}",
            refusal(&lead)
        );
        let store = CustomerInfo::default().store_number("S-12");
        let store = Consumer::of("c").attributes(vec![CustomerInfo::default().into(), store.into()]);
        assert!(
            refusal(&store).contains("lp_sdes[1]: `info.storeNumber`"),
            "{}",
            refusal(&store)
        );
        assert!(!refusal(&store).contains("S-12"));
        for name in OF_THE_SIGNER {
            let mut consumer = Consumer::of("c");
            consumer.extra.insert(name, &1).unwrap();
            assert!(refusal(&consumer).contains(&format!("`{name}` is set by the signer")));
        }
    }

    #[test]
    fn times_are_read_in_all_documented_forms() {
        for json in [
            r#"{"exp":1700000900}"#,
            r#"{"exp":"1700000900"}"#,
            r#"{"exp":1700000900000}"#,
        ] {
            let claims: BrandClaims = serde_json::from_str(json).unwrap();
            assert_eq!(
                claims.expires_at(),
                Some(Timestamp::from_millis(1_700_000_900_000)),
                "{json}"
            );
        }
    }

    #[test]
    fn debug_shows_nobody() {
        let consumer = Consumer::of("cu-7f31").given_name("Ingrid").email("ingrid@example.org");
        let shown = format!("{consumer:?}");
        assert!(
            !shown.contains("cu-7f31") && !shown.contains("Ingrid") && !shown.contains('@'),
            "{shown}"
        );
    }
}
