//! HTTP/1.1 over a stream in memory: one exchange, or an upgrade.

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header::HOST};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use le_core::transport::{Body, Cause, Phase, TransportError, UpgradeAnswer};
use tokio::io::DuplexStream;

/// Sends a request and reads the whole answer.
pub(crate) async fn execute(stream: DuplexStream, request: Request<Bytes>) -> Result<Response<Body>, TransportError> {
    let answer = exchange(stream, request.map(Full::new)).await?;
    let (head, body) = answer.into_parts();
    let whole = body.collect().await.map_err(|_| broken(Phase::Body))?;
    Ok(Response::from_parts(head, Body::whole(whole.to_bytes())))
}

/// Asks for an upgrade.
pub(crate) async fn upgrade(stream: DuplexStream, request: Request<()>) -> Result<UpgradeAnswer, TransportError> {
    let mut answer = exchange(stream, request.map(|()| Full::default())).await?;
    let mut head = Response::new(());
    *head.status_mut() = answer.status();
    *head.headers_mut() = answer.headers().clone();
    if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
        let upgraded = hyper::upgrade::on(&mut answer).await;
        let stream = upgraded.map_err(|_| broken(Phase::Exchange))?;
        return Ok(UpgradeAnswer::Open(head, Box::new(TokioIo::new(stream))));
    }
    let body = answer.into_body().collect().await.map_err(|_| broken(Phase::Body))?;
    Ok(UpgradeAnswer::Refused(head.map(|()| body.to_bytes())))
}

async fn exchange(
    stream: DuplexStream,
    mut request: Request<Full<Bytes>>,
) -> Result<Response<Incoming>, TransportError> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|_| broken(Phase::Exchange))?;
    tokio::spawn(connection.with_upgrades());
    let authority = request.uri().authority().map(ToString::to_string).unwrap_or_default();
    let path = request.uri().path_and_query().cloned().unwrap();
    *request.uri_mut() = path.into();
    request
        .headers_mut()
        .insert(HOST, HeaderValue::try_from(authority).unwrap());
    sender.send_request(request).await.map_err(|_| broken(Phase::Exchange))
}

fn broken(phase: Phase) -> TransportError {
    TransportError::new(phase, Cause::Reset)
}
