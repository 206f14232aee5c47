//! How a consumer proves who it is, and how the next token is had.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use le_core::{Error, ErrorKind, Secret};

use super::connector;
use super::idp::Idp;
use super::refusal::is_lost;
use super::token::ConsumerToken;

/// The brand, which says who a consumer is: gives a signed JSON web token, or a code of its authorization endpoint.
///
/// A [`Secret`] is a brand that always gives the same token, for as long as that one lasts.
#[async_trait]
pub trait BrandToken: Send + Sync + fmt::Debug {
    /// A fresh token of this consumer. It is asked for each time, and never kept.
    ///
    /// # Errors
    /// Why there is none; the error reaches whoever needs the consumer's credential.
    async fn token(&self) -> Result<Secret, Error>;
}

#[async_trait]
impl BrandToken for Secret {
    async fn token(&self) -> Result<Secret, Error> {
        Ok(self.clone())
    }
}

#[derive(Debug, Clone)]
pub(super) enum Way {
    /// In two steps, through the connector of anonymous consumers.
    Anonymous { connector: Option<String> },
    /// The older way: one call, a token that lives for years.
    SignedUp,
    /// By what the brand says; through a connector, or the older way.
    Brand {
        brand: Arc<dyn BrandToken>,
        connector: Option<String>,
    },
}

/// What is known of an identity besides its token.
#[derive(Clone, Default)]
pub(super) struct Known {
    /// The newest external token of an anonymous identity, which the next one is had for.
    pub(super) external: Option<Secret>,
    /// The connector that was found.
    pub(super) connector: Option<String>,
}

impl Way {
    /// Whether there is a way to another token of the same consumer.
    pub(super) fn can_renew(&self) -> bool {
        !matches!(self, Self::SignedUp)
    }

    /// Gets a token. What was learned on the way is kept in `known`, also where a later step fails.
    pub(super) async fn token(&self, idp: &Idp, known: &mut Known, anew: bool) -> Result<ConsumerToken, Error> {
        match self {
            Self::SignedUp => idp.sign_up().await,
            Self::Brand { brand, connector } => {
                let said = brand.token().await?;
                match connector {
                    Some(connector) => idp.authenticate(connector, &said).await,
                    None => idp.authenticate_by_code(&said).await,
                }
            }
            Self::Anonymous { connector } => {
                let connector = match connector.as_ref().or(known.connector.as_ref()) {
                    Some(connector) => connector.clone(),
                    None => connector::anonymous(&idp.connectors().await?)?,
                };
                known.connector = Some(connector.clone());
                let external = external(idp, known.external.as_ref(), anew).await?;
                known.external = Some(external.clone());
                idp.authenticate(&connector, &external).await
            }
        }
    }
}

/// Prolongs the identity, or makes one where there is none.
async fn external(idp: &Idp, previous: Option<&Secret>, anew: bool) -> Result<Secret, Error> {
    let Some(previous) = previous else {
        return idp.authorize_anonymous(None).await;
    };
    match idp.authorize_anonymous(Some(previous)).await {
        Err(lost) if is_lost(&lost) && anew => {
            tracing::warn!(error = %lost, "the anonymous identity is lost, a new consumer begins");
            idp.authorize_anonymous(None).await
        }
        Err(lost) if is_lost(&lost) => Err(lost.with_kind(ErrorKind::Authentication).with_advice(
            "the conversations of this consumer are out of reach; begin with a new identity, or let it do so by itself \
             (`anew_when_lost`)",
        )),
        outcome => outcome,
    }
}
