//! One turn: the handler that is called for one thing that happened, and what follows when it fails.

use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Either, OptionFuture, join, select};
use tracing::Instrument as _;

use super::Lane;
use super::memory::Memory;
use super::press;
use super::run::{BrokenOff, Work};
use crate::bot::context::{Cause, Context};
use crate::bot::handlers::{BotError, Failure, Handled, Remedy, by_error};
use crate::bot::hub::Hub;
use crate::bot::journal::Turn;
use crate::bot::message::{Author, Message, Receipt};
use crate::bot::options::Duty;
use crate::bot::standing::{self, Change};
use crate::bot::telemetry::Counters;
use crate::bot::{Decision, HandOver};
use crate::change::FieldChange;
use crate::conversation::{Conversation, Role};
use crate::event::{ChatState, DialogEvent, EventType};

/// What a handler is called for.
enum Call {
    Change(Change),
    Message(Message),
    Colleague(Author, Message),
    Typing(Author, ChatState),
    Receipt(Receipt),
}

impl Call {
    fn handler(&self) -> &'static str {
        match self {
            Self::Change(Change::Started) => "started",
            Self::Change(Change::Ttr(_)) => "ttr_changed",
            Self::Change(Change::Dialog(_)) => "dialog_changed",
            Self::Change(Change::Transferred(_)) => "transferred",
            Self::Change(Change::Closed(_)) => "closed",
            Self::Message(_) => "message",
            Self::Colleague(..) => "colleague",
            Self::Typing(..) => "typing",
            Self::Receipt(_) => "receipt",
        }
    }
}

/// The handler, begun. Most handlers make a future of their own, in a box; no room is kept here for what it was made of.
fn handle<'a>(hub: &'a Hub, ctx: &'a Context, call: Call) -> BoxFuture<'a, Handled> {
    let bot = &*hub.bot;
    match call {
        Call::Change(Change::Started) => Box::pin(async move {
            if let Duty::Survey { mark: Some(mark), .. } = &hub.duty {
                ctx.annotate_dialog(mark).await?;
            }
            bot.started(ctx).await
        }),
        Call::Change(Change::Ttr(ttr)) => Box::pin(async move { bot.ttr_changed(ctx, &ttr).await }),
        Call::Change(Change::Dialog(dialog)) => Box::pin(async move { bot.dialog_changed(ctx, &dialog).await }),
        Call::Change(Change::Transferred(transfer)) => Box::pin(async move { bot.transferred(ctx, &transfer).await }),
        Call::Change(Change::Closed(closed)) => Box::pin(async move { bot.closed(ctx, &closed).await }),
        Call::Message(message) => bot.message(ctx, message),
        Call::Colleague(author, message) => Box::pin(async move { bot.colleague(ctx, &author, message).await }),
        Call::Typing(author, state) => Box::pin(async move { bot.typing(ctx, &author, state).await }),
        Call::Receipt(receipt) => Box::pin(async move { bot.receipt(ctx, &receipt).await }),
    }
}

/// A stored event. Its position is noted by the caller.
pub(super) async fn event(hub: &Arc<Hub>, lane: &Arc<Lane>, memory: &mut Memory, event: Box<DialogEvent>) -> Work {
    let Some((dialog, sequence)) = event.key() else {
        return Ok(());
    };
    let passed =
        sequence < memory.record.place(dialog).from || !standing::is_heard(&lane.conversation(), dialog, &hub.duty);
    let Some(own) = event.event.as_ref().filter(|_| !passed && !event.is_by(&hub.me)) else {
        return Ok(());
    };
    let author = Author::of(&event);
    let call = if own.kind == Some(EventType::AcceptStatus) {
        match press::is_click(&event) && author.is_consumer() {
            true => Call::Message(Message::Press(Box::pin(press::press(hub, lane, memory, &event)).await)),
            false => Call::Receipt(Receipt {
                status: own.status.clone().unwrap_or_else(|| "".into()),
                sequences: own.receipts().collect(),
                dialog: dialog.clone(),
                author,
            }),
        }
    } else {
        let echo = press::is_echo(hub, lane, memory, &event).await;
        match Message::of(own) {
            // The click was handled; its text is read, and no more.
            Some(_) if echo => {
                Box::pin(read(hub, lane, &event)).await;
                return Ok(());
            }
            Some(message) if author.is_consumer() => Call::Message(message),
            Some(message) => Call::Colleague(author, message),
            None => return Ok(()),
        }
    };
    memory.seen = memory.seen.saturating_add(1);
    let key = match hub.journals {
        true => format!("{}-{sequence}", dialog.as_str().replace('/', "%2F")),
        false => String::new(),
    };
    turn(hub, lane, memory, key, Cause::Event(event), call).await
}

/// A chat state.
pub(super) async fn passing(hub: &Arc<Hub>, lane: &Arc<Lane>, memory: &mut Memory, event: Box<DialogEvent>) -> Work {
    let state = event.event.as_ref().and_then(|own| own.chat_state.clone());
    let Some(state) = state.filter(|_| !event.is_by(&hub.me)) else {
        return Ok(());
    };
    let call = Call::Typing(Author::of(&event), state);
    turn(hub, lane, memory, String::new(), Cause::Event(event), call).await
}

/// A change of the conversation.
pub(super) async fn change(hub: &Arc<Hub>, lane: &Arc<Lane>, memory: &mut Memory, change: Change) -> Work {
    let key = change.turn();
    turn(hub, lane, memory, key, Cause::Change, Call::Change(change)).await
}

/// Joins what is to be observed or surveyed; gives whether there is any use in looking further.
pub(super) async fn joins(
    hub: &Arc<Hub>,
    lane: &Arc<Lane>,
    memory: &mut Memory,
    now: &Arc<Conversation>,
) -> Result<bool, BrokenOff> {
    if standing::takes_part(now, &hub.me, &hub.duty) || hub.duty == Duty::Agent {
        return Ok(true);
    }
    if std::mem::replace(&mut memory.decided, true) {
        return Ok(false);
    }
    let open = now.is_open();
    let join = match &hub.duty {
        Duty::Observer(role) if open => {
            let found = AssertUnwindSafe(hub.bot.found(now)).catch_unwind().await;
            if found.unwrap_or(Decision::Ignore) != Decision::Accept {
                return Ok(false);
            }
            FieldChange::join(role.clone())
        }
        Duty::Survey { app_install_id, .. } => match standing::survey_of(now, app_install_id) {
            Some(dialog) => {
                let id = dialog.dialog_id.clone().unwrap_or_else(|| "".into());
                FieldChange::join(Role::Agent).in_dialog(id)
            }
            None => {
                memory.decided = false;
                return Ok(false);
            }
        },
        Duty::Agent | Duty::Observer(_) => return Ok(false),
    };
    // Once it has joined, the state that comes says so, and the bot is told.
    if let Err(error) = hub.update(&lane.id, vec![join], &[]).await {
        tracing::warn!(conversation = %lane.name, error = %error, "the conversation cannot be joined");
        // The next change of it is another occasion.
        memory.decided = false;
    }
    Ok(false)
}

/// Gives the conversation back, because the bot stops.
pub(super) async fn hand_back(hub: &Arc<Hub>, lane: &Arc<Lane>, memory: &mut Memory) -> Work {
    if !memory.record.active || hub.duty != Duty::Agent {
        return Ok(());
    }
    let ctx = context(hub, lane, memory, "hand-back".to_owned(), Cause::Change);
    if let Err(error) = ctx.back_to_queue(HandOver::default()).await {
        tracing::warn!(conversation = %lane.name, error = %error, "the conversation cannot be given back");
    }
    finish(memory, &ctx, false);
    Ok(())
}

fn context(hub: &Arc<Hub>, lane: &Arc<Lane>, memory: &mut Memory, key: String, cause: Cause) -> Context {
    let recorded = memory.journal.remove(&key).unwrap_or_default();
    let dialog = cause
        .dialog()
        .or_else(|| standing::dialog_of(&lane.conversation(), &hub.duty));
    let dialog = dialog.unwrap_or_else(|| lane.id.as_str().into());
    // What the handler says comes behind all that the link knows, one's own earlier words included.
    let known = hub.journals.then(|| hub.link.last_of(&dialog)).flatten();
    let last = memory.record.place(&dialog).at.max(known.unwrap_or(-1));
    let turn = Turn::new(key, recorded);
    Context::new(
        Arc::clone(hub),
        Arc::clone(lane),
        turn,
        cause,
        dialog,
        last,
        memory.state.clone(),
    )
}

/// Runs a handler to its end.
async fn turn(hub: &Arc<Hub>, lane: &Arc<Lane>, memory: &mut Memory, key: String, cause: Cause, call: Call) -> Work {
    let handler = call.handler();
    let reads = matches!(call, Call::Message(_));
    let ctx = context(hub, lane, memory, key, cause);
    let sequence = ctx.event().and_then(DialogEvent::key).map(|(_, sequence)| sequence);
    let span = tracing::debug_span!("event", conversation = %lane.name, handler, sequence);
    if reads && let Some(at) = ctx.event().and_then(|event| event.server_timestamp) {
        Counters::lag(hub.server_now().as_millis() - at.as_millis());
    }
    let started = Instant::now();
    let own = &ctx;
    let work = pin!(async move { handle(hub, own, call).await }.instrument(span));
    // The receipt goes out while the handler works.
    let unread = ctx.event().filter(|_| reads && hub.options.read_receipts);
    let reading = OptionFuture::from(unread.map(|event| Box::pin(read(hub, lane, event))));
    let (_, outcome) = join(reading, guard(hub, handler, work)).await;
    hub.counters.handled(handler, started.elapsed());
    let failure = match outcome {
        Ok(()) => None,
        Err(_) if hub.is_over() => return Err(BrokenOff),
        Err(failure) => Some(failure),
    };
    let failed = failure.is_some();
    if let Some(failure) = failure {
        hub.counters.failed(handler);
        Box::pin(remedy(hub, lane, &ctx, &failure)).await;
        if hub.is_over() {
            return Err(BrokenOff);
        }
    }
    finish(memory, &ctx, !failed);
    Ok(())
}

/// Takes over what a handler left behind.
fn finish(memory: &mut Memory, ctx: &Context, keep: bool) {
    memory.turns += 1;
    memory.changed = true;
    let turn = ctx.turn();
    let finished = turn.stored().into_iter().map(|index| format!("{}/{index}", turn.key));
    memory.finished.extend(finished);
    if let Some(state) = ctx.changed_state().filter(|_| keep) {
        memory.state = state;
        memory.state_changed = true;
    }
}

/// Keeps a panic in, and breaks off what takes too long.
async fn guard(hub: &Hub, handler: &'static str, work: Pin<&mut impl Future<Output = Handled>>) -> Result<(), Failure> {
    let caught = AssertUnwindSafe(work).catch_unwind();
    let outcome = match hub.options.handler_timeout {
        None => caught.await,
        Some(most) => match select(caught, hub.clock.sleep(most)).await {
            Either::Left((outcome, _)) => outcome,
            Either::Right(_) => return Err(failure(handler, None, Some(most))),
        },
    };
    match outcome {
        Ok(handled) => handled.map_err(|error| failure(handler, Some(error), None)),
        // What a panic says may be personal; it went to the panic hook already.
        Err(_) => Err(Failure {
            panicked: true,
            ..failure(handler, None, None)
        }),
    }
}

fn failure(handler: &'static str, error: Option<BotError>, too_long: Option<Duration>) -> Failure {
    Failure {
        handler,
        error,
        panicked: false,
        too_long,
    }
}

/// Asks the bot what is to be done about a failure, and does it.
async fn remedy(hub: &Arc<Hub>, lane: &Arc<Lane>, ctx: &Context, failure: &Failure) {
    let library = failure
        .error
        .as_ref()
        .and_then(BotError::library)
        .map(tracing::field::display);
    tracing::warn!(conversation = %lane.name, handler = failure.handler, panicked = failure.panicked, error = library, "a handler failed");
    let asked = AssertUnwindSafe(hub.bot.failed(ctx, failure)).catch_unwind().await;
    let done = match asked.unwrap_or_default() {
        Remedy::Continue => Ok(()),
        Remedy::Escalate { skill } => {
            ctx.transfer_to_skill(skill, HandOver::default().with(&by_error()))
                .await
        }
        Remedy::BackToQueue => ctx.back_to_queue(HandOver::default().with(&by_error())).await,
        Remedy::Close => ctx.close_conversation().await,
    };
    if let Err(error) = done {
        tracing::warn!(conversation = %lane.name, error = %error, "what was to follow a failure failed, too");
    }
}

/// Says that a message was read. Agents say so for what they have; nobody does for notes.
async fn read(hub: &Arc<Hub>, lane: &Arc<Lane>, event: &DialogEvent) {
    let (Some((dialog, sequence)), false) = (event.key(), matches!(hub.duty, Duty::Observer(_))) else {
        return;
    };
    if event.is_private() || press::is_click(event) {
        return;
    }
    if let Err(error) = hub.mark_read(&lane.id, dialog, sequence).await {
        tracing::debug!(conversation = %lane.name, error = %error, "a receipt was not sent");
    }
}
