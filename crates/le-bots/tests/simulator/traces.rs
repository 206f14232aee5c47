//! Sections 8.1 to 8.8, and files and profiles.

use le_bots::change::FieldChange;
use le_bots::conversation::{ChangeKind, CloseReason, Conversation, Role, Stage, SubscribeConversations};
use le_bots::dialog::DialogType;
use le_bots::event::{AcceptStatus, ChatState, FileType, HostedFile, PublishEvent};
use le_bots::metadata::{ActionReason, ExternalId};
use le_bots::profile::SetProfile;
use le_bots::ring::RingState;
use le_bots::ttr::{TtrType, due};
use le_bots::{DialogEvent, Event};
use le_core::{Disposition, ErrorKind};
use le_sim::{Sim, SurveyKnobs};
use serde_json::json;

use crate::party::{Agent, Consumer, NOW, agent_connector, agents_of, busy_skills, http, identity, sim, sim_with};

/// An agent who has taken a consumer's conversation.
pub(crate) async fn engaged(sim: &Sim) -> (Agent, Consumer, String) {
    let skill = busy_skills(sim)[0];
    let mut agent = Agent::ready(sim, agents_of(sim, skill).next().unwrap()).await;
    let consumer = Consumer::ready(sim).await;
    let id = consumer.start(skill, "Hello?").await;
    assert_eq!(agent.take().await.id().unwrap().as_str(), id);
    (agent, consumer, id)
}

fn ttr_of(conversation: &Conversation) -> (Option<TtrType>, i64) {
    let ttr = conversation.details.as_ref().unwrap().ttr.as_ref().unwrap();
    (ttr.kind.clone(), ttr.value.as_ref().unwrap().get())
}

pub(crate) fn receipt(event: &DialogEvent) -> Option<AcceptStatus> {
    event.event.as_ref()?.status.clone()
}

#[tokio::test]
async fn an_agent_accepts_a_ring_and_reads_what_was_said() {
    let sim = sim().await;
    let skill = busy_skills(&sim)[0];
    let user = agents_of(&sim, skill).next().unwrap();
    let mut agent = Agent::ready(&sim, user).await;
    let mut consumer = Consumer::ready(&sim).await;
    let id = consumer.start(skill, "Hello?").await;
    let opened = consumer.conversation("the new one", |_| true).await;
    assert!(opened.is_open() && due(opened.effective_ttr.as_ref().unwrap().get()).is_some());

    let ring = agent.ring().await;
    assert_eq!(ring.state, Some(RingState::Waiting));
    assert_eq!(
        ring.expires_at.unwrap().as_millis(),
        NOW + ring.expiration.as_ref().unwrap().get()
    );
    agent.accept(ring.ring_id.unwrap()).await.unwrap();
    let me = identity(user);
    let mine = agent.conversation("mine", |one| one.is_assigned_to(&me)).await;
    assert_eq!(mine.main_dialog().unwrap().dialog_type, Some(DialogType::Main));
    // The consumer sees the public id.
    consumer
        .conversation("with an agent", |one| one.is_assigned_to(&me))
        .await;

    let events = agent.messages(id.as_str(), 0).await.unwrap();
    assert_eq!(events[0].event.as_ref().unwrap().as_text(), Some("Hello?"));
    assert_eq!(events[0].key().unwrap().1, 0);
    let now = agent.clock().await.unwrap().current_time.unwrap();
    assert_eq!(now.as_millis(), NOW);
}

#[tokio::test]
async fn texts_typing_receipts_and_private_messages() {
    let sim = sim().await;
    let (mut agent, mut consumer, id) = engaged(&sim).await;
    let dialog = id.as_str();
    agent.typing(dialog, true).await.unwrap();
    let typing = consumer
        .event("typing", |event| {
            event
                .event
                .as_ref()
                .is_some_and(|e| e.chat_state == Some(ChatState::Composing))
        })
        .await;
    assert_eq!(typing.key(), None);
    let read = agent.mark_read(dialog, [0]).await.unwrap().sequence.unwrap();
    let seen = consumer
        .event("a receipt", |event| receipt(event) == Some(AcceptStatus::Read))
        .await;
    assert_eq!(seen.key().unwrap().1, read.get());
    let said = agent
        .publish_text(dialog, "How can I help?")
        .await
        .unwrap()
        .sequence
        .unwrap()
        .get();
    let heard = consumer.message("How can I help?").await;
    assert_eq!(heard.key().unwrap().1, said);
    assert_eq!(heard.originator.as_ref().unwrap().role, Some(Role::AssignedAgent));
    assert!(heard.is_by(agent.agent()), "by the public id");
    let own = agent.message("How can I help?").await;
    assert!(own.is_by(agent.agent()), "by the old id");

    consumer.mark_delivered(dialog, [said]).await.unwrap();
    consumer.mark_read(dialog, [said]).await.unwrap();
    agent
        .event("delivered", |event| receipt(event) == Some(AcceptStatus::Accept))
        .await;
    agent
        .conversation("nothing due", |one| {
            due(one.effective_ttr.as_ref().unwrap().get()).is_none()
        })
        .await;

    agent.publish_private(dialog, "VIP").await.unwrap();
    assert!(agent.message("VIP").await.is_private());
    agent.publish_text(dialog, "after it").await.unwrap();
    consumer.message("after it").await;
    let missed = consumer.subscribe_messages(dialog, dialog, 0).await;
    assert!(missed.is_ok());
    let replay = consumer.find("the replay", |news| match news {
        le_bots::News::Events(events) if events.events.len() > 3 => Some(events.events.clone()),
        _ => None,
    });
    assert!(replay.await.iter().all(|event| !event.is_private()));
}

#[tokio::test]
async fn transfers_to_a_skill_and_to_an_agent() {
    let sim = sim().await;
    let skills = busy_skills(&sim);
    let (mut agent, mut consumer, id) = engaged(&sim).await;
    let own_skill = skills[0];
    let target = *skills.iter().find(|skill| **skill != own_skill).unwrap();
    let other = agents_of(&sim, target)
        .find(|user| identity(user).old_id() != agent.agent().old_id())
        .unwrap();
    let mut colleague = Agent::ready(&sim, other).await;
    // Agent sockets alone show who is proposed; a bot of the brand sees all conversations.
    let bot = sim.users().iter().find(|user| user.user_type.code() == "2").unwrap();
    let mut manager = Agent::new(agent_connector(&sim, bot).await.connect().await.unwrap());
    let all = SubscribeConversations::in_stages([Stage::Open]);
    manager.subscribe_conversations(all).await.unwrap();

    let conversation = consumer
        .conversation("with the agent", |one| one.is_assigned_to(agent.agent()))
        .await;
    let transfer = agent.transfer_to_skill(&conversation, target.to_string());
    transfer
        .metadata(&ActionReason::new("escalated_by_bot").unwrap())
        .await
        .unwrap();
    let gone = agent
        .change("gone", |change| change.kind == Some(ChangeKind::Delete))
        .await;
    assert_eq!(gone.conversation.unwrap().id().unwrap().as_str(), id);
    consumer
        .conversation("on its way", |one| {
            !one.is_assigned_to(agent.agent())
                && one.details.as_ref().unwrap().skill_id.as_ref().unwrap().as_str() == target.to_string()
        })
        .await;
    assert_eq!(colleague.take().await.id().unwrap().as_str(), id);

    // Removing an agent where none is fails, and changes nothing.
    colleague.back_to_queue(id.as_str()).await.unwrap();
    let error = colleague.back_to_queue(id.as_str()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.disposition()),
        (ErrorKind::InvalidRequest, Disposition::Rejected)
    );
    assert_eq!(error.operation(), Some("messaging.update_conversation"));

    // Somebody gets it again, and proposes it to the first agent.
    let mine = colleague.take().await;
    colleague
        .transfer_to_agent(&mine, agent.agent().old_id().clone(), own_skill.to_string())
        .await
        .unwrap();
    let proposed = manager
        .conversation("proposed", |one| {
            one.main_dialog().unwrap().participants.iter().any(|p| !p.is_active())
        })
        .await;
    assert!(!proposed.is_assigned_to(agent.agent()), "proposed is not assigned");
    assert_eq!(agent.take().await.id().unwrap().as_str(), id);
    consumer
        .conversation("taken", |one| one.is_assigned_to(agent.agent()))
        .await;
}

#[tokio::test]
async fn urgency_moves_the_due_time() {
    let sim = sim().await;
    let (mut agent, consumer, id) = engaged(&sim).await;
    consumer.set_ttr(id.as_str(), TtrType::Urgent, 300).await.unwrap();
    let urgent = agent
        .conversation("urgent", |one| ttr_of(one) == (Some(TtrType::Urgent), 300))
        .await;
    let due = due(urgent.effective_ttr.as_ref().unwrap().get()).unwrap();
    assert_eq!(due.as_millis(), NOW + 300_000);
}

#[tokio::test]
async fn a_card_and_its_button() {
    let sim = sim().await;
    let (mut agent, mut consumer, id) = engaged(&sim).await;
    let mark = json!({"type": "ExternalId", "id": "buy-kettle"});
    let card = json!({"type": "vertical", "elements": [
        {"type": "button", "title": "Buy", "click": {"metadata": [mark], "actions": [{"type": "publishText", "text": "Yes please"}]}}]});
    let publish = agent.publish(id.as_str(), Event::rich(&card).unwrap());
    let sequence = publish
        .metadata(&ExternalId::new("card-9").unwrap())
        .await
        .unwrap()
        .sequence
        .unwrap()
        .get();
    let shown = consumer
        .event("a card", |event| {
            event.event.as_ref().is_some_and(|e| e.as_rich().is_some())
        })
        .await;
    assert_eq!(
        shown.event.as_ref().unwrap().as_rich().unwrap().to_value().unwrap(),
        card
    );
    assert_eq!(shown.metadata[0].to_value().unwrap()["id"], "card-9");

    consumer
        .use_element(id.as_str(), id.as_str(), sequence, &mark)
        .await
        .unwrap();
    consumer
        .publish_text(id.as_str(), "Yes please")
        .metadata(&mark)
        .await
        .unwrap();
    let action = agent
        .event("the click", |event| receipt(event) == Some(AcceptStatus::Action))
        .await;
    assert_eq!(action.metadata[0].to_value().unwrap(), mark);
    assert_eq!(agent.message("Yes please").await.metadata[0].to_value().unwrap(), mark);
}

#[tokio::test]
async fn closing_all_of_it_and_rating_it() {
    let sim = sim().await;
    let (mut agent, mut consumer, id) = engaged(&sim).await;
    agent.close_conversation(id.as_str()).await.unwrap();
    let closed = consumer.conversation("closed", |one| !one.is_open()).await;
    assert_eq!(closed.details.as_ref().unwrap().close_reason, Some(CloseReason::Agent));
    assert!(closed.details.as_ref().unwrap().ended_at.is_some());
    agent
        .change("gone", |change| change.kind == Some(ChangeKind::Delete))
        .await;
    let error = agent.publish_text(id.as_str(), "too late").await.unwrap_err();
    assert_eq!(
        (error.kind(), error.disposition()),
        (ErrorKind::InvalidRequest, Disposition::Rejected)
    );
    consumer.rate(id.as_str(), 5, true).await.unwrap();
}

#[tokio::test]
async fn a_survey_follows_the_main_dialog() {
    let sim = sim_with(|messaging| messaging.survey = Some(SurveyKnobs::default())).await;
    let (_agent, mut consumer, id) = engaged(&sim).await;
    consumer
        .close_dialog(id.as_str(), id.as_str(), "Closed by consumer")
        .await
        .unwrap();
    let survey = |one: &Conversation| {
        let mut dialogs = one.dialogs();
        dialogs
            .find(|dialog| dialog.dialog_type == Some(DialogType::PostSurvey) && dialog.is_open())
            .cloned()
    };
    let surveyed = consumer.conversation("a survey", |one| survey(one).is_some()).await;
    assert!(surveyed.is_open(), "its stage is open though its state is not");
    let dialog = survey(&surveyed).unwrap().dialog_id.unwrap();
    consumer
        .subscribe_messages(id.as_str(), dialog.clone(), 0)
        .await
        .unwrap();
    for answer in ["5", "9"] {
        let of_survey = |event: &DialogEvent| event.dialog_id.as_ref() == Some(&dialog);
        let question = consumer.event("a question", |event| {
            of_survey(event)
                && event
                    .event
                    .as_ref()
                    .is_some_and(|e| e.quick_replies.is_some() || e.as_text().is_some())
        });
        assert_eq!(question.await.conversation_id.unwrap().as_str(), id);
        let said = consumer
            .publish_text(dialog.clone(), answer)
            .with(|publish: PublishEvent| publish.in_conversation(id.as_str()));
        said.await.unwrap();
        let own =
            |event: &DialogEvent| of_survey(event) && event.event.as_ref().and_then(|e| e.as_text()) == Some(answer);
        consumer.event("the own answer", own).await;
    }
    consumer.conversation("over", |one| !one.is_open()).await;
}

#[tokio::test]
async fn files_go_up_and_come_down() {
    let sim = sim().await;
    let (mut agent, consumer, id) = engaged(&sim).await;
    let bytes = &b"\x89PNG and so on"[..];
    let url = consumer
        .upload_url(u32::try_from(bytes.len()).unwrap(), FileType::Png)
        .await
        .unwrap();
    let at = |url: &le_bots::file::FileUrl| format!("{}{}", sim.url(), url.path_and_query().unwrap().expose());
    assert_eq!(http("PUT", &at(&url), bytes).await.0, 201);
    let file = HostedFile::new(url.relative_path.clone().unwrap(), FileType::Png).with_caption("Invoice");
    consumer
        .publish(id.as_str(), Event::file(&file).unwrap())
        .await
        .unwrap();
    let shared = agent
        .event("a file", |event| {
            event.event.as_ref().is_some_and(|e| e.as_file().is_some())
        })
        .await;
    let path = shared.event.as_ref().unwrap().as_file().unwrap().relative_path.unwrap();
    let url = agent.download_url(path).await.unwrap();
    assert_eq!(http("GET", &at(&url), "").await, (200, bytes.into()));
}

#[tokio::test]
async fn profiles_notes_and_managers() {
    let sim = sim().await;
    let (agent, mut consumer, id) = engaged(&sim).await;
    let mut profile = SetProfile::default();
    profile.first_name = Some("Ingrid".to_owned());
    consumer.set_profile(profile).await.unwrap();
    let mine = consumer.own_profile().await.unwrap();
    let read = agent.profile(mine.user_id.unwrap().as_str()).await.unwrap();
    assert_eq!(read.first_name.as_deref(), Some("Ingrid"));
    agent
        .update(id.as_str(), [FieldChange::note("call back")])
        .await
        .unwrap();

    let bot = sim.users().iter().find(|user| user.user_type.code() == "2").unwrap();
    let manager = Agent::ready(&sim, bot).await;
    manager.join(id.as_str(), Role::Manager).await.unwrap();
    manager.publish_text(id.as_str(), "I am here too").await.unwrap();
    let said = consumer.message("I am here too").await;
    assert_eq!(said.originator.unwrap().role, Some(Role::Manager));
    manager.leave(id.as_str(), Role::Manager).await.unwrap();
}
