//! The bucket against what R2 promises, without a runtime.

use std::{
    fs,
    io::Write,
    net::{Shutdown, TcpStream},
};

use super::*;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("slotstead-bucket-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&folder);
        Self(folder)
    }

    fn objects(&self) -> Objects {
        Objects::open(&self.0).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn ask(objects: &Objects, request: Value, bytes: &[u8]) -> Result<Answer, Fault> {
    let bytes = bytes.to_vec();
    carry_out(objects, &Asked { request, bytes })
}

fn get(objects: &Objects, name: &str) -> Result<Vec<u8>, Fault> {
    let request = json!({ "version": 1, "method": "get", "object": name });
    ask(objects, request, b"").map(|answer| answer.bytes)
}

/// The version that is there afterwards.
fn put(objects: &Objects, name: &str, only_if: Value, bytes: &[u8]) -> Result<String, Fault> {
    let mut request = json!({ "version": 1, "method": "put", "object": name });
    if !only_if.is_null() {
        request["onlyIf"] = only_if;
    }
    let answer = ask(objects, request, bytes)?;
    let metadata: Value = serde_json::from_slice(&answer.metadata).unwrap();
    assert_eq!(metadata["size"], bytes.len());
    Ok(metadata["etag"].as_str().unwrap().to_owned())
}

fn absent() -> Value {
    json!({ "etagDoesNotMatch": [{ "type": "wildcard" }] })
}

fn unchanged(version: &str) -> Value {
    json!({ "etagMatches": [{ "type": "strong", "value": version }] })
}

#[test]
fn a_put_is_done_when_its_condition_holds_and_else_changes_nothing() {
    let folder = Folder::new("conditions");
    let objects = folder.objects();
    assert_eq!(get(&objects, "t/ring"), Err(Fault::not_there()));
    let gone = put(&objects, "t/ring", unchanged("0"), b"zero");
    assert_eq!(gone, Err(Fault::condition()));

    let first = put(&objects, "t/ring", absent(), b"one").unwrap();
    assert_eq!(get(&objects, "t/ring").unwrap(), b"one");
    let second = put(&objects, "t/ring", absent(), b"two");
    assert_eq!(second, Err(Fault::condition()));
    let other = put(&objects, "t/ring", unchanged("0"), b"two");
    assert_eq!(other, Err(Fault::condition()));
    assert_eq!(get(&objects, "t/ring").unwrap(), b"one");

    let second = put(&objects, "t/ring", unchanged(&first), b"two").unwrap();
    assert_ne!(first, second);
    let late = put(&objects, "t/ring", unchanged(&first), b"three");
    assert_eq!(late, Err(Fault::condition()));
    let any = json!({ "etagMatches": [{ "type": "wildcard" }] });
    put(&objects, "t/ring", any, b"four").unwrap();
    put(&objects, "t/ring", Value::Null, b"five").unwrap();
    assert_eq!(get(&objects, "t/ring").unwrap(), b"five");
}

#[test]
fn what_was_stored_is_there_after_a_restart_and_what_was_half_written_is_not() {
    let folder = Folder::new("restart");
    let version = put(&folder.objects(), "t/page-0", absent(), b"kept").unwrap();
    fs::write(folder.0.join(".unfinished"), "hal").unwrap();
    let objects = folder.objects();
    assert_eq!(get(&objects, "t/page-0").unwrap(), b"kept");
    put(&objects, "t/page-0", unchanged(&version), b"kept too").unwrap();
    assert_eq!(fs::read(folder.0.join("t/page-0")).unwrap(), b"kept too");
    assert!(!folder.0.join(".unfinished").exists());
}

#[test]
fn half_an_object_is_not_stored() {
    let folder = Folder::new("half");
    let bucket = Bucket::start(&folder.0).unwrap();
    let request = json!({ "version": 1, "method": "put", "object": "t/page-3" }).to_string();
    let send = |body: &str, framing: &str| {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, bucket.port())).unwrap();
        let size = request.len();
        let head = format!(
            "PUT / HTTP/1.1\r\nHost: bucket\r\n{METADATA_SIZE}: {size}\r\n{framing}\r\n\r\n"
        );
        stream
            .write_all(format!("{head}{body}").as_bytes())
            .unwrap();
        // As when the runtime is killed.
        stream.shutdown(Shutdown::Write).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let whole = format!("{request}keys");
    let length = format!("Content-Length: {}", whole.len());
    for cut in [request.len(), whole.len() - 1] {
        let answer = send(&whole[..cut], &length);
        assert!(!answer.contains(" 200 "), "{answer}");
    }
    let chunk = format!("{:x}\r\n{request}k", whole.len());
    let answer = send(&chunk, "Transfer-Encoding: chunked");
    assert!(!answer.contains(" 200 "), "{answer}");
    assert!(!folder.0.join("t/page-3").exists());
    let answer = send(&whole, &length);
    assert!(answer.contains(" 200 "), "{answer}");
    assert_eq!(fs::read(folder.0.join("t/page-3")).unwrap(), b"keys");
}

#[test]
fn of_many_who_store_at_once_one_succeeds() {
    let folder = Folder::new("race");
    let objects = folder.objects();
    let stored = thread::scope(|scope| {
        let all: Vec<_> = (0..8_u8)
            .map(|number| {
                scope.spawn({
                    let objects = &objects;
                    move || put(objects, "t/ring", absent(), &[number]).is_ok()
                })
            })
            .collect();
        let stored = all.into_iter().map(|one| one.join().unwrap());
        stored.filter(|stored| *stored).count()
    });
    assert_eq!(stored, 1);
}

#[test]
fn a_deleted_object_is_gone_and_can_be_deleted_again() {
    let folder = Folder::new("delete");
    let objects = folder.objects();
    put(&objects, "t/ring", absent(), b"one").unwrap();
    for _ in 0..2 {
        let request = json!({ "version": 1, "method": "delete", "object": "t/ring" });
        ask(&objects, request, b"").unwrap();
        assert_eq!(get(&objects, "t/ring"), Err(Fault::not_there()));
    }
    let head = json!({ "version": 1, "method": "head", "object": "t/ring" });
    assert_eq!(ask(&objects, head, b""), Err(Fault::not_there()));
}

#[test]
fn what_is_not_known_is_refused_and_no_name_leads_out_of_the_folder() {
    let folder = Folder::new("unknown");
    let objects = folder.objects();
    for request in [
        json!({ "method": "list" }),
        json!({ "method": "list", "object": "a" }),
        json!({ "method": "get", "object": "a", "range": { "offset": 1 } }),
        json!({ "method": "get", "object": "a", "onlyIf": {} }),
        json!({ "method": "put", "object": "a", "sha256": "00" }),
        json!({ "method": "put", "object": "a", "onlyIf": { "uploadedAfter": 1 } }),
        json!({ "method": "put", "object": "a",
                "onlyIf": { "etagMatches": [{ "type": "weak", "value": "0" }] } }),
        json!([]),
        json!({ "method": "put", "object": "" }),
        json!({ "method": "put", "object": "/a" }),
        json!({ "method": "put", "object": "a//b" }),
        json!({ "method": "put", "object": "../a" }),
        json!({ "method": "put", "object": "a/../../b" }),
        json!({ "method": "put", "object": ".unfinished" }),
        json!({ "method": "put", "object": "a\\b" }),
    ] {
        let Err(Fault(status, ..)) = ask(&objects, request.clone(), b"x") else {
            panic!("{request}");
        };
        assert_eq!(status, 400, "{request}");
    }
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 0);
}
