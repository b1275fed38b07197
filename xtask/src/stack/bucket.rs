//! A bucket on this machine, in this process, in place of R2: what the runtime's binding asks for, answered from files.
//!
//! It knows what the keyrings need and nothing more: `head`, `get`, `put` with conditions on the version, `delete`.
//! Whatever else is asked is refused with an error of R2's form, so that nothing looks done that was not.

mod objects;

use std::{
    io::{Cursor, Read},
    net::Ipv4Addr,
    path::{Path, PathBuf},
    sync::Arc,
    thread::{self, JoinHandle},
};

use anyhow::{Result, anyhow};
use serde_json::{Value, json};
use tiny_http::{Header, Method, Request, Response, Server};

use self::objects::{Object, Objects};

/// Threads that answer.
const THREADS: usize = 2;
/// How long a request may be. A page of a keyring has 64 KB.
const REQUEST_BYTES: u64 = 1 << 20;

/// A header with what is asked, if nothing is sent with it.
const REQUEST: &str = "cf-r2-request";
/// A header with the length of the JSON before the bytes of an object, both ways.
const METADATA_SIZE: &str = "cf-r2-metadata-size";
/// A header with what went wrong.
const ERROR: &str = "cf-r2-error";

/// A bucket. Dropping it stops it; what it has stays.
pub struct Bucket {
    server: Arc<Server>,
    folder: PathBuf,
    port: u16,
    threads: Vec<JoinHandle<()>>,
}

impl Bucket {
    /// Serves the objects in `folder` on a free port of 127.0.0.1.
    pub fn start(folder: &Path) -> Result<Self> {
        let objects = Arc::new(Objects::open(folder)?);
        let server = Server::http((Ipv4Addr::LOCALHOST, 0))
            .map_err(|error| anyhow!("a bucket cannot listen: {error}"))?;
        let server = Arc::new(server);
        let address = server.server_addr().to_ip();
        let port = address.ok_or_else(|| anyhow!("a bucket has no port"))?;
        let threads = (0..THREADS)
            .map(|_| {
                let (server, objects) = (Arc::clone(&server), Arc::clone(&objects));
                thread::spawn(move || serve(&server, &objects))
            })
            .collect();
        Ok(Self {
            server,
            folder: folder.to_owned(),
            port: port.port(),
            threads,
        })
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where its objects are, each in the file of its name.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        for _ in &self.threads {
            self.server.unblock();
        }
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn serve(server: &Server, objects: &Objects) {
    while let Ok(mut request) = server.recv() {
        let answered = read(&mut request).and_then(|asked| carry_out(objects, &asked));
        // Who asked may have left; there is nobody to tell.
        let _ = request.respond(response(answered));
    }
}

/// What the runtime asks for, and what it sends with it.
struct Asked {
    request: Value,
    bytes: Vec<u8>,
}

/// What it is answered with.
#[derive(Debug, PartialEq)]
struct Answer {
    metadata: Vec<u8>,
    bytes: Vec<u8>,
}

/// An error of R2: the status, the code that the runtime knows it by, and a sentence.
#[derive(Debug, PartialEq)]
struct Fault(u16, u32, String);

impl Fault {
    fn internal(error: &impl std::fmt::Display) -> Self {
        Self(500, 10001, format!("An internal error: {error}"))
    }

    fn invalid(sentence: impl Into<String>) -> Self {
        Self(400, 10029, sentence.into())
    }

    fn not_there() -> Self {
        Self(404, 10007, "The specified key does not exist.".to_owned())
    }

    fn condition() -> Self {
        let sentence = "At least one of the pre-conditions you specified did not hold.";
        Self(412, 10031, sentence.to_owned())
    }
}

fn read(request: &mut Request) -> Result<Asked, Fault> {
    let header = |name: &'static str| {
        let mut headers = request.headers().iter();
        headers
            .find(|header| header.field.equiv(name))
            .map(|header| header.value.as_str().to_owned())
    };
    let (text, bytes) = match request.method() {
        Method::Get => (header(REQUEST).unwrap_or_default().into_bytes(), Vec::new()),
        Method::Put => {
            let size = header(METADATA_SIZE).and_then(|size| size.parse().ok());
            let size: usize = size.ok_or_else(|| Fault::invalid("The metadata has no size."))?;
            let length = request.body_length();
            let length = length.ok_or_else(|| Fault::invalid("The body has no length."))?;
            let mut body = Vec::new();
            let limit = REQUEST_BYTES + 1;
            let read = request.as_reader().take(limit).read_to_end(&mut body);
            let read = read.map_err(|error| Fault::internal(&error))?;
            if read as u64 > REQUEST_BYTES {
                let sentence = "Your proposed upload exceeds the maximum allowed object size.";
                return Err(Fault(400, 100_100, sentence.to_owned()));
            }
            // Who sends it may be killed in the middle; half an object is none.
            if body.len() != length {
                return Err(Fault::invalid("The body ends before its length."));
            }
            if size > body.len() {
                return Err(Fault::invalid("The metadata is not there."));
            }
            let bytes = body.split_off(size);
            (body, bytes)
        }
        _ => return Err(Fault::invalid("Only GET and PUT.")),
    };
    let request = serde_json::from_slice(&text)
        .map_err(|_| Fault::invalid("What is asked for is not JSON."))?;
    Ok(Asked { request, bytes })
}

fn response(answered: Result<Answer, Fault>) -> Response<Cursor<Vec<u8>>> {
    match answered {
        Ok(Answer {
            mut metadata,
            bytes,
        }) => {
            let size = metadata.len().to_string();
            metadata.extend(bytes);
            Response::from_data(metadata).with_header(header(METADATA_SIZE, &size))
        }
        Err(Fault(status, code, sentence)) => {
            let error = json!({ "version": 1, "v4code": code, "message": sentence });
            Response::from_data(Vec::new())
                .with_status_code(status)
                .with_header(header(ERROR, &error.to_string()))
        }
    }
}

fn header(name: &str, value: &str) -> Header {
    // serde_json leaves letters beyond ASCII as they are.
    let value: String = value.chars().filter(char::is_ascii).collect();
    Header::from_bytes(name, value).expect("names are constants, values are ASCII in one line")
}

fn carry_out(objects: &Objects, asked: &Asked) -> Result<Answer, Fault> {
    let request = &asked.request;
    let members = request.as_object().into_iter().flatten();
    let method = request["method"].as_str().unwrap_or_default();
    for (member, _) in members {
        let known = match member.as_str() {
            "version" | "method" | "object" => true,
            "onlyIf" => method == "put",
            _ => false,
        };
        if !known {
            return Err(Fault::invalid(format!("{member} is not known here.")));
        }
    }
    let name = request["object"].as_str().unwrap_or_default();
    let path = objects::path(name);
    let path = path.ok_or_else(|| Fault(400, 10020, "The name is not valid here.".to_owned()))?;
    let internal = |error: std::io::Error| Fault::internal(&error);
    let found = |object: Option<Object>| object.ok_or_else(Fault::not_there);
    match method {
        "head" => {
            let object = found(objects.get(&path).map_err(internal)?)?;
            Ok(answer(name, &object, Vec::new()))
        }
        "get" => {
            let object = found(objects.get(&path).map_err(internal)?)?;
            Ok(answer(name, &object, object.bytes.clone()))
        }
        "put" => {
            let condition = Condition::read(&request["onlyIf"])?;
            let stored = objects
                .put(&path, &asked.bytes, |there| condition.holds(there))
                .map_err(internal)?;
            let object = stored.ok_or_else(Fault::condition)?;
            Ok(answer(name, &object, Vec::new()))
        }
        "delete" => {
            objects.delete(&path).map_err(internal)?;
            Ok(Answer {
                metadata: Vec::new(),
                bytes: Vec::new(),
            })
        }
        _ => Err(Fault::invalid(format!("{method} is not known here."))),
    }
}

fn answer(name: &str, object: &Object, bytes: Vec<u8>) -> Answer {
    let version = object.version();
    let metadata = json!({
        "name": name,
        "version": version,
        "etag": version,
        "size": object.bytes.len(),
        "uploaded": object.modified_millis,
        "storageClass": "Standard",
    });
    Answer {
        metadata: metadata.to_string().into_bytes(),
        bytes,
    }
}

/// When a `put` is to be done: each list holds versions, or `None` for any.
#[derive(Default)]
struct Condition {
    matches: Option<Vec<Option<String>>>,
    does_not_match: Option<Vec<Option<String>>>,
}

impl Condition {
    fn read(given: &Value) -> Result<Self, Fault> {
        let mut condition = Self::default();
        for (name, list) in given.as_object().into_iter().flatten() {
            let tags = list.as_array().into_iter().flatten().map(|tag| {
                match (tag["type"].as_str(), tag["value"].as_str()) {
                    (Some("wildcard"), _) => Ok(None),
                    (Some("strong"), Some(version)) => Ok(Some(version.to_owned())),
                    _ => Err(Fault::invalid("A tag of a version is not known here.")),
                }
            });
            let tags = Some(tags.collect::<Result<_, _>>()?);
            match name.as_str() {
                "etagMatches" => condition.matches = tags,
                "etagDoesNotMatch" => condition.does_not_match = tags,
                _ => return Err(Fault::invalid(format!("{name} is not known here."))),
            }
        }
        Ok(condition)
    }

    /// As `If-Match` and `If-None-Match` (RFC 9110, section 13.1): where nothing is, nothing matches.
    fn holds(&self, there: Option<&Object>) -> bool {
        let version = there.map(Object::version);
        let among = |tags: &Vec<Option<String>>| match &version {
            Some(version) => tags
                .iter()
                .any(|tag| tag.as_ref().is_none_or(|tag| tag == version)),
            None => false,
        };
        self.matches.as_ref().is_none_or(among) && !self.does_not_match.as_ref().is_some_and(among)
    }
}

#[cfg(test)]
mod tests;
