//! The credential of a consumer.

use async_trait::async_trait;
use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderValue, Request};
use le_core::auth::Stamp;
use le_core::{Authorize, Error, Secret};

/// A consumer's JWT, as it is put into the header `Authorization`.
///
/// The vendor's pages do not say whether something stands in front of it. The default is `Bearer`; [`prefix`](Self::prefix) takes
/// another word, or none.
#[derive(Debug, Clone)]
pub struct ConsumerJwt {
    token: Secret,
    prefix: String,
}

impl ConsumerJwt {
    /// Sends `Authorization: Bearer {token}`.
    #[must_use]
    pub fn new(token: impl Into<Secret>) -> Self {
        Self {
            token: token.into(),
            prefix: "Bearer".to_owned(),
        }
    }

    /// Sends this word in front of the token, e.g. `jwt`; an empty one sends the token alone.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }
}

#[async_trait]
impl Authorize for ConsumerJwt {
    async fn authorize(&self, request: &mut Request<Bytes>) -> Result<Stamp, Error> {
        let prefix = self.prefix.trim();
        let space = if prefix.is_empty() { "" } else { " " };
        let mut value = HeaderValue::try_from(format!("{prefix}{space}{}", self.token.expose())).map_err(|_| {
            Error::configuration("the consumer's token or its prefix holds characters that an HTTP header cannot hold")
        })?;
        value.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, value);
        Ok(Stamp::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_word_in_front_can_be_chosen() {
        for (jwt, expected) in [
            (ConsumerJwt::new("a.b.c"), "Bearer a.b.c"),
            (ConsumerJwt::new("a.b.c").prefix("jwt"), "jwt a.b.c"),
            (ConsumerJwt::new("a.b.c").prefix(""), "a.b.c"),
        ] {
            let mut request = Request::new(Bytes::new());
            jwt.authorize(&mut request).await.unwrap();
            let header = &request.headers()[AUTHORIZATION];
            assert_eq!(header, expected);
            assert!(header.is_sensitive());
            assert!(!format!("{jwt:?}").contains("a.b.c"));
        }
        let mut request = Request::new(Bytes::new());
        let error = ConsumerJwt::new("a\nb").authorize(&mut request).await.unwrap_err();
        assert!(!error.to_string().contains("a\nb"));
    }
}
