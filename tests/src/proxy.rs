//! A bad line: a proxy between the edge and a region server that can be told how to misbehave. It sees
//! what is encrypted and nothing else.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    select,
    sync::Notify,
    task::JoinHandle,
    time::sleep,
};

/// How the line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// As it should be.
    Good,
    /// Cut: what is open ends, and nothing new gets through.
    Cut,
    /// What is asked arrives, what is answered does not.
    Silent,
    /// Half of what is answered arrives, then the line is cut.
    Half,
    /// What is answered arrives byte by byte, so that no answer is whole within any deadline.
    Dripping,
    /// Whatever is answered arrives late, and whole.
    Late,
}

/// Between two bytes of a line that drips: a minute and more for an answer with its head.
const DRIP: Duration = Duration::from_millis(200);
/// By which a line is late.
pub const DELAY: Duration = Duration::from_secs(1);

struct State {
    line: Mutex<Line>,
    changed: Notify,
    /// Bytes that arrived at the region server.
    asked: AtomicUsize,
    /// Every byte of both directions, as it was sent.
    carried: Mutex<Vec<u8>>,
}

/// The proxy. Dropping it ends it.
pub struct Proxy {
    port: u16,
    state: Arc<State>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Listens on a free port of 127.0.0.1. Where it leads is said by [`LeadTo::set`].
    pub async fn start() -> (Self, LeadTo) {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("loopback has free ports");
        let port = listener.local_addr().expect("it is bound").port();
        let state = Arc::new(State {
            line: Mutex::new(Line::Good),
            changed: Notify::new(),
            asked: AtomicUsize::new(0),
            carried: Mutex::default(),
        });
        let target = LeadTo(Arc::new(Mutex::new(0)));
        let (shared, to) = (Arc::clone(&state), target.clone());
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, to.port(), Arc::clone(&shared)));
            }
        });
        (Self { port, state, task }, target)
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How the line is from now on.
    pub fn set(&self, line: Line) {
        *self
            .state
            .line
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = line;
        self.state.changed.notify_waiters();
    }

    /// Every byte that was sent so far, either way.
    #[must_use]
    pub fn carried(&self) -> Vec<u8> {
        self.state.carried().clone()
    }

    /// Bytes that arrived at the region server so far.
    #[must_use]
    pub fn asked(&self) -> usize {
        self.state.asked.load(Ordering::Acquire)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Where a proxy leads: known only once the region server listens.
#[derive(Debug, Clone)]
pub struct LeadTo(Arc<Mutex<u16>>);

impl LeadTo {
    /// To this port on 127.0.0.1.
    pub fn set(&self, port: u16) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = port;
    }

    fn port(&self) -> u16 {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn line(&self) -> Line {
        *self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn carried(&self) -> MutexGuard<'_, Vec<u8>> {
        self.carried.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the line is cut.
    async fn cut(&self) {
        loop {
            let changed = self.changed.notified();
            if self.line() == Line::Cut {
                return;
            }
            changed.await;
        }
    }
}

async fn carry(client: TcpStream, port: u16, state: Arc<State>) {
    if state.line() == Line::Cut {
        return;
    }
    // A server that is gone is a connection that ends.
    let Ok(server) = TcpStream::connect(("127.0.0.1", port)).await else {
        return;
    };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    select! {
        () = state.cut() => {}
        () = asked(from_client, to_server, &state) => {}
        () = answered(from_server, to_client, &state) => {}
    }
}

async fn asked(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, state: &State) {
    let mut chunk = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut chunk).await {
        state.carried().extend_from_slice(&chunk[..count]);
        if to.write_all(&chunk[..count]).await.is_err() {
            break;
        }
        state.asked.fetch_add(count, Ordering::Release);
    }
}

async fn answered(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, state: &State) {
    let mut chunk = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut chunk).await {
        state.carried().extend_from_slice(&chunk[..count]);
        let line = state.line();
        let mut arriving = match line {
            Line::Good | Line::Dripping | Line::Late => &chunk[..count],
            Line::Half => &chunk[..count / 2],
            Line::Silent | Line::Cut => &[],
        };
        if line == Line::Late {
            sleep(DELAY).await;
        }
        while line == Line::Dripping && state.line() == line && !arriving.is_empty() {
            let (byte, rest) = arriving.split_at(1);
            if to.write_all(byte).await.is_err() {
                return;
            }
            arriving = rest;
            sleep(DRIP).await;
        }
        if to.write_all(arriving).await.is_err() || matches!(line, Line::Half | Line::Cut) {
            break;
        }
    }
}
