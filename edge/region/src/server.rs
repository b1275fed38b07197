//! The listening sides: who connects is let in by TLS, then served until it goes or the server stops.

use std::{io, sync::Arc, time::Duration};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
};
use rustls::ServerConfig;
use socket2::SockRef;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    select,
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;

use crate::{
    config::Limits,
    log,
    metrics::count,
    region::Region,
    service::{self, Door},
};

/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(5);

/// How long what was sent may stay unread by the other side before the connection is given up.
const UNREAD: Duration = Duration::from_secs(30);

/// The pause after the system gave no connection, which is mostly too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// Bytes of a request's head at most, and its headers.
const HEAD_BYTES: usize = 16 * 1024;
const HEADERS: usize = 48;

/// A listening side.
pub struct Listening {
    /// Where.
    pub listener: TcpListener,
    /// The edge's side has TLS; this machine's has none.
    pub tls: Option<Arc<ServerConfig>>,
}

/// Serves until it is asked to stop, then finishes what is in flight, for `limits.stop` at most.
pub async fn serve(
    listening: Listening,
    region: Arc<Region>,
    limits: Limits,
    mut stop: watch::Receiver<bool>,
) {
    let room = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    let acceptor = listening.tls.map(TlsAcceptor::from);
    loop {
        let accepted = select! {
            _ = stop.wait_for(|stop| *stop) => break,
            accepted = accept(&listening.listener, &room) => accepted,
        };
        match accepted {
            Ok((stream, place)) => {
                let connection = Connection {
                    region: Arc::clone(&region),
                    idle: limits.idle,
                    watcher: graceful.watcher(),
                    _place: place,
                };
                tokio::spawn(connection.serve(stream, acceptor.clone(), stop.clone()));
            }
            Err(error) => {
                log::failure("no connection accepted", &error);
                sleep(PAUSE).await;
            }
        }
    }
    drop(listening.listener);
    if timeout(limits.stop, graceful.shutdown()).await.is_err() {
        log::failure("connections cut off", "they did not end in time");
    }
}

/// The next connection, once there is room for it.
async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let place = Arc::clone(room)
        .acquire_owned()
        .await
        .map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    stream.set_nodelay(true)?;
    SockRef::from(&stream).set_tcp_user_timeout(Some(UNREAD))?;
    Ok((stream, place))
}

struct Connection {
    region: Arc<Region>,
    idle: Duration,
    watcher: Watcher,
    _place: OwnedSemaphorePermit,
}

impl Connection {
    async fn serve(
        self,
        stream: TcpStream,
        acceptor: Option<TlsAcceptor>,
        mut stop: watch::Receiver<bool>,
    ) {
        let Some(acceptor) = acceptor else {
            return self.speak(stream, Door::Machine).await;
        };
        let handshake = timeout(HANDSHAKE, acceptor.accept(stream));
        let shaken = select! {
            _ = stop.wait_for(|stop| *stop) => return,
            shaken = handshake => shaken,
        };
        let why = match shaken {
            Ok(Ok(stream)) => {
                count(&self.region.metrics.connections);
                return self.speak(stream, Door::Edge).await;
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => "the handshake took too long".to_owned(),
        };
        count(&self.region.metrics.handshakes_refused);
        log::failure("connection refused", &why);
    }

    async fn speak(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, door: Door) {
        let region = self.region;
        let answer = service_fn(move |request| service::answer(Arc::clone(&region), door, request));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            // It counts from when the connection falls silent, so it also ends those that stay so.
            .header_read_timeout(self.idle)
            .max_buf_size(HEAD_BYTES)
            .max_headers(HEADERS)
            .serve_connection(TokioIo::new(stream), answer);
        // A client that goes away in the middle is no event: what it asked for is done or is not.
        let _ = self.watcher.watch(connection).await;
    }
}
