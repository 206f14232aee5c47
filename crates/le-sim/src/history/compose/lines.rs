//! What is said: messages, the reports about them, and their scores.

use std::sync::Arc;

use super::super::cast::AgentCard;
use super::super::conversation::Text;
use super::super::message::{Content, ContextData, Message, MessageScore, MessageStatus, Predefined};
use super::super::vocabulary::{AWKWARD, TOPIC_LABELS, pick};
use super::Composer;
use crate::account::{hexadecimal, uuid};

impl Composer<'_> {
    /// The consumer's first message, which the classifier looks at.
    pub(super) fn opener(&mut self) {
        let openers = self.topic().openers;
        let text = self.line(openers);
        self.consumer_says(text);
        if self.chance(60) {
            self.classify();
        }
    }

    pub(super) fn consumer_turn(&mut self) {
        match self.random.u8(..40) {
            0 => self.consumer_sends_a_file(),
            1 => {
                let text = self.line(self.draft.consumer.language.fillers);
                self.say(None, Content::Html(format!("<div>{text}<br/></div>").into()), false);
            }
            2..=14 => {
                let fillers = self.draft.consumer.language.fillers;
                let text = self.line(fillers);
                self.consumer_says(text);
            }
            _ => {
                let follow_ups = self.topic().follow_ups;
                let text = self.line(follow_ups);
                self.consumer_says(text);
                if self.chance(10) {
                    self.classify();
                }
            }
        }
    }

    pub(super) fn agent_turn(&mut self) {
        let replies = self.topic().replies;
        match self.random.u8(..40) {
            0 => {
                let caption = self.line(replies);
                let address = format!("https://shop.example/help?order={}&lang=é", self.order);
                self.say_as_assigned(Content::Link {
                    address: address.into(),
                    caption,
                });
            }
            1 => self.secure_form(),
            2..=3 => self.agent_sends_a_card(),
            _ => {
                let text = self.line(replies);
                self.agent_says(text);
            }
        }
    }

    /// Thanks and a closing.
    pub(super) fn farewell(&mut self) {
        let language = self.draft.consumer.language;
        self.pause();
        let thanks = self.line(language.thanks);
        self.consumer_says(thanks);
        if self.random.bool() {
            self.pause();
            let closing = self.line(language.closings);
            self.agent_says(closing);
        }
    }

    pub(super) fn consumer_says(&mut self, text: Text) {
        // One in thirty is something that breaks careless clients.
        let text = match self.random.u8(..30) {
            0 => format!("{text} {}", pick(&mut self.random, AWKWARD)).into(),
            _ => text,
        };
        self.say(None, Content::Plain(text), false);
        self.score();
    }

    pub(super) fn agent_says(&mut self, text: Text) {
        self.say_as_assigned(Content::Plain(text));
        if self.chance(12) {
            let predefined = Predefined {
                id: self.random.u32(1..400),
                category: self.random.u32(1..20),
                language: self.draft.consumer.language.tag,
                edited: self.random.bool(),
            };
            if let Some(message) = self.draft.messages.last_mut() {
                message.predefined = Some(predefined);
            }
        }
    }

    fn say_as_assigned(&mut self, content: Content) {
        if let Some(agent) = self.assigned.clone() {
            self.say(Some(agent), content, false);
        }
    }

    /// Records a message of the current dialog and who reported what about it.
    pub(super) fn say(&mut self, agent: Option<Arc<AgentCard>>, content: Content, internal: bool) {
        let dialog = self.draft.dialogs.len() - 1;
        self.draft.messages.push(Message {
            seq: self.seq,
            dialog,
            time: self.clock,
            agent,
            internal,
            content,
            context: None,
            predefined: None,
        });
        self.seq += 1;
        if dialog == 0 && !internal {
            self.report();
        }
    }

    /// The other side reports that it received the last message, and perhaps that it read it.
    fn report(&mut self) {
        let message = self.draft.messages.len() - 1;
        let reporter = if self.draft.messages[message].agent.is_some() {
            None
        } else {
            self.assigned.clone()
        };
        if reporter.is_none() && self.draft.messages[message].agent.is_none() {
            return; // nobody is there yet
        }
        for (status, percent, soonest) in [("ACCEPT", 26, 150), ("READ", 11, 1_100)] {
            if self.chance(percent) {
                let time = self.clock + self.random.i64(soonest..soonest + 900);
                self.draft.statuses.push(MessageStatus {
                    message,
                    time,
                    agent: reporter.clone(),
                    status,
                });
            }
        }
        self.seq += self.random.u32(..3);
    }

    /// The agent who just joined accepts what the consumer wrote before.
    pub(super) fn accept_waiting(&mut self) {
        let Some(agent) = self.assigned.clone() else { return };
        let Some(message) = self.draft.messages.iter().rposition(|message| message.agent.is_none()) else {
            return;
        };
        if self.chance(60) {
            let time = self.clock + self.random.i64(50..400);
            self.draft.statuses.push(MessageStatus {
                message,
                time,
                agent: Some(agent),
                status: "ACCEPT",
            });
        }
    }

    /// The consumer's last message moves the conversation score.
    fn score(&mut self) {
        let percent = if self.draft.scores.is_empty() { 65 } else { 45 };
        if self.draft.dialogs.len() > 1 || !self.chance(percent) {
            return;
        }
        let Some(mood) = self.mood else { return };
        let raw = self.random.i64(-3..=3);
        let mcs = (mood + raw * 7 + self.random.i64(-3..=3)).clamp(0, 100);
        self.mood = Some(mcs);
        let message = self.draft.messages.len() - 1;
        let time = self.clock + self.random.i64(100..3_000);
        self.draft.scores.push(MessageScore {
            message,
            raw,
            mcs,
            time,
        });
    }

    pub(super) fn internal_note(&mut self, manager: &Arc<AgentCard>) {
        self.say(
            Some(Arc::clone(manager)),
            Content::Plain("Please offer the voucher \"SORRY10\".".into()),
            true,
        );
        if self.random.bool() {
            let summary = format!("Consumer waits; topic: {}", TOPIC_LABELS[self.topic]);
            self.attach(ContextData::Summary(summary));
        }
    }

    pub(super) fn attach(&mut self, context: ContextData) {
        if let Some(message) = self.draft.messages.last_mut() {
            message.context = Some(Box::new(context));
        }
    }

    /// A bot's question with quick replies, or a card with buttons. None of the words needs an escape in JSON.
    pub(super) fn bot_offers_choices(&mut self) {
        let products = self.draft.consumer.language.products;
        let replies = quick_replies(products);
        let greetings = self.draft.consumer.language.greetings;
        let text = self.line(greetings);
        let content = match self.random.u8(..10) {
            0..=6 => Content::QuickReplies { text, replies },
            7 => Content::Rich {
                content: card(products, &self.order),
                replies: Some(replies),
            },
            _ => Content::Plain(text),
        };
        self.say_as_assigned(content);
        if self.chance(50) {
            let context = self.bot_context();
            self.attach(context);
        }
    }

    fn agent_sends_a_card(&mut self) {
        let content = card(self.draft.consumer.language.products, &self.order);
        self.say_as_assigned(Content::Rich { content, replies: None });
    }

    fn consumer_sends_a_file(&mut self) {
        let kind = pick(&mut self.random, &["JPG", "PNG", "GIF", "TXT", "PDF"]);
        let name = hexadecimal(&mut self.random, 24);
        let caption = self.line(self.draft.consumer.language.products);
        let path = format!("/v1/AUTH_async-images/{name}.{kind}");
        let preview = format!("data:image/png;base64,{}", hexadecimal(&mut self.random, 240));
        self.say(
            None,
            Content::File {
                path,
                kind,
                caption,
                preview,
            },
            false,
        );
    }

    /// The agent invites to a secure form; the consumer may fill it.
    fn secure_form(&mut self) {
        let form = self.random.u64(1_000..9_999);
        let invitation = uuid(&mut self.random);
        let name = "Card details";
        self.say_as_assigned(Content::FormInvitation {
            form,
            name,
            invitation: invitation.clone(),
        });
        if self.random.bool() {
            self.pause();
            let submission = uuid(&mut self.random);
            self.say(
                None,
                Content::FormSubmission {
                    form,
                    name,
                    invitation,
                    submission,
                },
                false,
            );
        }
    }
}

/// JSON text of quick replies, one for each of the first products.
fn quick_replies(products: &[&str]) -> String {
    let mut text = String::with_capacity(400);
    text.push_str(r#"{"type":"quickReplies","itemsPerRow":8,"replies":["#);
    for (place, title) in products.iter().take(2).enumerate() {
        if place > 0 {
            text.push(',');
        }
        for part in [
            r#"{"type":"button","title":""#,
            title,
            r#"","click":{"actions":[{"type":"publishText","text":""#,
            title,
            r#""}]}}"#,
        ] {
            text.push_str(part);
        }
    }
    text.push_str("]}");
    text
}

/// JSON text of a card with a text and a button.
fn card(products: &[&str], order: &str) -> String {
    format!(
        concat!(
            r#"{{"type":"vertical","tag":"generic","elements":[{{"type":"text","text":"{product} ({order})"}},"#,
            r#"{{"type":"image","url":"https://shop.example/images/{order}.png","tooltip":"{product}"}},"#,
            r#"{{"type":"button","title":"OK ✓","click":{{"actions":[{{"type":"publishText","text":"OK"}}]}}}}]}}"#
        ),
        product = products[0],
        order = order,
    )
}
