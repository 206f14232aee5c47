//! The bytes behind an address that is a permission by itself.

use std::time::Duration;

use bytes::Bytes;
use http::header::ACCEPT;
use http::{HeaderValue, Request, StatusCode, Uri};
use le_core::retry::RetryPolicy;
use le_core::{BaseUri, Client, Error, ErrorKind, Result, Secret};

use super::requests::{BulkFiles, says};
use crate::file_stream::FileStream;

/// How long the head of the answer may take. The body may take as long as it comes.
const HEAD_TIMEOUT: Duration = Duration::from_secs(35);

/// How much of a refusal is kept.
const REFUSAL: usize = 64 << 10;

impl BulkFiles {
    /// The bytes behind one of the addresses of a request, as they come: nothing is held but a chunk. The address is the
    /// permission, so no credential is sent, to whatever host it leads.
    ///
    /// Before the first byte it is tried again as other calls are; a stream that broke is not taken up again.
    ///
    /// # Errors
    /// [`ErrorKind::Authorization`] or [`ErrorKind::NotFound`] where the address does not hold any more; otherwise see
    /// [`ErrorKind`].
    pub async fn download(&self, address: impl Into<Secret>) -> Result<FileStream> {
        let address = address.into();
        let uri = checked(&address)?;
        let pauses = RetryPolicy::default().pauses;
        let mut pauses = pauses.iter();
        loop {
            let error = match head(&self.client, uri.clone()).await {
                Ok(file) => return Ok(file),
                Err(error) => error,
            };
            let Some(pause) = pauses.next().filter(|_| error.is_transient()) else {
                return Err(error);
            };
            let asked = error.retry_after().unwrap_or_default();
            self.client.clock().sleep((*pause).max(asked)).await;
        }
    }
}

/// An `https` address (or one of this machine), since what comes is personal.
fn checked(address: &Secret) -> Result<Uri> {
    let refused = || {
        Error::validation("the address of a zip is no https address")
            .with_advice("give one of the request's `downloadUrls` as it came")
    };
    let text = address.expose();
    let uri: Uri = says(text)
        .then(|| text.trim().parse().ok())
        .flatten()
        .ok_or_else(refused)?;
    let authority = uri.authority().ok_or_else(refused)?.as_str();
    match uri.scheme_str() {
        Some("https") => {}
        Some("http") if BaseUri::plain(authority).is_ok() => {}
        _ => return Err(refused()),
    }
    Ok(uri)
}

async fn head(client: &Client, uri: Uri) -> Result<FileStream> {
    let mut request = Request::new(Bytes::new());
    *request.uri_mut() = uri;
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static("*/*"));
    let answer = tokio::time::timeout(HEAD_TIMEOUT, client.transport().execute(request)).await;
    let answer = match answer {
        Ok(answer) => answer.map_err(|error| Error::new(ErrorKind::Transport, error.to_string()).with_source(error))?,
        Err(_) => {
            return Err(Error::new(
                ErrorKind::Timeout,
                "no answer in time from the host of the file",
            ));
        }
    };
    let (parts, body) = answer.into_parts();
    if parts.status != StatusCode::OK {
        let text = body.collect(REFUSAL).await.unwrap_or_default();
        let retry_after = le_core::retry::retry_after(&parts.headers, client.clock().now());
        return Err(refusal(parts.status).with_body(&text).with_retry_after(retry_after));
    }
    Ok(FileStream::bare(&parts.headers, body))
}

fn refusal(status: StatusCode) -> Error {
    let (kind, advice) = match status.as_u16() {
        401 | 403 => (
            ErrorKind::Authorization,
            "the address may not hold any more: read the request again",
        ),
        404 | 410 => (ErrorKind::NotFound, "the file may be gone: make a new request"),
        429 => (ErrorKind::RateLimited, "wait before the next try"),
        500.. => (ErrorKind::Server, "try again later"),
        300..=399 => (ErrorKind::Protocol, "redirects are not followed"),
        _ => (ErrorKind::InvalidRequest, "read the request again for a fresh address"),
    };
    Error::new(kind, format!("the host of the file answered {}", status.as_u16()))
        .with_status(status)
        .with_advice(advice)
}
