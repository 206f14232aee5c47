//! Secure forms: their data never travels over the socket, only invitations, submissions and tokens do.

use le_core::Secret;
use le_core::id::DialogId;
use le_core::wire::RawRecord;

use crate::request::request;

le_core::record! {
    /// The form that a token is asked for.
    pub struct Downloadable {
        /// Always `SecureForm`.
        kind: Option<String> = "type" [safe],
        /// Dialog.
        dialog_id: Option<DialogId> = "dialogId" [safe],
        /// Submission, from the event.
        submission_id: Option<String> = "submissionId" [safe],
        /// Invitation, from the event.
        invitation_id: Option<String> = "invitationId" [safe],
    }
}

le_core::record! {
    /// Asks for a token that reads a submitted secure form once, outside of the socket.
    ///
    /// Known from other clients only; the vendor does not publish it.
    pub struct DownloadToken {
        /// The form.
        downloadable: Option<Downloadable> = "downloadable" [safe],
    }
}
request!(DownloadToken, DOWNLOAD_TOKEN, FormToken);

impl DownloadToken {
    /// For a submission.
    #[must_use]
    pub fn new(dialog: impl Into<DialogId>, invitation: impl Into<String>, submission: impl Into<String>) -> Self {
        Self {
            downloadable: Some(Downloadable {
                kind: Some("SecureForm".to_owned()),
                dialog_id: Some(dialog.into()),
                submission_id: Some(submission.into()),
                invitation_id: Some(invitation.into()),
                ..Downloadable::default()
            }),
            ..Self::default()
        }
    }
}

le_core::record! {
    /// The answer to [`DownloadToken`]. `Debug` shows no token.
    pub struct FormToken {
        /// The token with its members.
        token: Option<RawRecord> = "token" [safe],
    }
}

impl FormToken {
    /// The token that reads once.
    #[must_use]
    pub fn read_once(&self) -> Option<Secret> {
        let token = self.token.as_ref()?.to_value().ok()?;
        token.get("readOtk")?.as_str().map(Secret::new)
    }
}
