//! One accepted TCP connection, and the handle with which a fault ends it.

use std::{
    io,
    net::IpAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_util::sync::CancellationToken;

/// Ends the connection that a request came on. It travels with the request in its extensions.
#[derive(Debug, Clone, Default)]
pub(crate) struct ConnectionHandle {
    ended: CancellationToken,
    reset: Arc<AtomicBool>,
    peer: Option<IpAddr>,
}

impl ConnectionHandle {
    /// Drops the connection as a crashed process does: the peer sees a TCP reset.
    pub(crate) fn reset(&self) {
        self.reset.store(true, Ordering::SeqCst);
        self.ended.cancel();
    }

    /// The address of the peer; `None` for a connection in memory.
    pub(crate) fn peer(&self) -> Option<IpAddr> {
        self.peer
    }

    /// Closes the connection: the peer sees the end of the stream.
    pub(crate) fn close(&self) {
        self.ended.cancel();
    }

    /// Waits until the connection is to end.
    pub(crate) async fn ended(&self) {
        self.ended.cancelled().await;
    }
}

/// A TCP stream that resets its peer when it is dropped after [`ConnectionHandle::reset`].
#[derive(Debug)]
pub(crate) struct Wire {
    stream: TcpStream,
    handle: ConnectionHandle,
}

impl Wire {
    pub(crate) fn new(stream: TcpStream) -> Self {
        // Answers are written whole; waiting to join them with later ones only delays the last segment.
        let _ = stream.set_nodelay(true);
        let handle = ConnectionHandle {
            peer: stream.peer_addr().ok().map(|address| address.ip()),
            ..ConnectionHandle::default()
        };
        Self { stream, handle }
    }

    pub(crate) fn handle(&self) -> ConnectionHandle {
        self.handle.clone()
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.handle.reset.load(Ordering::SeqCst) {
            // With no time to linger, closing discards what is unsent and sends RST instead of FIN.
            let _ = socket2::SockRef::from(&self.stream).set_linger(Some(Duration::ZERO));
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
