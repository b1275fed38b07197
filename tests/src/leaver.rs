//! Whoever hangs up before the answer.

use std::time::Duration;

use tokio::{io::AsyncWriteExt, net::TcpStream, time::sleep};

/// Sends a whole request to a port of this machine and resets the connection after a while.
pub async fn leave(port: u16, request: &[u8], patience: Duration) {
    let stream = TcpStream::connect(("127.0.0.1", port)).await;
    let mut stream = stream.expect("the edge listens");
    stream.set_zero_linger().expect("it is open");
    let sent = stream.write_all(request).await;
    sent.expect("the edge reads a whole request");
    sleep(patience).await;
}
