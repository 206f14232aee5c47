//! One-time tokens of secure forms. The data of a form never passes messaging.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::Value;

use super::{Engine, Event, FormReference, Outcome, Refusal, Reply, Who};
use crate::account::hexadecimal;

/// Submissions whose read token was given out.
#[derive(Debug, Default)]
pub(crate) struct FormTokens {
    read: HashSet<String>,
}

impl Engine {
    /// `{"token":{"readOtk":..}}` for a submission that is in the dialog.
    pub(super) fn form_download_token(&mut self, agent: usize, form: &FormReference) -> Outcome {
        let at = self
            .find_dialog(&form.dialog)
            .ok_or_else(|| Refusal::bad("Dialog does not exist"))?;
        if !self.conversations[at.0].has_agent(agent) {
            return Err(Refusal::bad("Participant is not part of the conversation"));
        }
        let submission = form.submission.as_deref();
        let submission = submission.ok_or_else(|| Refusal::bad("submissionId is missing"))?;
        if !self.has_form(at, "forms/secure-submission", "submissionId", submission) {
            return Err(Refusal::bad("Submission does not exist in the dialog"));
        }
        if !self.forms.read.insert(submission.to_owned()) {
            return Err(Refusal::bad("The token of this submission was given out already"));
        }
        Ok(Reply::ReadToken(hexadecimal(&mut self.random, 32)))
    }

    /// `{type, readOtk, writeOtk}` for an invitation that is in the dialog.
    pub(super) fn form_upload_token(&mut self, consumer: usize, form: &FormReference) -> Outcome {
        let at = self
            .find_dialog(&form.dialog)
            .filter(|at| self.may_see(Who::Consumer(consumer), *at))
            .ok_or_else(|| Refusal::bad("Dialog does not exist"))?;
        if !self.has_form(at, "forms/secure-invitation", "invitationId", &form.invitation) {
            return Err(Refusal::bad("Invitation does not exist in the dialog"));
        }
        let same = |id: &str| self.has_form(at, "forms/secure-invitation", "formId", id);
        if form.form.as_deref().is_some_and(|id| !same(id)) {
            return Err(Refusal::bad("Form does not belong to the invitation"));
        }
        Ok(Reply::FormTokens {
            read: hexadecimal(&mut self.random, 32),
            write: hexadecimal(&mut self.random, 32),
        })
    }

    fn has_form(&self, (place, number): (usize, usize), content_type: &str, member: &str, id: &str) -> bool {
        let events = &self.conversations[place].dialogs[number].events;
        events.iter().any(|event| {
            form_message(event, content_type).is_some_and(|message| match message.get(member) {
                Some(Value::String(text)) => text == id,
                Some(Value::Number(number)) => number.to_string() == id,
                _ => false,
            })
        })
    }
}

/// The message of an event of this content type.
fn form_message(event: &Event, content_type: &str) -> Option<Value> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Form {
        content_type: Option<String>,
        message: Option<Value>,
    }
    let form: Form = serde_json::from_str(event.body.get()).ok()?;
    form.message
        .filter(|_| form.content_type.as_deref() == Some(content_type))
}
