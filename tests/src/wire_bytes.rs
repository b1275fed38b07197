//! Bytes on a socket: what no HTTP client would send.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

/// How long an answer may take. Nothing waits for it but a runtime that hangs.
const SECONDS: u64 = 20;

/// All that came back before the connection ended.
#[derive(Debug)]
pub struct Answered(pub Vec<u8>);

/// Sends `bytes` to this port of this machine, says that nothing more comes, and reads to the end.
pub async fn send(port: u16, bytes: &[u8]) -> Answered {
    let exchange = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port))
            .await
            .expect("the edge listens");
        // The edge may hang up in the middle of what it does not want to read.
        let _ = stream.write_all(bytes).await;
        let _ = stream.shutdown().await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        answer
    };
    Answered(
        timeout(Duration::from_secs(SECONDS), exchange)
            .await
            .expect("the edge answers or hangs up"),
    )
}

impl Answered {
    /// The status of each answer, in order. Bodies of ours hold no such line.
    #[must_use]
    pub fn statuses(&self) -> Vec<u16> {
        let text = String::from_utf8_lossy(&self.0);
        text.split("HTTP/1.")
            .skip(1)
            .filter_map(|rest| rest.get(2..5)?.parse().ok())
            .collect()
    }

    /// Whether it is a problem document.
    #[must_use]
    pub fn is_problem(&self) -> bool {
        let text = String::from_utf8_lossy(&self.0).to_ascii_lowercase();
        text.contains("content-type: application/problem+json") && text.contains("urn:slotstead:")
    }
}
