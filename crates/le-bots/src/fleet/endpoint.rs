//! The health of a fleet over HTTP, for what watches processes.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use le_core::{Error, ErrorKind};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::AbortHandle;

use super::Fleet;

/// Connections that are served at once; further ones wait.
const CONNECTIONS: usize = 64;
/// How long a client may take for the head of its request.
const HEAD: std::time::Duration = std::time::Duration::from_secs(10);

/// Serves the health of a fleet until it is dropped. Bind it to loopback or to an inner network: names and errors of bots are not for
/// everybody.
///
/// * `GET /health`: the state of each bot as JSON; 200 where at least one bot is online in this process, else 503.
/// * `GET /live`: 200 for as long as the process serves. For a process that stands by for others, watch this one.
///
/// ```json
/// {"online":1,"bots":[{"name":"night-bot","state":"online","since":1893488400000,"restarts":0,"fence":7,"conversations":3}]}
/// ```
#[derive(Debug)]
pub struct HealthEndpoint {
    address: SocketAddr,
    task: AbortHandle,
}

impl HealthEndpoint {
    /// Listens at this address; port 0 is any free one.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] where the address cannot be had.
    pub async fn listen(fleet: &Fleet, address: SocketAddr) -> Result<Self, Error> {
        let failed = |error: std::io::Error| {
            Error::new(ErrorKind::Io, format!("the health endpoint cannot listen at {address}"))
                .with_advice("choose another address, or port 0")
                .with_source(error)
        };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let task = tokio::spawn(serve(listener, fleet.clone())).abort_handle();
        Ok(Self { address, task })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for HealthEndpoint {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, fleet: Fleet) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        // The semaphore is never closed.
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        match listener.accept().await {
            Ok((stream, _)) => {
                let fleet = fleet.clone();
                tokio::spawn(async move {
                    attend(stream, fleet).await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::debug!(%error, "a connection to the health endpoint was not taken");
                tokio::task::yield_now().await;
            }
        }
    }
}

async fn attend(stream: TcpStream, fleet: Fleet) {
    let service = service_fn(|request: Request<Incoming>| {
        let answer = answer(&fleet, request.method(), request.uri().path());
        async move { Ok::<_, Infallible>(answer) }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a connection to the health endpoint broke");
    }
}

fn answer(fleet: &Fleet, method: &Method, path: &str) -> Response<Full<Bytes>> {
    let known = matches!(path, "/health" | "/live");
    if known && !matches!(*method, Method::GET | Method::HEAD) {
        let mut answer = plain(StatusCode::METHOD_NOT_ALLOWED, "GET only\n");
        answer
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return answer;
    }
    match path {
        "/live" => plain(StatusCode::OK, "alive\n"),
        "/health" => health(fleet),
        _ => plain(StatusCode::NOT_FOUND, "/health and /live\n"),
    }
}

fn health(fleet: &Fleet) -> Response<Full<Bytes>> {
    let health = fleet.health();
    let status = if health.is_serving() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    match serde_json::to_vec(&health) {
        Ok(body) => with(status, "application/json", body),
        Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, "the health cannot be written\n"),
    }
}

fn plain(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    with(status, "text/plain; charset=utf-8", text)
}

fn with(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
