//! A static site on another origin, in this process: the demo pages and whatever is put into it.
//!
//! It answers GET and HEAD only, never leaves its folders, and answers conditional
//! requests, because a calendar feed is fetched with them.

mod answer;
mod file;

use std::{
    collections::BTreeMap,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
    thread::{self, JoinHandle},
    time::SystemTime,
};

use anyhow::{Result, anyhow};
use tiny_http::Server;

use self::file::File;

/// Threads that answer; a browser opens six connections to one origin.
const THREADS: usize = 8;

/// A running site. Dropping it stops it.
pub struct Site {
    server: Arc<Server>,
    content: Arc<RwLock<Content>>,
    port: u16,
    threads: Vec<JoinHandle<()>>,
}

/// What the site serves.
struct Content {
    root: PathBuf,
    mounts: BTreeMap<String, PathBuf>,
    put: BTreeMap<String, File>,
    replacements: BTreeMap<String, String>,
}

impl Site {
    /// Serves the folder `root` on 127.0.0.1. A `port` of 0 is a free one. In text files
    /// each `{{name}}` of `replacements` becomes its value.
    pub fn start<'a>(
        root: &Path,
        port: u16,
        replacements: impl IntoIterator<Item = (&'a str, String)>,
    ) -> Result<Self> {
        let server = Server::http((Ipv4Addr::LOCALHOST, port))
            .map_err(|error| anyhow!("the site cannot listen on port {port}: {error}"))?;
        let server = Arc::new(server);
        let port = server
            .server_addr()
            .to_ip()
            .map_or(port, |address| address.port());
        let replacements = replacements
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        let content = Arc::new(RwLock::new(Content {
            root: root.to_owned(),
            mounts: BTreeMap::new(),
            put: BTreeMap::new(),
            replacements,
        }));
        let threads = (0..THREADS)
            .map(|_| {
                let (server, content) = (Arc::clone(&server), Arc::clone(&content));
                thread::spawn(move || serve(&server, &content))
            })
            .collect();
        Ok(Self {
            server,
            content,
            port,
            threads,
        })
    }

    /// Where it is: `http://localhost:<port>`.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Serves `bytes` at `path` from now on, whatever else is there.
    pub fn put(&self, path: &str, bytes: impl Into<Vec<u8>>, content_type: &str) {
        let file = File {
            bytes: bytes.into(),
            content_type: content_type.to_owned(),
            modified: SystemTime::now(),
        };
        write(&self.content).put.insert(path.to_owned(), file);
    }

    /// Takes back what was put at `path`.
    pub fn remove(&self, path: &str) {
        write(&self.content).put.remove(path);
    }

    /// Serves the files of `folder` below `prefix`, which ends with a slash: `/calendars/`.
    pub fn mount(&self, prefix: &str, folder: &Path) {
        write(&self.content)
            .mounts
            .insert(prefix.to_owned(), folder.to_owned());
    }

    /// Sets what `{{name}}` becomes.
    pub fn replace(&self, name: &str, value: impl Into<String>) {
        write(&self.content)
            .replacements
            .insert(name.to_owned(), value.into());
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        for _ in &self.threads {
            self.server.unblock();
        }
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn serve(server: &Server, content: &RwLock<Content>) {
    while let Ok(request) = server.recv() {
        let path = request
            .url()
            .split(['?', '#'])
            .next()
            .unwrap_or_default()
            .to_owned();
        let file = read(content).find(&path);
        let response = answer::answer(&request, file);
        // The visitor may have left; there is nobody to tell.
        let _ = request.respond(response);
    }
}

fn read(content: &RwLock<Content>) -> RwLockReadGuard<'_, Content> {
    content.read().unwrap_or_else(PoisonError::into_inner)
}

fn write(content: &RwLock<Content>) -> RwLockWriteGuard<'_, Content> {
    content.write().unwrap_or_else(PoisonError::into_inner)
}

impl Content {
    /// What was put comes first, then the mounted folders, then the root.
    fn find(&self, path: &str) -> Option<File> {
        if let Some(file) = self.put.get(path) {
            return Some(file.clone());
        }
        let mounted = self
            .mounts
            .iter()
            .find_map(|(prefix, folder)| Some((folder, path.strip_prefix(prefix.as_str())?)));
        let (folder, rest) = mounted.unwrap_or((&self.root, path.strip_prefix('/')?));
        let file = File::read(&folder.join(file::relative(rest)?))?;
        Some(file.with(&self.replacements))
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        io::{Read, Write},
        net::TcpStream,
    };

    use super::*;

    /// The whole answer, as text.
    fn ask(site: &Site, request_line: &str, headers: &str) -> String {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, site.port())).unwrap();
        let request =
            format!("{request_line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn header<'a>(answer: &'a str, name: &str) -> &'a str {
        let line = answer.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_else(|| panic!("no {name} in {answer}"))
            .trim_start_matches(": ")
    }

    fn site(name: &str) -> (Site, PathBuf) {
        let root = std::env::temp_dir().join(format!("slotstead-{name}-{}", std::process::id()));
        fs::create_dir_all(root.join("public/sub")).unwrap();
        fs::write(root.join("public/index.html"), "edge {{edge}}").unwrap();
        fs::write(root.join("public/sub/index.html"), "sub").unwrap();
        fs::write(root.join("secret.txt"), "secret").unwrap();
        let site = Site::start(&root.join("public"), 0, [("edge", "E".to_owned())]).unwrap();
        (site, root)
    }

    #[test]
    fn it_serves_its_folder_and_nothing_around_it() {
        let (site, root) = site("folder");
        assert!(ask(&site, "GET /", "").ends_with("edge E"));
        site.replace("edge", "F");
        assert!(ask(&site, "GET /index.html?x=1", "").ends_with("edge F"));
        assert!(ask(&site, "GET /sub/", "").ends_with("sub"));
        for path in [
            "/../secret.txt",
            "/sub/../../secret.txt",
            "/%2e%2e/secret.txt",
            "//etc/passwd",
        ] {
            let answer = ask(&site, &format!("GET {path}"), "");
            assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
        }
        assert!(ask(&site, "POST /", "Content-Length: 0\r\n").starts_with("HTTP/1.1 405"));
        let head = ask(&site, "HEAD /sub/", "");
        assert!(
            head.starts_with("HTTP/1.1 200") && head.ends_with("\r\n\r\n"),
            "{head}"
        );
        drop(site);
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn what_is_put_can_be_asked_for_conditionally_and_changed() {
        let (site, root) = site("put");
        let path = "GET /calendars/a.ics";
        site.put("/calendars/a.ics", "one", "text/calendar");
        let first = ask(&site, path, "");
        assert!(first.ends_with("one"));
        assert_eq!(header(&first, "Content-Type"), "text/calendar");
        let by_tag = format!("If-None-Match: {}\r\n", header(&first, "ETag"));
        let by_date = format!("If-Modified-Since: {}\r\n", header(&first, "Last-Modified"));
        let unchanged = ask(&site, path, &by_tag);
        assert!(unchanged.starts_with("HTTP/1.1 304"), "{unchanged}");
        assert!(unchanged.ends_with("\r\n\r\n"), "{unchanged}");
        assert!(ask(&site, path, &by_date).starts_with("HTTP/1.1 304"));
        // Changed within the same second: the tag tells.
        site.put("/calendars/a.ics", "two", "text/calendar");
        assert!(ask(&site, path, &by_tag).ends_with("two"));
        site.remove("/calendars/a.ics");
        assert!(ask(&site, path, &by_tag).starts_with("HTTP/1.1 404"));
        fs::write(root.join("b.ics"), "three").unwrap();
        site.mount("/calendars/", &root);
        assert!(ask(&site, "GET /calendars/b.ics", "").ends_with("three"));
        drop(site);
        fs::remove_dir_all(root).unwrap();
    }
}
