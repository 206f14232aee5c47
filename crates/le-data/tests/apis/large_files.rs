//! Files that are much larger than what is held of them.
//!
//! The transport makes each chunk when it is asked for it, so it knows how far it was read ahead.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _};
use http::{Request, Response};
use le_core::auth::StaticBearer;
use le_core::discover::FixedBase;
use le_core::testing::TestClock;
use le_core::transport::{Body, Cause, Phase, Transport, TransportError};
use le_core::{AccountId, BaseUri, Client, ErrorKind, Timestamp, TrustedHosts};
use le_data::Data;
use le_data::data_access::DataFile;

/// Chunks of a file; in each are so many lines.
const CHUNKS: usize = 1_000;
const LINES: usize = 20;

/// No answer may be collected beyond this.
const LIMIT: usize = 256 << 10;

/// Serves a file of packed lines, and counts the unpacked bytes that it was asked for. It breaks behind these chunks, once each.
#[derive(Debug, Default)]
struct Endless {
    sent: Arc<AtomicU64>,
    breaks: Vec<usize>,
    calls: AtomicUsize,
    packed: bool,
}

fn line(number: usize) -> String {
    format!("{{\"line\":{number},\"text\":\"{}\"}}\n", "what was said ".repeat(50))
}

fn chunk(number: usize, packed: bool) -> (Bytes, u64) {
    let text: String = (number * LINES..(number + 1) * LINES).map(line).collect();
    if !packed {
        return (Bytes::from(text.clone()), text.len() as u64);
    }
    // Each chunk is a gzip of its own; joined they are one file.
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(text.as_bytes()).unwrap();
    (Bytes::from(out.finish().unwrap()), text.len() as u64)
}

#[async_trait]
impl Transport for Endless {
    async fn execute(&self, _: Request<Bytes>) -> Result<Response<Body>, TransportError> {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        let breaks = self.breaks.get(call).copied();
        let (sent, packed) = (Arc::clone(&self.sent), self.packed);
        sent.store(0, Ordering::SeqCst);
        let chunks = futures_util::stream::iter(0..CHUNKS).map(move |number| {
            if breaks == Some(number) {
                return Err(TransportError::new(Phase::Body, Cause::Reset));
            }
            let (chunk, bytes) = chunk(number, packed);
            sent.fetch_add(bytes, Ordering::SeqCst);
            Ok(chunk)
        });
        Ok(Response::new(Body::chunks(None, chunks)))
    }
}

fn data(transport: Endless) -> (Data, TestClock) {
    let base = BaseUri::plain("127.0.0.1:1").unwrap();
    let clock = TestClock::auto(Timestamp::from_millis(1_893_456_000_000));
    let client = Client::builder(AccountId::new("le1000").unwrap())
        .transport(Arc::new(transport))
        .discover(Arc::new(FixedBase(base)))
        .authorize(Arc::new(StaticBearer::new("t")))
        .trusted_hosts(TrustedHosts::vendor().with_host("127.0.0.1"))
        .clock(Arc::new(clock.clone()))
        .body_limit(LIMIT)
        .build()
        .unwrap();
    (Data::new(client), clock)
}

fn file() -> DataFile {
    DataFile::at("http://127.0.0.1:1/data_access_le/account/le1000/le/agentActivity/Agent.1.2.part-0-0.gz")
}

/// Reads the file, and gives the number of lines, the bytes of them, and how far the reading was ahead at most.
async fn read(transport: Endless) -> (usize, u64, u64) {
    let sent = Arc::clone(&transport.sent);
    let (data, _) = data(transport);
    let access = data.data_access_at(BaseUri::plain("127.0.0.1:1").unwrap());
    let mut values = access.read(&file()).await.unwrap();
    let (mut lines, mut given, mut ahead) = (0, 0, 0);
    while let Some(value) = values.next().await {
        let value = value.unwrap();
        assert_eq!(value.as_str(), line(lines).trim_end());
        lines += 1;
        given += value.len() as u64 + 1;
        ahead = ahead.max(sent.load(Ordering::SeqCst).saturating_sub(given));
    }
    assert!(values.next().await.is_none(), "it ended, whoever asks again");
    (lines, given, ahead)
}

#[tokio::test]
async fn a_file_is_read_while_it_comes_packed_or_not() {
    for packed in [true, false] {
        let (lines, bytes, ahead) = read(Endless {
            packed,
            ..Endless::default()
        })
        .await;
        assert_eq!(lines, CHUNKS * LINES);
        assert!(bytes > 12_000_000, "{bytes}");
        assert!(ahead < 100_000, "{ahead} of {bytes} bytes were held");
    }
}

#[tokio::test]
async fn a_connection_that_breaks_costs_no_line_and_gives_none_twice() {
    let (lines, _, ahead) = read(Endless {
        packed: true,
        breaks: vec![500, 10, 900],
        ..Endless::default()
    })
    .await;
    assert_eq!(lines, CHUNKS * LINES);
    assert!(ahead < 100_000, "{ahead}");

    let transport = Endless {
        breaks: vec![1; 100],
        ..Endless::default()
    };
    let (data, clock) = data(transport);
    let access = data.data_access_at(BaseUri::plain("127.0.0.1:1").unwrap());
    let values: Vec<_> = access.read(&file()).await.unwrap().collect().await;
    assert_eq!(values.len(), LINES + 1, "what came before it broke, and the error");
    assert_eq!(values[LINES].as_ref().unwrap_err().kind(), ErrorKind::Transport);
    assert!(clock.slept().len() > 2, "it was tried again");
}

/// A writer that keeps nothing.
#[derive(Default)]
struct Counting {
    bytes: u64,
    ahead: u64,
    sent: Arc<AtomicU64>,
}

impl tokio::io::AsyncWrite for Counting {
    fn poll_write(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
        bytes: &[u8],
    ) -> std::task::Poll<std::io::Result<usize>> {
        self.bytes += bytes.len() as u64;
        self.ahead = self.ahead.max(self.sent.load(Ordering::SeqCst) - self.bytes);
        std::task::Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn poll_shutdown(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        std::task::Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn a_hosted_file_and_a_zip_go_through_to_a_writer_chunk_by_chunk() {
    let signed = "/v1/AUTH_x/le1000/a.PNG?temp_url_sig=a&temp_url_expires=1";
    for hosted in [true, false] {
        let transport = Endless::default();
        let sent = Arc::clone(&transport.sent);
        let (data, _) = data(transport);
        let file = if hosted {
            data.hosted_files().download(signed).await
        } else {
            data.bulk_files().download("http://127.0.0.1:1/a.zip").await
        };
        let mut out = Counting {
            sent: Arc::clone(&sent),
            ..Counting::default()
        };
        let written = file.unwrap().write_to(&mut out).await.unwrap();
        assert_eq!((written, out.bytes), (out.bytes, sent.load(Ordering::SeqCst)));
        assert!(written > 12_000_000, "{written}");
        assert!(out.ahead < 100_000, "{} of {written} bytes were held", out.ahead);
    }
    // Whoever asks for all of it at once says how much that may be.
    let (data, _) = data(Endless::default());
    let file = data.hosted_files().download(signed).await.unwrap();
    assert_eq!(file.collect(LIMIT).await.unwrap_err().kind(), ErrorKind::Protocol);
    let broken = Endless {
        breaks: vec![5],
        ..Endless::default()
    };
    let file = data_of(broken).hosted_files().download(signed).await.unwrap();
    assert_eq!(
        file.try_collect::<Vec<_>>().await.unwrap_err().kind(),
        ErrorKind::Transport
    );
}

fn data_of(transport: Endless) -> Data {
    data(transport).0
}
