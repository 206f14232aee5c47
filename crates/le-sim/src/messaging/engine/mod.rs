//! Messaging as state and rules: requests go in, answers and notices come out. It does no input or output, and the time
//! is told to it, so that it does the same thing each time.

mod conversation;
mod event;
mod forms;
mod lifecycle;
mod notice;
mod party;
mod presence;
mod profile;
mod publish;
mod push;
mod request;
mod response_time;
mod routing;
mod step_up;
mod subscription;
mod survey;
mod transfer;
mod update;
mod visitor;
mod watch;

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

pub(crate) use conversation::{Conversation, Csat, Delay, Dialog, DialogKind, Handover, Presence, Ttr};
pub(crate) use event::{Author, Draft, Event, EventKind};
pub(crate) use forms::FormTokens;
pub(crate) use notice::{Delivery, Notice, RingNotice};
pub(crate) use party::{Agent, Consumer, Link, LinkId, Participant, Role, Version, Who};
pub(crate) use presence::AVAILABILITIES;
pub(crate) use push::Push;
pub(crate) use request::{
    Change, Filter, FormReference, MessageQuery, NewConversation, Outcome, ParticipantAction, Refusal, Reply, Request,
};
pub(crate) use routing::{Ring, RingState, Task};
pub(crate) use survey::{QUESTIONS, SURVEY_ID, message_text};

use self::subscription::Subscriptions;
use crate::{
    account::{Account, uuid},
    attachments::Attachments,
    behaviour::Behaviour,
    messaging::rules::MessagingBehaviour,
};

/// All of messaging of one account.
pub(crate) struct Engine {
    pub(crate) brand: Arc<str>,
    /// The time of the request or tick that is being handled, epoch milliseconds.
    pub(crate) now: i64,
    behaviour: Arc<Behaviour>,
    pub(crate) agents: Vec<Agent>,
    /// Old ids, public ids, user ids and login names.
    agent_places: HashMap<Arc<str>, usize>,
    pub(crate) consumers: Vec<Consumer>,
    consumer_places: HashMap<Arc<str>, usize>,
    pub(crate) conversations: Vec<Conversation>,
    conversation_places: HashMap<Arc<str>, usize>,
    /// Dialogs by id: conversation, and dialog within it.
    dialog_places: HashMap<Arc<str>, (usize, usize)>,
    /// Consumers by the subject that the brand's token named.
    subject_places: HashMap<Arc<str>, Vec<usize>>,
    /// Conversations by the web visitor who began them.
    visitor_places: HashMap<Arc<str>, Vec<usize>>,
    /// Who has a conversation, for those who report what visitors do.
    pub(crate) attachments: Arc<Attachments>,
    pub(crate) links: HashMap<LinkId, Link>,
    subscriptions: Subscriptions,
    pub(crate) tasks: BTreeMap<usize, Task>,
    rings: HashMap<Arc<str>, usize>,
    /// Something happened that may let a waiting conversation be rung.
    routing_due: bool,
    /// Open surveys and the time when they are closed.
    surveys: Vec<(i64, usize)>,
    forms: FormTokens,
    /// Conversations that changed in what is being handled.
    changed: Vec<usize>,
    /// Conversations that the history does not know yet in their newest state.
    unpublished: Vec<usize>,
    notices: Vec<Notice>,
    pushes: Vec<Push>,
    /// Agent, time, what it became.
    availability_log: Vec<(usize, i64, String)>,
    random: fastrand::Rng,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("conversations", &self.conversations.len())
            .field("consumers", &self.consumers.len())
            .field("links", &self.links.len())
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// `survey_bot`: user id and public id.
    pub(crate) fn new(account: &Account, survey_bot: &(String, String), seed: u64, behaviour: Arc<Behaviour>) -> Self {
        let agents = party::directory(account, survey_bot);
        let mut agent_places = HashMap::new();
        for (place, agent) in agents.iter().enumerate() {
            for id in [&agent.old_id, &agent.pid, &agent.login_name] {
                agent_places.insert(Arc::clone(id), place);
            }
            agent_places.insert(agent.user_id.as_str().into(), place);
        }
        Self {
            brand: account.id.as_str().into(),
            now: 0,
            behaviour,
            agents,
            agent_places,
            consumers: Vec::new(),
            consumer_places: HashMap::new(),
            conversations: Vec::new(),
            conversation_places: HashMap::new(),
            dialog_places: HashMap::new(),
            subject_places: HashMap::new(),
            visitor_places: HashMap::new(),
            attachments: Arc::default(),
            links: HashMap::new(),
            subscriptions: Subscriptions::default(),
            tasks: BTreeMap::new(),
            rings: HashMap::new(),
            routing_due: false,
            surveys: Vec::new(),
            forms: FormTokens::default(),
            changed: Vec::new(),
            unpublished: Vec::new(),
            notices: Vec::new(),
            pushes: Vec::new(),
            availability_log: Vec::new(),
            random: fastrand::Rng::with_seed(seed ^ 0x3e55_a617),
        }
    }

    /// Sets the time and the knobs for what comes next.
    pub(crate) fn at(&mut self, now: i64, behaviour: &Arc<Behaviour>) -> &mut Self {
        self.now = now;
        if !Arc::ptr_eq(&self.behaviour, behaviour) {
            self.behaviour = Arc::clone(behaviour);
            self.routing_due = true;
        }
        self
    }

    pub(crate) fn rules(&self) -> &MessagingBehaviour {
        &self.behaviour.messaging
    }

    /// Handles one request of a link. What others are to be told lies in the notices afterwards.
    pub(crate) fn request(&mut self, link: LinkId, request: Request) -> Outcome {
        let Some(who) = self.links.get(&link).map(|link| link.who) else {
            return Err(Refusal::new(401, "The connection is not initialized"));
        };
        let outcome = match who {
            Who::Agent(agent) => self.agent_request(link, agent, request),
            Who::Consumer(consumer) => self.consumer_request(link, consumer, request),
        };
        self.settle();
        outcome
    }

    fn agent_request(&mut self, link: LinkId, agent: usize, request: Request) -> Outcome {
        let who = Who::Agent(agent);
        match request {
            Request::SubscribeRouting {
                agent,
                skill,
                conversation,
            } => self.subscribe_routing(link, agent, skill, conversation),
            Request::UpdateRoutingSubscription {
                subscription,
                skill,
                conversation,
            } => self.update_routing_subscription(link, &subscription, skill, conversation),
            Request::AnswerRing { ring, accepted } => self.answer_ring(agent, &ring, accepted),
            Request::SetAgentState {
                agent: named,
                availability,
            } => self.set_agent_state(agent, named.as_deref(), &availability),
            Request::SubscribeAgentsState { agent, availability } => {
                self.subscribe_agents_state(link, &agent, availability)
            }
            Request::ProactiveConversation { consumer, opening } => self.proactive(agent, &consumer, opening),
            Request::FormDownloadToken(form) => self.form_download_token(agent, &form),
            // The oldest documents have agents subscribe; taking part is all that it takes, so there is nothing to do.
            Request::SubscribeMessages { dialog, .. } => match self.find_dialog(&dialog) {
                Some(_) => Ok(Reply::MessagesSubscribed),
                None => Err(Refusal::bad("Dialog does not exist")),
            },
            request => self.either_request(link, who, request),
        }
    }

    fn consumer_request(&mut self, link: LinkId, consumer: usize, request: Request) -> Outcome {
        match request {
            Request::SubscribeMessages { dialog, from } => self.subscribe_messages(link, consumer, &dialog, from),
            Request::NewConversation(opening) => self.request_conversation(link, consumer, opening),
            Request::SetProfile(members) => self.set_profile(consumer, members),
            Request::InitAgain => Ok(Reply::Text(200, "Connection initialized successfully")),
            Request::FormUploadToken(form) => self.form_upload_token(consumer, &form),
            request => self.either_request(link, Who::Consumer(consumer), request),
        }
    }

    fn either_request(&mut self, link: LinkId, who: Who, request: Request) -> Outcome {
        match request {
            Request::Clock => Ok(Reply::Clock(self.now)),
            Request::KeepAlive => Ok(Reply::Text(200, "OK")),
            Request::SubscribeConversations(filter) => self.subscribe_conversations(link, filter),
            Request::UpdateConversationSubscription { subscription, filter } => {
                self.update_conversation_subscription(link, &subscription, filter)
            }
            Request::Unsubscribe { subscription } => self.unsubscribe(link, &subscription),
            Request::QueryMessages(query) => self.query_messages(who, &query),
            Request::Publish {
                dialog,
                conversation,
                draft,
            } => self.publish(link, who, &dialog, conversation.as_deref(), draft),
            Request::UpdateConversation {
                conversation,
                changes,
                metadata,
            } => self.update_conversation(who, &conversation, changes, metadata.as_ref()),
            Request::GetProfile { user } => self.get_profile(who, user.as_deref()),
            // What is left belongs to the other side, or, as the URLs of files, is answered before it comes here.
            _ => Err(Refusal::new(
                403,
                "This request is not allowed for this kind of connection",
            )),
        }
    }

    /// What follows from what was done: waiting conversations are rung, changed ones are told.
    pub(super) fn settle(&mut self) {
        self.ring_waiting();
        self.tell_changes();
    }

    /// Does what the time has made due.
    pub(crate) fn tick(&mut self) {
        self.expire_rings();
        self.expire_suggestions();
        self.expire_surveys();
        self.expire_idle_conversations();
        self.settle();
    }

    /// When [`tick`](Self::tick) has something to do next.
    pub(crate) fn next_due(&self) -> Option<i64> {
        let tasks = self.tasks.values().filter_map(|task| self.task_due(task));
        let surveys = self.surveys.iter().map(|(at, _)| *at);
        tasks.chain(surveys).chain(self.idle_due()).min()
    }

    /// Takes what is to be told.
    pub(crate) fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// Gives the room of told notices back, so that the next ones need none.
    pub(crate) fn reuse_notices(&mut self, mut room: Vec<Notice>) {
        room.clear();
        if self.notices.is_empty() {
            self.notices = room;
        }
    }

    /// The agent that an old id, a public id, a user id or a login name means.
    pub(crate) fn find_agent(&self, id: &str) -> Option<usize> {
        self.agent_places.get(id).copied()
    }

    /// The consumer with this id.
    pub(crate) fn find_consumer(&self, id: &str) -> Option<usize> {
        self.consumer_places.get(id).copied()
    }

    /// The consumer with this id, made if there was none.
    pub(crate) fn consumer(&mut self, id: &str) -> usize {
        if let Some(place) = self.find_consumer(id) {
            return place;
        }
        let place = self.consumers.len();
        let consumer = Consumer::new(id);
        self.consumer_places.insert(Arc::clone(&consumer.id), place);
        self.consumers.push(consumer);
        place
    }

    /// An id that no consumer has.
    pub(crate) fn new_consumer_id(&mut self) -> String {
        uuid(&mut self.random)
    }

    /// The conversation with this id.
    pub(crate) fn find_conversation(&self, id: &str) -> Option<usize> {
        self.conversation_places.get(id).copied()
    }

    /// Where a dialog is.
    pub(crate) fn find_dialog(&self, id: &str) -> Option<(usize, usize)> {
        self.dialog_places.get(id).copied()
    }

    /// The id by which agents know someone.
    pub(crate) fn old_id(&self, who: Who) -> &Arc<str> {
        match who {
            Who::Agent(agent) => &self.agents[agent].old_id,
            Who::Consumer(consumer) => &self.consumers[consumer].id,
        }
    }

    /// The id by which consumers know someone.
    pub(crate) fn pid(&self, who: Who) -> &Arc<str> {
        match who {
            Who::Agent(agent) => &self.agents[agent].pid,
            Who::Consumer(consumer) => &self.consumers[consumer].id,
        }
    }

    /// Conversations whose newest state the history is to know by now.
    pub(crate) fn take_publishable(&mut self, latency_ms: i64) -> Vec<usize> {
        let (now, conversations) = (self.now, &mut self.conversations);
        let mut due = Vec::new();
        self.unpublished.retain(|place| {
            let since = &mut conversations[*place].story.unpublished_since;
            if since.is_some_and(|since| since.saturating_add(latency_ms) > now) {
                return true;
            }
            *since = None;
            due.push(*place);
            false
        });
        due
    }
}
