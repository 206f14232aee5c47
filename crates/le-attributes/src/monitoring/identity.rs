//! Who the visitor is to the brand.

use le_core::{Error, Result};

use crate::generated::enums::IdentityLevel;
use crate::payload::payload;

payload! {
    /// A consumer as the brand knows them. It identifies and does not authenticate: the service looks for a consumer with the
    /// same `sub`, and answers with their open conversation where there is one.
    ///
    /// `sub` has to be unguessable, without a serial pattern, and never given to another person; a UUID or a salted hash is
    /// recommended. <https://developers.liveperson.com/monitoring-api-methods-engagement.html>
    pub struct Identity {
        /// Who named the consumer. Unauthenticated: see [`Identity::unauthenticated_issuer`]; authenticated: equal to the `iss`
        /// of the brand's token.
        issuer: Option<String> = "iss",
        /// `0` unauthenticated, `loa1` authenticated. Required.
        level: Option<IdentityLevel> = "acr" [safe],
        /// The key of the consumer. Required; for authenticated consumers equal to the `sub` of the brand's token.
        subject: Option<String> = "sub",
    }
}

impl Identity {
    /// A consumer that the brand has authenticated: `iss` and `sub` as in its token.
    #[must_use]
    pub fn authenticated(issuer: impl Into<String>, subject: impl Into<String>) -> Self {
        Self::default()
            .issuer(issuer)
            .level(IdentityLevel::Authenticated)
            .subject(subject)
    }

    /// A consumer that nobody has authenticated. Set the issuer where you know it.
    #[must_use]
    pub fn unauthenticated(subject: impl Into<String>) -> Self {
        Self::default().level(IdentityLevel::Unauthenticated).subject(subject)
    }

    /// The issuer of unauthenticated identities: the host of the Domain API, a slash, and the account. The pages do not print an
    /// example; where you are not sure, leave the identity out and rely on the visitor id.
    #[must_use]
    pub fn unauthenticated_issuer(domain_host: &str, account: &le_core::AccountId) -> String {
        format!("{domain_host}/{account}")
    }

    pub(crate) fn check(&self, at: usize) -> Result<()> {
        let missing = |name: &str| {
            Err(Error::validation(format!("`identities[{at}].{name}` is missing"))
                .with_advice("the service needs `acr` and `sub` of each identity"))
        };
        match (&self.level, self.subject.as_deref()) {
            (None, _) => missing("acr"),
            (_, None | Some("")) => missing("sub"),
            _ => Ok(()),
        }
    }
}
