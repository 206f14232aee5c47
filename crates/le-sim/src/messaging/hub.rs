//! Where links, engine and faults meet. One lock guards it, and nothing waits while it is held.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::value::RawValue;
use tokio::sync::{Notify, mpsc::UnboundedSender};

use super::{
    close,
    engine::{Engine, LinkId, Outcome, Refusal, Request, Version, Who},
    files::Files,
    idp::{Identity, Idp},
    outbox::{Outbox, Outgoing},
    push::Pushes,
    rules::{MalformedJson, TokenInvalidation},
    suffering::Suffered,
    visit,
    wire::{self, Envelope, Frame, Operation},
};
use crate::{account::Account, attachments::Attachments, behaviour::Behaviour, world::World};

/// Messaging of one simulator.
pub(crate) struct Messaging {
    hub: Mutex<Hub>,
    pub(crate) files: Files,
    pub(crate) pushes: Pushes,
    idp: Mutex<Idp>,
    /// Something is due earlier than before.
    pub(crate) wake: Arc<Notify>,
    account: Account,
    survey_bot: (String, String),
    seed: u64,
    attachments: Arc<Attachments>,
}

/// State behind the lock.
pub(crate) struct Hub {
    pub(crate) engine: Engine,
    pub(crate) links: BTreeMap<LinkId, Entry>,
    next_link: LinkId,
}

/// A link, as far as the engine need not know it.
pub(crate) struct Entry {
    pub(crate) outbox: Outbox,
    pub(crate) version: Version,
    /// Old id or consumer id: what rules of the fault plan match as the path.
    pub(crate) name: Arc<str>,
    pub(crate) credential: Credential,
    recent: VecDeque<i64>,
}

/// What a link proved itself with.
pub(crate) enum Credential {
    /// The bearer of a login session.
    Bearer(String),
    /// A consumer's token: when it ends, and whether its bearer is anonymous.
    Token { expires_ms: i64, anonymous: bool },
    /// Driven by the control API.
    None,
}

/// What a socket is to do with a frame that it read.
#[derive(Debug)]
pub(crate) enum Received {
    Done,
    /// Handle it again after a time.
    Later(std::time::Duration),
    Close(u16, &'static str),
    Abort,
    Silence,
}

impl Messaging {
    /// `survey_bot`: user id and public id of the bot that asks surveys.
    pub(crate) fn new(
        account: &Account,
        survey_bot: (&str, &str),
        seed: u64,
        behaviour: &Arc<Behaviour>,
        wake: Arc<Notify>,
        attachments: Arc<Attachments>,
    ) -> Self {
        let survey_bot = (survey_bot.0.to_owned(), survey_bot.1.to_owned());
        Self {
            hub: Mutex::new(Hub::new(account, &survey_bot, seed, behaviour, &attachments)),
            files: Files::new(seed),
            pushes: Pushes::default(),
            idp: Mutex::new(Idp::new(seed)),
            wake,
            account: account.clone(),
            survey_bot,
            seed,
            attachments,
        }
    }

    pub(crate) fn hub(&self) -> MutexGuard<'_, Hub> {
        self.hub.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn idp(&self) -> MutexGuard<'_, Idp> {
        self.idp.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes all sockets and forgets everything.
    pub(crate) fn reset(&self, behaviour: &Arc<Behaviour>) {
        let mut hub = self.hub();
        for entry in hub.links.values_mut() {
            entry
                .outbox
                .order(Outgoing::Close(close::GOING_AWAY, "reset".to_owned()));
        }
        let next_link = hub.next_link;
        self.attachments.clear();
        *hub = Hub::new(&self.account, &self.survey_bot, self.seed, behaviour, &self.attachments);
        hub.next_link = next_link;
        drop(hub);
        self.files.clear();
        self.pushes.clear();
        *self.idp() = Idp::new(self.seed);
    }

    /// Runs something on the engine, tells what follows, and wakes the pulse.
    pub(crate) fn with<T>(&self, world: &World, run: impl FnOnce(&mut Hub) -> T) -> T {
        let mut hub = self.hub();
        let before = hub.engine.next_due();
        hub.engine.at(world.clock.now_ms(), &world.behaviour());
        let result = run(&mut hub);
        hub.tell(world);
        let pushes = hub.engine.take_pushes();
        let sooner = hub.engine.next_due() != before || !pushes.is_empty();
        drop(hub);
        self.pushes.add(pushes);
        if sooner {
            self.wake.notify_one();
        }
        result
    }

    /// A socket of an agent is open.
    pub(crate) fn agent_connected(
        &self,
        world: &World,
        agent: usize,
        version: Version,
        bearer: String,
        sender: UnboundedSender<Outgoing>,
    ) -> LinkId {
        self.with(world, |hub| {
            let name = Arc::clone(&hub.engine.agents[agent].old_id);
            let id = hub.add(version, name, Credential::Bearer(bearer), Outbox::socket(sender));
            hub.engine.connect(id, Who::Agent(agent), version, None);
            id
        })
    }

    /// A socket of a consumer is open and its token is good.
    pub(crate) fn consumer_connected(
        &self,
        world: &World,
        identity: &Identity,
        properties: Option<Box<RawValue>>,
        sender: UnboundedSender<Outgoing>,
    ) -> LinkId {
        let credential = Credential::Token {
            expires_ms: identity.expires_ms,
            anonymous: identity.anonymous,
        };
        let id = self.with(world, |hub| {
            hub.connect_consumer(identity, properties, credential, Outbox::socket(sender))
        });
        self.wake.notify_one();
        id
    }

    /// A socket is gone.
    pub(crate) fn disconnected(&self, world: &World, link: LinkId) {
        self.with(world, |hub| {
            hub.links.remove(&link);
            hub.engine.disconnect(link);
        });
    }

    /// Handles a text frame. `again`: its delay is over.
    pub(crate) fn receive(&self, world: &World, link: LinkId, text: &str, again: bool) -> Received {
        let Some(envelope) = Envelope::read(text) else {
            return self.unreadable(world, link);
        };
        let operation = envelope.operation();
        self.with(world, |hub| {
            let Some(entry) = hub.links.get_mut(&link) else {
                return Received::Done;
            };
            if !entry.version.is_agent()
                && envelope.type_name() == ".GetClock"
                && !world.behaviour().messaging.dialect.dotted_clock_for_consumers
            {
                return Received::Abort;
            }
            let operation = match operation {
                Ok(operation) => operation,
                Err(refusal) => {
                    let frame = wire::refusal(entry.version, &envelope.id(), None, &refusal);
                    hub.send(world, link, frame);
                    return Received::Done;
                }
            };
            match hub.inbound_fault(world, link, operation, again) {
                Suffered::Nothing => {}
                Suffered::Refusal(refusal) => {
                    hub.refuse(world, link, &envelope.id(), operation, &refusal);
                    return Received::Done;
                }
                Suffered::Instead(received) => return received,
            }
            hub.answer(world, &self.files, link, &envelope, operation);
            Received::Done
        })
    }

    fn unreadable(&self, world: &World, link: LinkId) -> Received {
        match world.behaviour().messaging.dialect.malformed_json {
            MalformedJson::Ignore => Received::Done,
            MalformedJson::Close => Received::Close(close::INVALID_PAYLOAD, "the frame is not JSON"),
            MalformedJson::Answer => {
                self.with(world, |hub| {
                    if let Some(entry) = hub.links.get(&link) {
                        let refusal = Refusal::bad("The frame is not a JSON request");
                        let frame = wire::refusal(entry.version, "null", None, &refusal);
                        hub.send(world, link, frame);
                    }
                });
                Received::Done
            }
        }
    }

    /// Closes the sockets whose token is no good any more, as the knob says.
    pub(crate) fn check_credentials(&self, world: &World) {
        let how = world.behaviour().messaging.token_invalidation;
        if how == TokenInvalidation::StaysOpen {
            return;
        }
        let now = world.clock.now_ms();
        let mut hub = self.hub();
        let sessions = world.sessions();
        for entry in hub.links.values_mut() {
            let code = match &entry.credential {
                Credential::Bearer(bearer) if sessions.of_bearer(bearer, now).is_none() => close::TOKEN,
                Credential::Token { expires_ms, anonymous } if *expires_ms <= now => {
                    if *anonymous {
                        close::IDENTITY
                    } else {
                        close::TOKEN
                    }
                }
                _ => continue,
            };
            entry.credential = Credential::None;
            entry.outbox.order(match how {
                TokenInvalidation::Abort => Outgoing::Abort,
                _ => Outgoing::Close(code, "token is invalid".to_owned()),
            });
        }
    }

    /// When a consumer's token ends next, or the engine has something to do.
    pub(crate) fn next_due(&self, now: i64) -> Option<i64> {
        let hub = self.hub();
        let tokens = hub.links.values().filter_map(|entry| match entry.credential {
            // One that is over already stays open because a knob says so.
            Credential::Token { expires_ms, .. } if expires_ms > now => Some(expires_ms),
            _ => None,
        });
        tokens.chain(hub.engine.next_due()).min()
    }
}

impl Hub {
    fn new(
        account: &Account,
        survey_bot: &(String, String),
        seed: u64,
        behaviour: &Arc<Behaviour>,
        attachments: &Arc<Attachments>,
    ) -> Self {
        let mut engine = Engine::new(account, survey_bot, seed, Arc::clone(behaviour));
        engine.attachments = Arc::clone(attachments);
        Self {
            engine,
            links: BTreeMap::new(),
            next_link: 1,
        }
    }

    pub(crate) fn add(&mut self, version: Version, name: Arc<str>, credential: Credential, outbox: Outbox) -> LinkId {
        let id = self.next_link;
        self.next_link += 1;
        let entry = Entry {
            outbox,
            version,
            name,
            credential,
            recent: VecDeque::new(),
        };
        self.links.insert(id, entry);
        id
    }

    pub(crate) fn connect_consumer(
        &mut self,
        identity: &Identity,
        properties: Option<Box<RawValue>>,
        credential: Credential,
        outbox: Outbox,
    ) -> LinkId {
        let consumer = self.engine.consumer(&identity.consumer);
        self.engine.vouch(consumer, identity.profile.clone());
        self.engine.name_subject(consumer, identity.subject.as_deref());
        let name = Arc::clone(&self.engine.consumers[consumer].id);
        let id = self.add(Version::Consumer, name, credential, outbox);
        self.engine
            .connect(id, Who::Consumer(consumer), Version::Consumer, properties);
        id
    }

    fn answer(&mut self, world: &World, files: &Files, link: LinkId, envelope: &Envelope<'_>, operation: Operation) {
        let id = envelope.id();
        let outcome = self.outcome(world, files, link, envelope, operation);
        let Some(version) = self.links.get(&link).map(|entry| entry.version) else {
            return;
        };
        let frame = match &outcome {
            Ok(reply) => wire::reply(version, &world.behaviour().messaging.dialect, &id, operation, reply),
            Err(refusal) => wire::refusal(version, &id, Some(operation), refusal),
        };
        if world.behaviour().messaging.dialect.response_after_notification {
            self.tell(world);
        }
        self.send(world, link, frame);
    }

    fn outcome(
        &mut self,
        world: &World,
        files: &Files,
        link: LinkId,
        envelope: &Envelope<'_>,
        operation: Operation,
    ) -> Outcome {
        if self.exceeds_limit(link) {
            return Err(Refusal::new(429, "Too many requests"));
        }
        match wire::request(envelope, operation)? {
            Request::UploadUrl { size, kind } => files.upload_url(world, size, &kind),
            Request::DownloadUrl { path } => files.download_url(world, &path),
            Request::NewConversation(mut opening) => {
                visit::route(world, &mut opening);
                self.engine.request(link, Request::NewConversation(opening))
            }
            request => self.engine.request(link, request),
        }
    }

    fn exceeds_limit(&mut self, link: LinkId) -> bool {
        let now = self.engine.now;
        let Some(limit) = self.engine.rules().rate_limit else {
            return false;
        };
        let Some(entry) = self.links.get_mut(&link) else {
            return false;
        };
        let since = now.saturating_sub(i64::try_from(limit.per_ms).unwrap_or(i64::MAX));
        while entry.recent.front().is_some_and(|at| *at <= since) {
            entry.recent.pop_front();
        }
        if entry.recent.len() >= limit.requests as usize {
            return true;
        }
        entry.recent.push_back(now);
        false
    }

    fn refuse(&mut self, world: &World, link: LinkId, id: &str, operation: Operation, refusal: &Refusal) {
        if let Some(entry) = self.links.get(&link) {
            let frame = wire::refusal(entry.version, id, Some(operation), refusal);
            self.send(world, link, frame);
        }
    }

    /// Sends a frame through the fault plan.
    pub(crate) fn send(&mut self, world: &World, link: LinkId, frame: Frame) {
        let actions = self.fired(world, link, "", frame.name);
        if let Some(entry) = self.links.get_mut(&link) {
            if actions.is_empty() {
                entry.outbox.send(frame);
            } else {
                entry.outbox.send_faulted(frame, &actions);
            }
        }
    }

    /// Tells what the engine has to tell.
    pub(crate) fn tell(&mut self, world: &World) {
        let notices = self.engine.take_notices();
        if notices.is_empty() {
            return;
        }
        let mut frames: Vec<(LinkId, Frame)> = Vec::with_capacity(notices.len() * 2);
        for notice in &notices {
            wire::tell(&self.engine, notice, &mut |to, frame| frames.push((to, frame)));
        }
        for (to, frame) in frames {
            self.send(world, to, frame);
        }
        self.engine.reuse_notices(notices);
    }
}
