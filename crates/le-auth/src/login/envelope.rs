//! What surrounds a call of the Login Service: the host must be trusted, and the cookies of that host go along.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::header::COOKIE;
use http::{HeaderMap, Request};
use le_core::hook::Hook;
use le_core::{BaseUri, Client, Error, OperationSpec};

use super::cookies::Jar;

/// A hook for one call. It sees each attempt with the host that discovery gave for it.
#[derive(Debug, Clone)]
pub(super) struct Envelope {
    client: Client,
    jar: Jar,
    host: Arc<Mutex<String>>,
}

impl Envelope {
    pub(super) fn new(client: &Client) -> Self {
        Self::with_cookies(client, Jar::default())
    }

    pub(super) fn with_cookies(client: &Client, jar: Jar) -> Self {
        Self {
            client: client.clone(),
            jar,
            host: Arc::default(),
        }
    }

    /// Takes in the cookies of the answer.
    pub(super) fn receive(&mut self, headers: &HeaderMap) {
        let host = self.host.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.jar.receive(&host, headers);
    }

    pub(super) fn into_jar(self) -> Jar {
        self.jar
    }
}

impl Hook for Envelope {
    fn before_attempt(&self, _spec: &'static OperationSpec, request: &mut Request<Bytes>) -> Result<(), Error> {
        let authority = request
            .uri()
            .authority()
            .map_or("", |authority| authority.as_str())
            .to_owned();
        // These calls carry the credential in their body, where the pipeline does not look.
        self.client.check_trusted(&BaseUri::new(&authority)?)?;
        if let Some(cookies) = self.jar.header(&authority) {
            request.headers_mut().insert(COOKIE, cookies);
        }
        *self.host.lock().unwrap_or_else(PoisonError::into_inner) = authority;
        Ok(())
    }
}
