//! Carries out a fetch: each address of its journey is checked, also after resolution; bytes, time and
//! what comes out of a compressed body are bounded.

use std::{io::Write, sync::Arc, time::Duration};

use flate2::write::MultiGzDecoder;
use http_body_util::{BodyExt, Empty};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    client::conn::http1,
    header::{
        ACCEPT_ENCODING, CONNECTION, CONTENT_ENCODING, HOST, HeaderMap, HeaderValue, LOCATION,
    },
};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, pki_types::ServerName};
use slotstead_tenant::{
    effect::{FetchFailure, FetchRequest, FetchResponse, Outcome},
    host::journey::{Body, Journey, Leg},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    task::JoinSet,
    time::timeout,
};
use tokio_rustls::TlsConnector;
use url::{Host, Position, Url};

use crate::resolve::resolve;

/// Sends requests to the outside.
#[derive(Clone)]
pub struct Fetcher {
    tls: TlsConnector,
    allow_private: bool,
}

impl Fetcher {
    /// `allow_private` is the development switch.
    #[must_use]
    pub fn new(tls: Arc<ClientConfig>, allow_private: bool) -> Self {
        Self {
            tls: TlsConnector::from(tls),
            allow_private,
        }
    }

    /// Sends the request and tells what became of it, within its seconds.
    pub async fn fetch(&self, request: &FetchRequest) -> Outcome {
        let limit = Duration::from_secs(request.timeout_seconds.into());
        match timeout(limit, self.follow(request)).await {
            Ok(Ok(response)) => Outcome::Fetched(response),
            Ok(Err(failure)) => Outcome::Failed(failure),
            Err(_) => Outcome::Failed(FetchFailure::TimedOut),
        }
    }

    async fn follow(&self, request: &FetchRequest) -> Result<FetchResponse, FetchFailure> {
        let mut journey = Journey::begin(request, self.allow_private)?;
        loop {
            // Ends the connection when it is dropped, however this returns.
            let mut connection = JoinSet::new();
            let response = self
                .send(journey.address(), request, &mut connection)
                .await?;
            let location = response.headers().get(LOCATION);
            let location = location.and_then(|value| value.to_str().ok());
            if journey.answered(response.status().as_u16(), location)? == Leg::Arrived {
                return read(response, request.max_bytes).await;
            }
        }
    }

    async fn send(
        &self,
        url: &Url,
        request: &FetchRequest,
        connection: &mut JoinSet<()>,
    ) -> Result<Response<Incoming>, FetchFailure> {
        let tcp = self.connect(url).await?;
        if url.scheme() == "http" {
            return exchange(tcp, url, request, connection).await;
        }
        let name = match url.host().ok_or(FetchFailure::AddressRefused)? {
            Host::Domain(name) => {
                ServerName::try_from(name.to_owned()).map_err(|_| FetchFailure::AddressRefused)?
            }
            Host::Ipv4(address) => ServerName::IpAddress(std::net::IpAddr::from(address).into()),
            Host::Ipv6(address) => ServerName::IpAddress(std::net::IpAddr::from(address).into()),
        };
        let tls = self.tls.connect(name, tcp).await.map_err(unreachable)?;
        exchange(tls, url, request, connection).await
    }

    /// Connects to the first address that answers. What was checked is what is connected to.
    async fn connect(&self, url: &Url) -> Result<TcpStream, FetchFailure> {
        for address in resolve(url, self.allow_private).await? {
            if let Ok(stream) = TcpStream::connect(address).await {
                return Ok(stream);
            }
        }
        Err(FetchFailure::Unreachable)
    }
}

/// One request and the head of its response. The connection lives in `connection`.
async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    url: &Url,
    request: &FetchRequest,
    connection: &mut JoinSet<()>,
) -> Result<Response<Incoming>, FetchFailure> {
    let (mut sender, driver) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(unreachable)?;
    connection.spawn(async move {
        // An error here ends the body early, which is where it is told.
        let _ = driver.await;
    });
    let mut sent = Request::get(&url[Position::BeforePath..Position::AfterQuery])
        .header(HOST, &url[Position::BeforeHost..Position::AfterPort])
        .header(ACCEPT_ENCODING, "gzip")
        .header(CONNECTION, "close");
    for (name, value) in &request.headers {
        sent = sent.header(name, value);
    }
    let sent = sent.body(Empty::<Bytes>::new()).map_err(unreachable)?;
    sender.send_request(sent).await.map_err(unreachable)
}

/// Reads the body, taken out of its compression, and stops at the first byte too many.
async fn read(
    response: Response<Incoming>,
    max_bytes: usize,
) -> Result<FetchResponse, FetchFailure> {
    let (head, mut frames) = response.into_parts();
    let mut body = Decoder::of(&head.headers, max_bytes);
    while let Some(frame) = frames.frame().await {
        if let Ok(chunk) = frame.map_err(unreachable)?.into_data() {
            body.push(&chunk)?;
        }
    }
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    Ok(FetchResponse {
        status: head.status.as_u16(),
        headers: head
            .headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), text(value)))
            .collect(),
        body: body.finish()?,
    })
}

fn unreachable<E>(_: E) -> FetchFailure {
    FetchFailure::Unreachable
}

/// A body on its way in.
enum Decoder {
    Plain(Body),
    Gzip(Box<MultiGzDecoder<Bounded>>),
}

/// What comes out of the decompressor, up to the limit: a bomb ends here and not in the memory.
struct Bounded {
    body: Body,
    overrun: bool,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.body.push(bytes).is_err() {
            self.overrun = true;
            return Err(std::io::ErrorKind::FileTooLarge.into());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Decoder {
    /// Gzip is what is asked for; another encoding is passed on as it is, and will not be a calendar.
    fn of(headers: &HeaderMap, max_bytes: usize) -> Self {
        let body = Body::up_to(max_bytes);
        let encoding = headers.get(CONTENT_ENCODING).map(HeaderValue::as_bytes);
        match encoding {
            Some(name)
                if name.eq_ignore_ascii_case(b"gzip") || name.eq_ignore_ascii_case(b"x-gzip") =>
            {
                let bounded = Bounded {
                    body,
                    overrun: false,
                };
                Self::Gzip(Box::new(MultiGzDecoder::new(bounded)))
            }
            _ => Self::Plain(body),
        }
    }

    fn push(&mut self, chunk: &[u8]) -> Result<(), FetchFailure> {
        match self {
            Self::Plain(body) => body.push(chunk),
            Self::Gzip(decoder) => {
                let written = decoder.write_all(chunk);
                written.map_err(|_| Self::failed(decoder))
            }
        }
    }

    /// All of it, if that is what came.
    fn finish(self) -> Result<Vec<u8>, FetchFailure> {
        match self {
            Self::Plain(body) => Ok(body.into_bytes()),
            Self::Gzip(mut decoder) => {
                decoder.try_finish().map_err(|_| Self::failed(&decoder))?;
                // It ends the stream it holds once more, which has just succeeded.
                let bounded = decoder.finish().map_err(unreachable)?;
                Ok(bounded.body.into_bytes())
            }
        }
    }

    fn failed(decoder: &MultiGzDecoder<Bounded>) -> FetchFailure {
        if decoder.get_ref().overrun {
            FetchFailure::TooLarge
        } else {
            FetchFailure::Unreachable
        }
    }
}

#[cfg(test)]
mod tests {
    use flate2::{Compression, write::GzEncoder};

    use super::*;

    const LIMIT: usize = 100_000;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn decode(encoding: &'static str, sent: &[u8]) -> Result<Vec<u8>, FetchFailure> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_ENCODING, encoding.parse().unwrap());
        let mut decoder = Decoder::of(&headers, LIMIT);
        for chunk in sent.chunks(7) {
            decoder.push(chunk)?;
        }
        decoder.finish()
    }

    #[test]
    fn what_was_compressed_comes_out_again() {
        let text = b"BEGIN:VCALENDAR".repeat(500);
        assert_eq!(decode("gzip", &gzip(&text)), Ok(text.clone()));
        assert_eq!(decode("X-GZIP", &gzip(&text)), Ok(text.clone()));
        assert_eq!(decode("identity", &text), Ok(text.clone()));
        // Two members are one body (RFC 1952, 2.2).
        let twice = [gzip(&text), gzip(&text)].concat();
        assert_eq!(decode("gzip", &twice), Ok(text.repeat(2)));
    }

    #[test]
    fn a_bomb_ends_at_the_limit() {
        let bomb = gzip(&vec![0; LIMIT + 1]);
        assert!(bomb.len() < 1_000);
        assert_eq!(decode("gzip", &bomb), Err(FetchFailure::TooLarge));
        let small = gzip(&vec![0; LIMIT]);
        assert_eq!(decode("gzip", &small).map(|bytes| bytes.len()), Ok(LIMIT));
    }

    #[test]
    fn half_of_a_compressed_body_is_none() {
        let whole = gzip(&b"BEGIN:VCALENDAR".repeat(500));
        for kept in [1, 10, whole.len() / 2, whole.len() - 1] {
            let half = decode("gzip", &whole[..kept]);
            assert_eq!(half, Err(FetchFailure::Unreachable), "{kept} bytes");
        }
        assert_eq!(decode("gzip", b"plain"), Err(FetchFailure::Unreachable));
    }
}
