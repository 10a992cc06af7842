//! The double's listening socket: it can be closed and opened again on the same port, and a single connection can be cut.
//! Always: closed means that a connection is refused and those that stand are cut, as when a process dies.
//! Never: HTTP.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::IncomingStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// Opens and closes the double's socket.
pub(super) struct Gate {
    /// What is wanted of the socket: open?
    wanted: watch::Sender<bool>,
    /// What it is; `None` while nothing is served.
    is_open: watch::Sender<Option<bool>>,
    /// Cuts all connections of now.
    lines: Mutex<CancellationToken>,
    /// How many connections stand.
    standing: watch::Sender<usize>,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            wanted: watch::Sender::new(true),
            is_open: watch::Sender::new(None),
            lines: Mutex::default(),
            standing: watch::Sender::new(0),
        }
    }
}

impl Gate {
    /// Closes or opens the socket, and returns when that is so. Does nothing while nothing is served.
    pub async fn set_open(&self, open: bool) {
        self.wanted.send_replace(open);
        let mut is_open = self.is_open.subscribe();
        // The sender is ours: the wait ends with the wish fulfilled.
        let _ = is_open.wait_for(|now| now.is_none_or(|now| now == open)).await;
        // After the wait, so that one that came in meanwhile is cut too.
        if !open {
            std::mem::take(&mut *self.lines.lock().unwrap_or_else(PoisonError::into_inner)).cancel();
            let _ = self.standing.subscribe().wait_for(|lines| *lines == 0).await;
        }
    }

    fn line(&self, stream: TcpStream) -> Line {
        let cut = self.lines.lock().unwrap_or_else(PoisonError::into_inner).child_token();
        self.standing.send_modify(|lines| *lines += 1);
        Line { stream, was_cut: Box::pin(cut.clone().cancelled_owned()), cut, standing: self.standing.clone() }
    }
}

/// The listening end, for `axum::serve`.
pub(super) struct Door {
    world: std::sync::Arc<super::world::World>,
    at: SocketAddr,
    listener: Option<TcpListener>,
    wanted: watch::Receiver<bool>,
}

impl Door {
    pub fn new(world: std::sync::Arc<super::world::World>, listener: TcpListener) -> io::Result<Self> {
        let at = listener.local_addr()?;
        let wanted = world.gate.wanted.subscribe();
        world.gate.is_open.send_replace(Some(true));
        Ok(Self { world, at, listener: Some(listener), wanted })
    }
}

impl axum::serve::Listener for Door {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        loop {
            if !*self.wanted.borrow_and_update() {
                self.listener = None;
                self.world.gate.is_open.send_replace(Some(false));
                if self.wanted.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
                continue;
            }
            if self.listener.is_none() {
                self.listener = TcpListener::bind(self.at).await.ok();
            }
            let Some(listener) = &self.listener else {
                // Somebody else sits on our port: wait until they leave.
                tokio::time::sleep(Duration::from_millis(5)).await;
                continue;
            };
            self.world.gate.is_open.send_replace(Some(true));
            tokio::select! {
                accepted = listener.accept() => {
                    if let Ok((stream, peer)) = accepted {
                        return (self.world.gate.line(stream), peer);
                    }
                }
                _ = self.wanted.changed() => {}
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.at)
    }
}

/// One connection that can be cut.
pub(super) struct Line {
    stream: TcpStream,
    was_cut: Pin<Box<WaitForCancellationFutureOwned>>,
    cut: CancellationToken,
    standing: watch::Sender<usize>,
}

impl Drop for Line {
    fn drop(&mut self) {
        self.standing.send_modify(|lines| *lines = lines.saturating_sub(1));
    }
}

impl Line {
    fn check(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        match self.was_cut.as_mut().poll(cx) {
            Poll::Ready(()) => Err(io::ErrorKind::ConnectionReset.into()),
            Poll::Pending => Ok(()),
        }
    }
}

impl AsyncRead for Line {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.check(cx)?;
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.check(cx)?;
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// The connection a request came on, for a handler that wants to cut it.
#[derive(Clone)]
pub(super) struct Cut(CancellationToken);

impl Cut {
    pub fn now(&self) {
        self.0.cancel();
    }
}

impl Connected<IncomingStream<'_, Door>> for Cut {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        Self(stream.io().cut.clone())
    }
}
