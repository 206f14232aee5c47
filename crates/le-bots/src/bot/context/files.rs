//! Files: the bytes go to the vendor's storage and come from there, outside of the socket.

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{Either, select};
use http::{Method, Request, StatusCode};
use le_core::transport::Body;
use le_core::{Disposition, Error, ErrorKind, Secret};

use super::Context;
use crate::bot::reply::Reply;
use crate::event::{FileType, HostedFile};
use crate::file::FileUrl;

/// The service that has the files.
const SERVICE: &str = "swift";
/// The vendor's limit of a file, in bytes.
const MOST: usize = 3_000_000;
/// Addresses of files are valid for a minute.
const PATIENCE: Duration = Duration::from_secs(60);

impl Context {
    /// Stores a file and shows it: JPG, PNG or GIF of at most 3 MB. Gives the number of the message.
    ///
    /// After a restart a file that was stored and not yet shown is stored anew; it is shown once.
    ///
    /// # Errors
    /// As the requests; [`ErrorKind::Validation`] where it is empty or too large; [`ErrorKind::Server`] and others where the storage
    /// refuses it.
    pub async fn send_file(
        &self,
        bytes: impl Into<Bytes> + Send,
        file_type: FileType,
        caption: impl Into<String> + Send,
    ) -> Result<i64, Error> {
        let (bytes, caption) = (bytes.into(), caption.into());
        if bytes.is_empty() || bytes.len() > MOST {
            let message = format!("the file has {} bytes, it may have 1 to {MOST}", bytes.len());
            return Err(Error::validation(message).with_advice("make it smaller"));
        }
        // Paths in the storage differ each time; so the bytes are what tells this effect from others.
        let digest = {
            use sha1::{Digest as _, Sha1};
            Sha1::digest(&bytes)
                .iter()
                .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
        };
        let begun = match self.begin("file", || digest).await? {
            Ok(begun) => begun,
            Err(known) => return Ok(known),
        };
        if begun.doubtful
            && let Some(sequence) = self.shown(&caption).await?
        {
            self.end(begun, sequence);
            return Ok(sequence);
        }
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let url = self.hub.link.upload_url(length, file_type.clone()).await?;
        let path = url.relative_path.clone().unwrap_or_default();
        self.exchange(Method::PUT, &url, bytes).await?;
        let event = Reply::file(&HostedFile::new(path, file_type).with_caption(caption)).event?;
        let sequence = self.hub.publish(self.id(), self.dialog(), event, false, &[]).await?;
        self.end(begun, sequence);
        Ok(sequence)
    }

    /// Fetches a file that the consumer sent: at most 3 MB.
    ///
    /// # Errors
    /// As the request; [`ErrorKind::NotFound`] and others where the storage does not give it.
    pub async fn receive_file(&self, file: &HostedFile) -> Result<Bytes, Error> {
        let path = file.relative_path.clone().ok_or_else(|| {
            Error::validation("the file has no `relativePath`").with_advice("look at the event: another client made it")
        })?;
        let dialog = self.dialog().clone();
        let ask = self.hub.link.download_url(path);
        let url = ask.with(|mut ask| {
            ask.dialog_id = Some(dialog);
            ask
        });
        self.exchange(Method::GET, &url.await?, Bytes::new()).await
    }

    /// Whether an earlier run has shown the file already: it is the last thing that the bot showed with this caption.
    async fn shown(&self, caption: &str) -> Result<Option<i64>, Error> {
        let after = self.history_from(self.last + 1).await?;
        let shown = after.iter().find(|event| {
            let file = event.event.as_ref().and_then(|own| own.as_file());
            event.is_by(&self.hub.me) && file.is_some_and(|file| file.caption.as_deref() == Some(caption))
        });
        let sequence = shown.and_then(|event| event.key()).map(|(_, sequence)| sequence);
        Ok(sequence.filter(|sequence| !self.turn.has_claimed(*sequence)))
    }

    async fn exchange(&self, method: Method, url: &FileUrl, body: Bytes) -> Result<Bytes, Error> {
        let files = &self.hub.files;
        let base = files.discover.discover(SERVICE).await?;
        if !files.trusted.allows(&base) {
            let message = format!("host {:?} is not trusted with files", base.host());
            return Err(Error::validation(message).with_advice("if it is yours, add it to the trusted hosts"));
        }
        let path = url.path_and_query().ok_or_else(|| {
            Error::new(ErrorKind::Decode, "the answer has no address of a file").with_disposition(Disposition::Applied)
        })?;
        // The address is as good as a password for a minute, so it stands in no error.
        let address = Secret::new(format!("{base}{}", path.expose()));
        let request = Request::builder()
            .method(method.clone())
            .uri(address.expose())
            .body(body);
        let request = request.map_err(|_| Error::new(ErrorKind::Decode, "the address of the file cannot be used"))?;
        let broken = |what: &'static str| move |e| Error::new(ErrorKind::Transport, what).with_source(e);
        let exchange = async {
            let answer = files.transport.execute(request).await;
            let answer = answer.map_err(broken("the storage of files cannot be reached"))?;
            let (status, body): (_, Body) = (answer.status(), answer.into_body());
            let bytes = body.collect(MOST.saturating_mul(2)).await;
            Ok::<_, Error>((status, bytes.map_err(broken("the file did not come whole"))?))
        };
        let (status, bytes) = match select(std::pin::pin!(exchange), self.hub.clock.sleep(PATIENCE)).await {
            Either::Left((exchanged, _)) => exchanged?,
            Either::Right(_) => return Err(Error::new(ErrorKind::Timeout, "the storage of files took too long")),
        };
        if status.is_success() {
            return Ok(bytes);
        }
        Err(refused(status))
    }
}

fn refused(status: StatusCode) -> Error {
    let (kind, what) = match status.as_u16() {
        401 | 403 => (
            ErrorKind::Authorization,
            "the address of the file has expired, or is not valid",
        ),
        404 => (ErrorKind::NotFound, "the storage does not have the file"),
        429 => (ErrorKind::RateLimited, "the storage refuses requests for now"),
        500.. => (ErrorKind::Server, "the storage failed"),
        _ => (ErrorKind::InvalidRequest, "the storage refuses the file"),
    };
    Error::new(kind, what)
        .with_status(status)
        .with_disposition(Disposition::Rejected)
}
