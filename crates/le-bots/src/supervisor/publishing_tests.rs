use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

const DIALOG: &str = "d";

fn publish(text: &str) -> Arc<dyn HoldsPublish> {
    Arc::new(PublishEvent::new(DIALOG, Event::text(text)))
}

fn stored(sequence: i64, text: &str) -> DialogEvent {
    DialogEvent {
        sequence: Some(sequence.into()),
        dialog_id: Some(DIALOG.into()),
        server_timestamp: Some(Timestamp::from_millis(1_000 + sequence)),
        event: Some(Event::text(text)),
        ..DialogEvent::default()
    }
}

fn look(publishing: &mut Publishing, ticket: Ticket, history: &[DialogEvent]) -> Option<i64> {
    let own = history.iter().map(|event| (event.key().unwrap().1, event));
    publishing.find(&DIALOG.into(), ticket, own)
}

#[test]
fn only_a_later_event_of_the_same_content_that_nobody_has_is_taken() {
    let dialog = DialogId::from(DIALOG);
    let mut publishing = Publishing::default();
    let history = [stored(1, "hi"), stored(4, "ho"), stored(5, "hi"), stored(6, "hi")];
    let first = publishing.begin(&dialog, publish("hi"), Since::Sequence(3));
    let second = publishing.begin(&dialog, publish("hi"), Since::Sequence(3));
    let third = publishing.begin(&dialog, publish("hi"), Since::Sequence(3));
    publishing.end(&dialog, first, Some(5));
    assert_eq!(look(&mut publishing, second, &history), Some(6));
    assert_eq!(look(&mut publishing, third, &history), None);
    let timed = publishing.begin(&dialog, publish("ho"), Since::Time(Timestamp::from_millis(1_005)));
    assert_eq!(look(&mut publishing, timed, &history), None);
}

#[test]
fn what_came_unread_is_read_when_an_answer_is_lost() {
    let notification = |sequence: i64, text: &str| -> Arc<str> {
        let body = serde_json::to_string(&stored(sequence, text)).unwrap();
        format!(r#"{{"kind":"notification","type":".ams.ms.OnlineEventDistribution","body":{body}}}"#).into()
    };
    let dialog = DialogId::from(DIALOG);
    let mut publishing = Publishing::default();
    assert!(
        publishing.noticed_unread(DIALOG, 3, &notification(3, "hi")),
        "nobody asks"
    );
    let ticket = publishing.begin(&dialog, publish("hi"), Since::Sequence(3));
    assert!(publishing.noticed_unread(DIALOG, 4, &notification(4, "ho")));
    assert!(publishing.noticed_unread(DIALOG, 5, &notification(5, "hi")));
    publishing.noticed(&dialog, 6, &stored(6, "hi"));
    publishing.lost(&dialog, ticket);
    assert_eq!(publishing.find_noticed(&dialog, ticket), Some(5));
    assert_eq!(publishing.find_noticed(&dialog, ticket), Some(6));
    assert_eq!(publishing.find_noticed(&dialog, ticket), None);
    let text = notification(7, "hi");
    let most = (0..100).take_while(|_| publishing.noticed_unread(DIALOG, 7, &text));
    assert_eq!(most.count(), MOST_CANDIDATES);
}

#[test]
fn later_publishes_wait_for_an_earlier_one_without_a_certain_outcome() {
    let dialog = DialogId::from(DIALOG);
    let mut publishing = Publishing::default();
    let first = publishing.begin(&dialog, publish("a"), Since::Sequence(0));
    let second = publishing.begin(&dialog, publish("b"), Since::Sequence(0));
    assert!(publishing.may_send(&dialog, first) && publishing.may_send(&dialog, second));
    publishing.lost(&dialog, first);
    assert!(publishing.may_send(&dialog, first) && !publishing.may_send(&dialog, second));
    assert!(publishing.may_send(&"another".into(), second));
    assert!(publishing.end(&dialog, first, None), "others may have waited");
    assert!(publishing.may_send(&dialog, second));
    assert!(!publishing.end(&dialog, second, Some(1)));
    assert!(publishing.lanes.is_empty(), "nothing is kept of what has an outcome");
}

#[test]
fn content_is_compared_by_meaning() {
    let card = |json: &str| Event {
        kind: Some(crate::event::EventType::RichContent),
        content: Some(RawRecord::new(json).unwrap()),
        ..Event::default()
    };
    let mine = PublishEvent::new(DIALOG, card(r#"{"type":"text","text":"a"}"#));
    let its = |event: Event, audience: Option<Audience>| DialogEvent {
        event: Some(event),
        audience,
        ..DialogEvent::default()
    };
    let same = || card(r#"{ "text": "a", "type": "text" }"#);
    assert!(is_outcome(&mine, &its(same(), None)));
    assert!(is_outcome(&mine, &its(same(), Some(Audience::All))));
    assert!(!is_outcome(&mine, &its(same(), Some(Audience::AgentsAndManagers))));
    assert!(!is_outcome(&mine, &its(card(r#"{"type":"text","text":"b"}"#), None)));
    assert!(is_outcome(
        &mine.clone().private(),
        &its(same(), Some(Audience::AgentsAndManagers))
    ));
}

/// What becomes of one publish: whether the server stores it, and whether its answer comes.
#[derive(Debug, Clone, Copy)]
struct Fate {
    text: u8,
    stored: bool,
    answered: bool,
}

proptest! {
    /// Publishes of few texts, in bursts of which some are stored and some answered: after looking, each is stored once, and no two
    /// have the same outcome.
    #[test]
    fn each_publish_is_stored_once(bursts in proptest::collection::vec(proptest::collection::vec(
        (0_u8..2, any::<bool>(), any::<bool>()).prop_map(|(text, stored, answered)| Fate { text, stored, answered }), 1..5), 1..8))
    {
        let dialog = DialogId::from(DIALOG);
        let mut publishing = Publishing::default();
        let mut history: Vec<DialogEvent> = Vec::new();
        let (mut outcomes, mut wanted) = (BTreeSet::new(), [0_usize; 2]);
        for burst in bursts {
            let known = i64::try_from(history.len()).unwrap() - 1;
            let begun: Vec<_> = burst.iter().map(|fate| {
                let text = fate.text.to_string();
                (*fate, publishing.begin(&dialog, publish(&text), Since::Sequence(known)))
            }).collect();
            let mut lost = Vec::new();
            for (fate, ticket) in begun {
                wanted[usize::from(fate.text)] += 1;
                let stored_as = (fate.stored || fate.answered).then(|| {
                    history.push(stored(i64::try_from(history.len()).unwrap(), &fate.text.to_string()));
                    i64::try_from(history.len()).unwrap() - 1
                });
                if fate.answered {
                    prop_assert!(outcomes.insert(stored_as.unwrap()));
                    publishing.end(&dialog, ticket, stored_as);
                } else {
                    publishing.lost(&dialog, ticket);
                    lost.push((fate, ticket));
                }
            }
            // The connection is gone; the lost ones are looked for, in their order.
            for (fate, ticket) in lost {
                prop_assert!(publishing.may_send(&dialog, ticket));
                let found = look(&mut publishing, ticket, &history).unwrap_or_else(|| {
                    history.push(stored(i64::try_from(history.len()).unwrap(), &fate.text.to_string()));
                    i64::try_from(history.len()).unwrap() - 1
                });
                prop_assert!(outcomes.insert(found), "two have the outcome {found}");
                publishing.end(&dialog, ticket, Some(found));
            }
        }
        for (text, count) in wanted.iter().enumerate() {
            let text = text.to_string();
            let of_text = history.iter().filter(|event| event.event.as_ref().unwrap().as_text() == Some(&text));
            prop_assert_eq!(of_text.count(), *count);
        }
        prop_assert!(publishing.lanes.is_empty());
    }
}
