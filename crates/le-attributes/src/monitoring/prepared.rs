//! Calls whose body is there already, for those who send many. They are not repeated here: who sends many has an order of their own.

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use http::StatusCode;
use le_core::retry::{RetryPolicy, Revise};
use le_core::{OperationSpec, RawResponse, Result};

use super::request::LOADING;
use super::{API, Monitoring, PAUSES, SessionAnswer, SessionIds};
use crate::call::{CallOptions, send};
use crate::generated::operations::{GET_ENGAGEMENT, REPORT};

/// One for all calls.
static ONE_LOADING: LazyLock<Arc<dyn Revise>> = LazyLock::new(|| Arc::new(LOADING));

type Ids<'a> = (Option<&'a str>, Option<&'a str>);

impl Monitoring {
    /// Reports. Nothing is read of an answer that says that the session holds, unless `read` wants it.
    pub(crate) async fn deliver(&self, ids: Ids<'_>, body: Bytes, read: bool) -> Result<Option<SessionAnswer>> {
        let response = self.exchange(&REPORT, ids, body).await?;
        if response.status() == StatusCode::OK && !read {
            return Ok(None);
        }
        SessionAnswer::read(&response, session(ids).as_ref()).map(Some)
    }

    /// Asks for the engagement.
    pub(crate) async fn ask(&self, ids: Ids<'_>, body: Bytes) -> Result<SessionAnswer> {
        let response = self.exchange(&GET_ENGAGEMENT, ids, body).await?;
        SessionAnswer::read(&response, session(ids).as_ref())
    }

    async fn exchange(&self, spec: &'static OperationSpec, ids: Ids<'_>, body: Bytes) -> Result<RawResponse> {
        let operation = self.operation(spec, ids.0, ids.1)?.json_bytes(body);
        let options = CallOptions {
            retry: Some(RetryPolicy::never()),
            ..CallOptions::default()
        };
        send(
            &self.client,
            API,
            operation,
            options,
            &PAUSES,
            Some(Arc::clone(&ONE_LOADING)),
        )
        .await
    }
}

fn session(ids: Ids<'_>) -> Option<SessionIds> {
    Some(SessionIds::new(ids.0?, ids.1?))
}
