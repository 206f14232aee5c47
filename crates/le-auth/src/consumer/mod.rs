//! Who a consumer is: anonymous identities and consumers whom the brand has authenticated
//! (<https://developers.liveperson.com/consumer-authentication-introduction.html>).
//!
//! [`ConsumerIdentity`] keeps a token fresh; [`Idp`] has the single calls.

mod connector;
mod idp;
mod refusal;
mod token;
mod way;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::Request;
use http::header::AUTHORIZATION;
use le_core::auth::{Refusal, Renewal, Stamp, bearer_header};
use le_core::clock::Clock;
use le_core::id::ConsumerId;
use le_core::{Authorize, Client, Error, ErrorKind, Secret, Timestamp};

pub use connector::{Connector, ConnectorConfiguration};
pub use idp::Idp;
pub use token::ConsumerToken;
pub use way::BrandToken;
use way::{Known, Way};

/// A token is renewed so long before its end, or a fifth of its life before it, whichever is shorter.
const MARGIN: Duration = Duration::from_secs(60);
/// While the old token still serves, a renewal that failed is tried again after this.
const PAUSE: Duration = Duration::from_secs(15);

/// The identity of one consumer, with a token that is renewed before it ends. Cheap to clone; clones are the same consumer.
///
/// It is an [`Authorize`] that sends the token as a bearer, as the history and the messaging REST API of consumers want it. For a
/// socket of `le-bots` wrap it in `BearerOf`: the socket takes the token from there, and has it renewed where the server closes with
/// 4401 or 4407.
///
/// * The end is read from the token (`exp`); nothing is kept for ever. A token is renewed shortly before that when it is next
///   needed; there is no task in the background.
/// * An anonymous identity is *prolonged*: the consumer stays the same. Where that is no longer possible, it is an error, unless
///   [`ConsumerIdentity::anew_when_lost`] is set: another consumer does not see the conversations of this one.
/// * However many callers need a token at the same time, it is got once, and goes on where one of them leaves.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use std::sync::Arc;
/// # use le_core::{AccountId, Client, TrustedHosts};
/// # let sim = le_sim::Sim::builder().account("70011223").conversations(1).start().await?;
/// # let account = AccountId::new("70011223")?;
/// # let domain = le_domain::Domain::builder(account.clone()).host(sim.url()).build()?;
/// # let trusted = TrustedHosts::vendor().with_host("localhost");
/// # let client = Client::builder(account).discover(Arc::new(domain)).trusted_hosts(trusted).build()?;
/// use le_auth::ConsumerIdentity;
///
/// let consumer = ConsumerIdentity::anonymous(&client);
/// let id = consumer.consumer_id().await?;
/// // What a restarted program needs to be the same consumer again. Keep it as you keep a password.
/// let saved = consumer.external_token();
/// let again = ConsumerIdentity::anonymous(&client).resume(saved.ok_or("an anonymous identity")?);
/// assert_eq!(again.consumer_id().await?, id);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ConsumerIdentity(Arc<Inner>);

#[derive(Clone)]
struct Settings {
    idp: Idp,
    way: Way,
    anew: bool,
}

struct Inner {
    settings: Settings,
    /// Held by the one who gets a token.
    renewing: tokio::sync::Mutex<()>,
    desk: Mutex<Desk>,
}

#[derive(Default)]
struct Desk {
    held: Option<Held>,
    known: Known,
    /// How many tokens there were.
    stamps: u64,
    /// How many attempts have ended, and how the last one failed.
    turns: u64,
    failure: Option<Error>,
}

#[derive(Clone)]
struct Held {
    token: ConsumerToken,
    stamp: u64,
    /// By the monotonic clock: from when it is to be renewed, and when it ends.
    renew: Duration,
    ends: Duration,
}

impl ConsumerIdentity {
    /// An anonymous consumer, made when it is first needed. The client needs a way to find hosts and no credential.
    ///
    /// The account must allow anonymous messaging and have a connector for it, which is looked up in the public list.
    #[must_use]
    pub fn anonymous(client: &Client) -> Self {
        Self::by(client, Way::Anonymous { connector: None })
    }

    /// An anonymous consumer the older way (`signup`). Its token lives for years and cannot be prolonged: where it is refused
    /// nevertheless, that is the end, unless [`ConsumerIdentity::anew_when_lost`] is set.
    #[must_use]
    pub fn signed_up(client: &Client) -> Self {
        Self::by(client, Way::SignedUp)
    }

    /// A consumer whom the brand has authenticated. Without a [`connector`](ConsumerIdentity::connector) the older call is used,
    /// which takes codes, too.
    #[must_use]
    pub fn of_brand(client: &Client, brand: Arc<dyn BrandToken>) -> Self {
        Self::by(client, Way::Brand { brand, connector: None })
    }

    fn by(client: &Client, way: Way) -> Self {
        let settings = Settings {
            idp: Idp::new(client),
            way,
            anew: false,
        };
        Self::with(settings, Known::default())
    }

    fn with(settings: Settings, known: Known) -> Self {
        let desk = Desk {
            known,
            ..Desk::default()
        };
        Self(Arc::new(Inner {
            settings,
            renewing: tokio::sync::Mutex::default(),
            desk: Mutex::new(desk),
        }))
    }

    /// The connector to go through. This begins a new identity: set it before the first use.
    #[must_use]
    pub fn connector(self, id: impl Into<String>) -> Self {
        let mut settings = self.0.settings.clone();
        match &mut settings.way {
            Way::Anonymous { connector } | Way::Brand { connector, .. } => *connector = Some(id.into()),
            Way::SignedUp => {}
        }
        let known = self.desk().known.clone();
        Self::with(settings, known)
    }

    /// Goes on as the anonymous consumer whose [`external token`](ConsumerIdentity::external_token) this is. Set it before the first use.
    #[must_use]
    pub fn resume(self, external: impl Into<Secret>) -> Self {
        let mut known = self.desk().known.clone();
        known.external = Some(external.into());
        Self::with(self.0.settings.clone(), known)
    }

    /// Begins as another consumer where an anonymous identity can no longer be prolonged. Off by default: the other consumer does
    /// not see the conversations of this one. Set it before the first use.
    #[must_use]
    pub fn anew_when_lost(self, yes: bool) -> Self {
        let mut settings = self.0.settings.clone();
        settings.anew = yes;
        let known = self.desk().known.clone();
        Self::with(settings, known)
    }

    /// The token, renewed if it ends soon: for what is not a call of a client.
    ///
    /// # Errors
    /// As the calls of [`Idp`], or as the brand.
    ///
    /// # Cancel safety
    /// A renewal goes on when the caller leaves.
    pub async fn token(&self) -> Result<ConsumerToken, Error> {
        Ok(self.live().await?.token)
    }

    /// The id of this consumer in conversations.
    ///
    /// # Errors
    /// As [`ConsumerIdentity::token`]; [`ErrorKind::Protocol`] where the token does not say it.
    pub async fn consumer_id(&self) -> Result<ConsumerId, Error> {
        let token = self.token().await?;
        token.consumer().cloned().ok_or_else(|| {
            Error::new(
                ErrorKind::Protocol,
                "the consumer's token does not say whose it is (no claim `sub`)",
            )
        })
    }

    /// When the token at hand ends, by the server's clock. `None` where there is none, or where it does not say.
    #[must_use]
    pub fn expires(&self) -> Option<Timestamp> {
        self.desk().held.as_ref()?.token.expires()
    }

    /// What [`ConsumerIdentity::resume`] takes: the newest external token of an anonymous identity. It changes with each renewal.
    #[must_use]
    pub fn external_token(&self) -> Option<Secret> {
        self.desk().known.external.clone()
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.0.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn clock(&self) -> &Arc<dyn Clock> {
        self.0.settings.idp.client().clock()
    }

    /// A token that lasts, or the one at hand where it still serves and no other can be had.
    async fn live(&self) -> Result<Held, Error> {
        let held = self.desk().held.clone();
        let now = self.clock().monotonic();
        match held {
            Some(held) if now < held.renew => Ok(held),
            Some(held) => match self.newer_than(held.stamp).await {
                Err(error) if self.clock().monotonic() < held.ends => {
                    tracing::warn!(%error, "the consumer's token was not renewed; the old one still serves");
                    Ok(held)
                }
                outcome => outcome,
            },
            None => self.newer_than(0).await,
        }
    }

    /// Gets a token unless there is one with a stamp above `refused`. All who wait share one attempt and its failure.
    async fn newer_than(&self, refused: u64) -> Result<Held, Error> {
        let asked = self.desk().turns;
        let this = self.clone();
        // A task of its own, so that it goes on when the caller leaves.
        let task = tokio::spawn(async move {
            let _turn = this.0.renewing.lock().await;
            if let Some(outcome) = this.outcome_since(refused, asked) {
                return outcome;
            }
            this.get().await
        });
        task.await.unwrap_or_else(|_| {
            Err(Error::new(
                ErrorKind::Cancelled,
                "the runtime ended while a token was got",
            ))
        })
    }

    /// What others have brought about meanwhile.
    fn outcome_since(&self, refused: u64, asked: u64) -> Option<Result<Held, Error>> {
        let desk = self.desk();
        match (&desk.held, &desk.failure) {
            (Some(held), _) if held.stamp > refused => Some(Ok(held.clone())),
            (_, Some(failure)) if desk.turns > asked => Some(Err(failure.clone())),
            _ => None,
        }
    }

    async fn get(&self) -> Result<Held, Error> {
        let settings = &self.0.settings;
        let mut known = self.desk().known.clone();
        let outcome = settings.way.token(&settings.idp, &mut known, settings.anew).await;
        let (now, wall) = (self.clock().monotonic(), self.clock().now());
        let mut desk = self.desk();
        desk.known = known;
        desk.turns += 1;
        match outcome {
            Ok(token) => {
                let lasts = token.lasts(wall);
                desk.stamps += 1;
                let held = Held {
                    stamp: desk.stamps,
                    renew: now + lasts.saturating_sub(MARGIN.min(lasts / 5)),
                    ends: now + lasts,
                    token,
                };
                desk.failure = None;
                desk.held = Some(held.clone());
                Ok(held)
            }
            Err(error) => {
                desk.failure = Some(error.clone());
                if let Some(held) = &mut desk.held {
                    held.renew = (now + PAUSE).min(held.ends);
                }
                Err(error)
            }
        }
    }
}

#[async_trait]
impl Authorize for ConsumerIdentity {
    async fn authorize(&self, request: &mut Request<Bytes>) -> Result<Stamp, Error> {
        let held = self.live().await?;
        let header = bearer_header(held.token.secret())?;
        request.headers_mut().insert(AUTHORIZATION, header);
        Ok(Stamp(held.stamp))
    }

    async fn renew(&self, refused: Stamp, _: &Refusal<'_>) -> Result<Renewal, Error> {
        let settings = &self.0.settings;
        let newest = self.desk().stamps;
        // A token that the server refuses before its end is as good as none; another consumer is none of this one's business.
        if newest <= refused.0 && newest > 0 && !settings.way.can_renew() && !settings.anew {
            return Ok(Renewal::NotPossible);
        }
        self.newer_than(refused.0).await?;
        Ok(Renewal::Renewed)
    }
}

impl fmt::Debug for ConsumerIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConsumerIdentity")
            .field("expires", &self.expires())
            .finish_non_exhaustive()
    }
}
