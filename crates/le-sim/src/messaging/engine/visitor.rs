//! Consumers as the brand knows them, and conversations as the web visit knows them that they began in.

use std::sync::Arc;

use serde_json::Value;

use super::Engine;
use crate::attachments::WINDOW_MS;

impl Engine {
    /// Remembers the subject under which the brand knows a consumer.
    pub(crate) fn name_subject(&mut self, consumer: usize, subject: Option<&str>) {
        let Some(subject) = subject.filter(|subject| !subject.is_empty()) else {
            return;
        };
        if self.consumers[consumer].subject.as_deref() == Some(subject) {
            return;
        }
        let subject: Arc<str> = subject.into();
        self.subject_places
            .entry(Arc::clone(&subject))
            .or_default()
            .push(consumer);
        if !self.consumers[consumer].conversations.is_empty() {
            self.attachments.watch(&subject);
        }
        self.consumers[consumer].subject = Some(subject);
    }

    /// The consumers that a key means: a consumer id, or the subject of an identity.
    pub(crate) fn known_as(&self, key: &str) -> Vec<usize> {
        let subjects = self.subject_places.get(key).into_iter().flatten().copied();
        self.find_consumer(key).into_iter().chain(subjects).collect()
    }

    /// A conversation has begun: reports of its consumer and its visitor matter from now on.
    pub(super) fn watch_reports(&mut self, place: usize) {
        let conversation = &self.conversations[place];
        let consumer = &self.consumers[conversation.consumer];
        self.attachments.watch(&consumer.id);
        if let Some(subject) = &consumer.subject {
            self.attachments.watch(subject);
        }
        if let Some(visitor) = conversation.context.get("visitorId").and_then(Value::as_str) {
            self.attachments.watch(visitor);
            let visitor: Arc<str> = visitor.into();
            self.visitor_places.entry(visitor).or_default().push(place);
        }
    }

    /// Something was reported at `at` under a key: the history is to show the conversations that it belongs to.
    pub(crate) fn reported(&mut self, key: &str, at: i64) {
        let mut places: Vec<usize> = self.visitor_places.get(key).cloned().unwrap_or_default();
        for consumer in self.known_as(key) {
            places.extend(&self.consumers[consumer].conversations);
        }
        places.sort_unstable();
        places.dedup();
        for place in places {
            let conversation = &mut self.conversations[place];
            let over = conversation
                .ended
                .is_some_and(|ended| ended.saturating_add(WINDOW_MS) < at);
            if over {
                continue;
            }
            let story = &mut conversation.story;
            story.changed_at = story.changed_at.max(at);
            if story.unpublished_since.is_none() {
                story.unpublished_since = Some(at);
                self.unpublished.push(place);
            }
        }
    }
}
