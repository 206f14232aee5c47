//! What a login gave: the secrets of the session, and the rest of the answer.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use le_core::Secret;
use le_core::wire::Int;

use super::answer::LoginAnswer;
use super::cookies::Jar;

/// An open session of the Login Service: its bearer, what refresh and logout need, and the answer without its secrets.
#[derive(Clone)]
pub struct Grant {
    bearer: Secret,
    csrf: Option<Secret>,
    ttl: Option<Duration>,
    jar: Jar,
    answer: Arc<LoginAnswer>,
}

impl Grant {
    /// `None` where the answer has no bearer.
    pub(super) fn new(mut answer: LoginAnswer, mut jar: Jar) -> Option<Self> {
        let bearer = taken(&mut answer.bearer)?;
        let csrf = taken(&mut answer.csrf);
        if let Some(session_id) = taken(&mut answer.session_id) {
            jar.ensure_session_id(session_id);
        }
        let ttl = ttl(answer.session_ttl.as_ref());
        answer.shrink();
        Some(Self {
            bearer,
            csrf,
            ttl,
            jar,
            answer: Arc::new(answer),
        })
    }

    /// The session token.
    #[must_use]
    pub fn bearer(&self) -> &Secret {
        &self.bearer
    }

    /// How long the session lasts without a refresh, where the answer says so.
    #[must_use]
    pub fn ttl(&self) -> Option<Duration> {
        self.ttl
    }

    /// The answer, without bearer, csrf and session id.
    #[must_use]
    pub fn answer(&self) -> &LoginAnswer {
        &self.answer
    }

    /// The same, shared: it lists the hosts of all services, so it is some kilobytes.
    pub(crate) fn shared_answer(&self) -> Arc<LoginAnswer> {
        Arc::clone(&self.answer)
    }

    /// Whether the login answer held the `csrf` that refresh and logout need.
    #[must_use]
    pub fn can_be_refreshed(&self) -> bool {
        self.csrf.is_some()
    }

    pub(super) fn csrf(&self) -> Option<&Secret> {
        self.csrf.as_ref()
    }

    pub(super) fn jar(&self) -> &Jar {
        &self.jar
    }

    pub(super) fn set_jar(&mut self, jar: Jar) {
        self.jar = jar;
    }

    /// Takes in what the answer to a refresh says.
    pub(super) fn adopt(&mut self, mut refreshed: LoginAnswer) {
        if let Some(bearer) = taken(&mut refreshed.bearer) {
            self.bearer = bearer;
        }
        if let Some(csrf) = taken(&mut refreshed.csrf) {
            self.csrf = Some(csrf);
        }
        if let Some(ttl) = ttl(refreshed.session_ttl.as_ref()) {
            self.ttl = Some(ttl);
        }
    }
}

fn taken(text: &mut Option<String>) -> Option<Secret> {
    text.take().filter(|text| !text.is_empty()).map(Secret::new)
}

fn ttl(millis: Option<&Int>) -> Option<Duration> {
    let millis = u64::try_from(millis?.get()).ok().filter(|millis| *millis > 0)?;
    Some(Duration::from_millis(millis))
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grant")
            .field("ttl", &self.ttl)
            .field("can_be_refreshed", &self.can_be_refreshed())
            .field("answer", &self.answer)
            .finish_non_exhaustive()
    }
}
