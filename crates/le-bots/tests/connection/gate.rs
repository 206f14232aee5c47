//! A server that answers upgrades as it is told, over TCP and TLS, and a proxy in front of it.

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use sha1::{Digest, Sha1};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{ServerConfig, crypto};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role};

/// What the gate answers to one upgrade.
#[derive(Clone)]
pub(crate) enum Reply {
    /// 101, then a socket that answers every request with 200.
    Open,
    /// 101, then a socket that answers every request with this code.
    OpenWith(u16),
    /// 101, then a socket that closes with this code at the first request.
    CloseWith(u16),
    /// Another status with this body.
    Refuse(u16, &'static str),
    /// 101 with an answer to another key.
    WrongKey,
    /// Nothing at all.
    Silence,
}

/// A server with a script; it keeps the heads of the requests that it saw.
#[derive(Clone, Default)]
pub(crate) struct Gate {
    script: Arc<Mutex<Vec<Reply>>>,
    heads: Arc<Mutex<Vec<String>>>,
    frames: Arc<Mutex<Vec<String>>>,
}

impl Gate {
    pub(crate) fn new(script: impl IntoIterator<Item = Reply>) -> Self {
        let mut script: Vec<_> = script.into_iter().collect();
        script.reverse();
        Self {
            script: Arc::new(Mutex::new(script)),
            ..Self::default()
        }
    }

    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    pub(crate) fn frames(&self) -> Vec<String> {
        self.frames.lock().unwrap().clone()
    }

    /// Listens on loopback; gives host and port.
    pub(crate) async fn listen(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let gate = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(gate.clone().serve(stream));
            }
        });
        address
    }

    /// Listens with TLS; gives host and port, and the certificate as PEM.
    pub(crate) async fn listen_tls(&self) -> (String, String) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let gate = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (gate, acceptor) = (gate.clone(), acceptor.clone());
                tokio::spawn(async move { gate.serve(acceptor.accept(stream).await.unwrap()).await });
            }
        });
        (format!("localhost:{port}"), made.cert.pem())
    }

    async fn serve<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(self, mut stream: S) {
        let head = read_head(&mut stream).await;
        let key = header(&head, "sec-websocket-key").unwrap_or_default();
        self.heads.lock().unwrap().push(head);
        let reply = self
            .script
            .lock()
            .unwrap()
            .pop()
            .unwrap_or(Reply::Refuse(500, "the script is over"));
        match reply {
            Reply::Open => self.open(stream, &key, 200).await,
            Reply::OpenWith(code) => self.open(stream, &key, code).await,
            Reply::CloseWith(code) => self.open(stream, &key, code).await,
            Reply::WrongKey => self.open(stream, "another", 200).await,
            Reply::Silence => std::future::pending().await,
            Reply::Refuse(status, body) => {
                let answer = format!(
                    "HTTP/1.1 {status} Refused\r\ncontent-length: {}\r\nlocation: http://elsewhere.example/\r\n\r\n{body}",
                    body.len()
                );
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        }
    }

    async fn open<S: AsyncRead + AsyncWrite + Unpin>(self, mut stream: S, key: &str, code: u16) {
        use futures_util::{SinkExt, StreamExt};
        let digest = Sha1::digest(format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
        let accept = base64::engine::general_purpose::STANDARD.encode(digest);
        let answer = format!(
            "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: {accept}\r\n\r\n"
        );
        stream.write_all(answer.as_bytes()).await.unwrap();
        let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
        while let Some(Ok(message)) = socket.next().await {
            let Ok(text) = message.into_text() else { continue };
            let Ok(frame) = serde_json::from_str::<serde_json::Value>(&text) else {
                continue;
            };
            self.frames.lock().unwrap().push(text.as_str().to_owned());
            // Codes from 1000 on are close codes.
            if code >= 1000 {
                let reason = "".into();
                let close = CloseFrame {
                    code: code.into(),
                    reason,
                };
                let _ = socket.send(Message::Close(Some(close))).await;
                continue;
            }
            let answer =
                serde_json::json!({"kind": "resp", "reqId": frame["id"], "code": code, "type": "x", "body": "ok"});
            let _ = socket.send(answer.to_string().into()).await;
        }
    }
}

async fn read_head<S: AsyncRead + Unpin>(stream: &mut S) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8(head).unwrap()
}

/// A header of a request head.
pub(crate) fn header(head: &str, name: &str) -> Option<String> {
    head.lines().find_map(|line| {
        let (own, value) = line.split_once(':')?;
        own.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

/// A proxy that tunnels; gives its address and the requests that it saw.
pub(crate) async fn proxy() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let log = Arc::clone(&log);
            tokio::spawn(async move {
                let head = read_head(&mut client).await;
                let target = head
                    .split(' ')
                    .nth(1)
                    .unwrap_or_default()
                    .replace("localhost", "127.0.0.1");
                log.lock().unwrap().push(head);
                let mut server = TcpStream::connect(target).await.unwrap();
                client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await.unwrap();
                let _ = copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    (address, seen)
}
