//! Accepting connections and serving HTTP/1.1 on them.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{Router, body::Body, response::Response};
use http::{HeaderValue, Method, Request, header::DATE};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_rustls::TlsAcceptor;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::Service as _;

use crate::{
    arrival::Arrival,
    certificate::TlsVersions,
    proxy,
    wire::{ConnectionHandle, Wire},
    world::World,
};

/// A client that does not finish its handshake is not waited for any longer.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// How long requests in flight may take to end when the simulator stops.
const GRACE: Duration = Duration::from_secs(1);

/// Which port a connection came in by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entrance {
    Plain,
    Tls,
    Proxy,
}

/// How a connection is served.
#[derive(Debug, Clone)]
pub(crate) struct Way {
    pub(crate) scheme: &'static str,
    /// Whether it came through the stand-in proxy.
    pub(crate) proxied: bool,
    /// Whether it is the connection to the proxy itself, and no tunnel through it.
    pub(crate) at_proxy: bool,
    pub(crate) connection: ConnectionHandle,
}

/// What all listeners serve.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) world: Arc<World>,
    pub(crate) router: Router,
    pub(crate) tls: Option<TlsAcceptor>,
    pub(crate) tls_versions: TlsVersions,
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
}

impl Server {
    /// Accepts connections until the simulator stops.
    pub(crate) async fn accept(self, listener: TcpListener, entrance: Entrance) {
        loop {
            let accepted = tokio::select! {
                biased;
                () = self.stop.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, _)) => {
                    self.tasks.spawn(self.clone().serve(stream, entrance));
                }
                Err(error) => {
                    // Out of file descriptors, mostly: other connections must end before the next can begin.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        }
    }

    async fn serve(self, stream: TcpStream, entrance: Entrance) {
        let wire = Wire::new(stream);
        let connection = wire.handle();
        let proxied = entrance == Entrance::Proxy;
        let way = Way {
            scheme: "http",
            proxied,
            at_proxy: proxied,
            connection,
        };
        match entrance {
            Entrance::Plain | Entrance::Proxy => self.http(wire, way).await,
            Entrance::Tls => self.tls(wire, way).await,
        }
    }

    /// Shakes hands and serves what comes out.
    pub(crate) async fn tls<I>(self, mut io: I, way: Way)
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        if self.tls_versions == TlsVersions::Legacy11 {
            let _ = timeout(HANDSHAKE_TIMEOUT, answer_as_tls_1_1(&mut io)).await;
            return;
        }
        let Some(acceptor) = self.tls.clone() else { return };
        let shaken = tokio::select! {
            biased;
            () = self.stop.cancelled() => return,
            shaken = timeout(HANDSHAKE_TIMEOUT, acceptor.accept(io)) => shaken,
        };
        match shaken {
            Ok(Ok(stream)) => self.http(stream, Way { scheme: "https", ..way }).await,
            Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
            Err(_) => tracing::debug!("a TLS handshake took too long"),
        }
    }

    /// Serves HTTP/1.1 until the peer, a fault or the end of the simulator ends it.
    pub(crate) async fn http<I>(self, io: I, way: Way)
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (stop, connection) = (self.stop.clone(), way.connection.clone());
        let service = service_fn(move |request| {
            let (server, way) = (self.clone(), way.clone());
            async move { Ok::<_, Infallible>(server.answer(request, way).await) }
        });
        let serving = http1::Builder::new()
            .serve_connection(TokioIo::new(io), service)
            .with_upgrades();
        let mut serving = std::pin::pin!(serving);
        tokio::select! {
            biased;
            result = serving.as_mut() => {
                if let Err(error) = result {
                    tracing::debug!(%error, "a connection ended early");
                }
            }
            // Leaving drops the socket, and with it goes the reset if one was asked for.
            () = connection.ended() => {}
            () = stop.cancelled() => {
                serving.as_mut().graceful_shutdown();
                tokio::select! {
                    biased;
                    _ = timeout(GRACE, serving) => {}
                    () = connection.ended() => {}
                }
            }
        }
    }

    async fn answer(mut self, mut request: Request<Incoming>, way: Way) -> Response {
        if request.method() == Method::CONNECT {
            return proxy::tunnel(self, request, way);
        }
        if way.at_proxy
            && let Some(refusal) = proxy::refusal(&self.world, request.uri())
        {
            return refusal;
        }
        let arrival = Arrival::of(&mut request, way.scheme, way.proxied, way.connection);
        request.extensions_mut().insert(arrival);
        let Ok(mut answer) = self.router.call(request.map(Body::new)).await;
        if self.world.clock.differs_from_system()
            && let Ok(date) = HeaderValue::from_str(&self.world.clock.http_date(0))
        {
            answer.headers_mut().insert(DATE, date);
        }
        answer
    }
}

/// Reads a `ClientHello` and answers with a `ServerHello` that settles on TLS 1.1, as an old server does.
async fn answer_as_tls_1_1<I: AsyncRead + AsyncWrite + Unpin>(io: &mut I) -> std::io::Result<()> {
    let mut header = [0; 5];
    io.read_exact(&mut header).await?;
    let mut hello = vec![0; usize::from(u16::from_be_bytes([header[3], header[4]]))];
    io.read_exact(&mut hello).await?;
    // Record: handshake, version 3.2. Message: server_hello of 38 bytes: version 3.2, a random, no session id, the
    // suite TLS_RSA_WITH_AES_128_CBC_SHA, no compression.
    let mut answer = vec![22, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2];
    answer.extend_from_slice(&[0x5a; 32]);
    answer.extend_from_slice(&[0, 0x00, 0x2f, 0]);
    io.write_all(&answer).await?;
    io.flush().await?;
    // The client answers with an alert; closing before it is read would reset the connection and hide it.
    let mut rest = [0; 256];
    while io.read(&mut rest).await? > 0 {}
    Ok(())
}
