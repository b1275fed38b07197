//! A machine with the program on it: its disks, its commands, and a server that can be killed.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command as Process, Output, Stdio},
};

use serde_json::{Value as Json, json};
use slotstead_region::certificates::Issued;
use slotstead_shared::{
    Date, Region,
    ids::TokenId,
    wire::{Booking, Slots},
};
use slotstead_tenant::{
    Answer, Call, Command, Reply,
    host::{ANSWERED, Form, json_bytes},
};
use tokio::net::TcpStream;

use crate::kit::{
    Folder, HOST, Owner, SEALING_KEYS, connector, creation, exchange, id_key, now, post,
    write_secret,
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_slotstead-region");

/// See the module.
pub struct Machine {
    pub folder: Folder,
}

impl Machine {
    /// One with empty disks and a configuration that backs up.
    pub fn new() -> Self {
        let machine = Self {
            folder: Folder::new(),
        };
        for disk in ["stores", "backup", "backup-of-keys"] {
            fs::create_dir(machine.path(disk)).unwrap();
        }
        let made = machine.run(&["certificates", ".", HOST]);
        assert!(made.status.success(), "{made:?}");
        let text = r#"
region = "cbr"
listen = "127.0.0.1:0"
data = "stores"
public_origin = "https://book.example.com"
[backup]
folder = "backup"
keys_folder = "backup-of-keys"
[keys]
folder = "keys"
sealing_file = "sealing.keys"
[tls]
certificate = "region.pem"
key = "region.key"
edge_ca = "edge-ca.pem"
"#;
        fs::create_dir_all(machine.path("keys")).unwrap();
        write_secret(&machine.path("sealing.keys"), SEALING_KEYS);
        fs::write(machine.path("region.toml"), text).unwrap();
        machine
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.0.join(name)
    }

    pub fn store(&self, owner: &Owner) -> PathBuf {
        self.path("stores").join(format!("{}.sqlite", owner.tenant))
    }

    fn process(&self, words: &[&str]) -> Process {
        let mut process = Process::new(PROGRAM);
        process
            .args(words)
            .current_dir(&self.folder.0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        process
    }

    /// Runs a command to its end.
    pub fn run(&self, words: &[&str]) -> Output {
        self.process(words).output().unwrap()
    }

    /// The same with variables of the environment.
    pub fn run_with(&self, words: &[&str], variables: &[(&str, &Path)]) -> Output {
        let mut process = self.process(words);
        process.envs(variables.iter().copied());
        process.output().unwrap()
    }

    /// The same by a user for whom permissions count, as they do not for root.
    pub fn run_without_powers(&self, words: &[&str]) -> Output {
        if !rustix::process::geteuid().is_root() {
            return self.run(words);
        }
        Process::new("setpriv")
            .args(["--bounding-set=-all", "--inh-caps=-all", PROGRAM])
            .args(words)
            .current_dir(&self.folder.0)
            .output()
            .unwrap()
    }

    /// Runs a command that has to succeed: what it says.
    pub fn told(&self, words: &[&str]) -> String {
        let output = self.run(words);
        let said = said(&output);
        assert!(output.status.success(), "{words:?}: {said}");
        said
    }

    /// Starts the server, and waits until it serves.
    pub fn start(&self) -> Running {
        self.start_as(self.process(&["serve", "region.toml"]))
    }

    /// The same with variables of the environment.
    pub fn start_with(&self, variables: &[(&str, &Path)]) -> Running {
        let mut process = self.process(&["serve", "region.toml"]);
        process.envs(variables.iter().copied());
        self.start_as(process)
    }

    /// The same where no file can grow beyond so many blocks of 1,024 bytes.
    pub fn start_with_short_files(&self, blocks: u32) -> Running {
        let mut process = Process::new("sh");
        // The signal would end the server; ignored, the system call fails.
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" serve region.toml");
        process
            .args(["-c", &script, PROGRAM])
            .current_dir(&self.folder.0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        self.start_as(process)
    }

    fn start_as(&self, mut process: Process) -> Running {
        let mut child = process.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        let serving = loop {
            line.clear();
            assert_ne!(lines.read_line(&mut line).unwrap(), 0, "it ended");
            let told: Json = serde_json::from_str(&line).unwrap();
            if told["event"] == "serving" {
                break told;
            }
        };
        let read = |name: &str| fs::read_to_string(self.path(name)).unwrap();
        Running {
            address: serving["detail"]["listen"].as_str().unwrap().to_owned(),
            region_ca: read("region-ca.pem"),
            edge: Issued {
                certificate: read("edge.pem"),
                key: read("edge.key"),
            },
            child,
            lines,
        }
    }
}

/// What a command said, on both ways.
pub fn said(output: &Output) -> String {
    let (out, error) = (&output.stdout, &output.stderr);
    String::from_utf8_lossy(&[&out[..], &error[..]].concat()).into_owned()
}

/// A server that serves.
pub struct Running {
    address: String,
    region_ca: String,
    edge: Issued,
    child: Child,
    /// Open, so that its log has somewhere to go.
    lines: BufReader<ChildStderr>,
}

impl Running {
    /// Ends it at once, as a power cut does.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Reads its log until it tells of this.
    pub fn hears(&mut self, event: &str) -> Json {
        for line in (&mut self.lines).lines() {
            let told: Json = serde_json::from_str(&line.unwrap()).unwrap();
            if told["event"] == event {
                return told["detail"].clone();
            }
        }
        panic!("it ended without {event}");
    }

    /// One request of the edge. `None` if nobody answers any more.
    pub async fn send(&self, path: &str, body: Vec<u8>) -> Option<(u16, Vec<u8>)> {
        let tls = connector(&self.region_ca, Some(&self.edge), rustls::ALL_VERSIONS);
        let tcp = TcpStream::connect(&self.address).await.ok()?;
        let name = rustls::pki_types::ServerName::try_from(HOST).unwrap();
        let stream = tls.connect(name, tcp).await.ok()?;
        let request = if body.is_empty() {
            crate::kit::get(path)
        } else {
            post(path, body)
        };
        // The server may be killed in the middle of this.
        tokio::spawn(exchange(stream, request)).await.ok()
    }

    /// A call: its answer, or none if there was none.
    pub async fn try_call(&self, call: &Call) -> Option<Answer> {
        let (status, body) = self.send(Form::Whole.path(), json_bytes(call)).await?;
        (status == ANSWERED).then(|| serde_json::from_slice(&body).unwrap())
    }

    /// A call that is answered.
    pub async fn call(&self, call: &Call) -> Answer {
        self.try_call(call).await.expect("an answer")
    }

    /// A tenant that can be booked, and its slots.
    pub async fn business(&self, number: u8) -> (Owner, Vec<String>) {
        let owner = Owner {
            tenant: id_key().new_tenant(Region::Cbr, [number; 16]),
            token: TokenId::from_random([number; 16]),
        };
        let created = self.call(&creation(&owner.tenant, &owner.token)).await;
        assert!(matches!(created, Ok(Reply::Created { .. })), "{created:?}");
        let days = [
            "monday",
            "tuesday",
            "wednesday",
            "thursday",
            "friday",
            "saturday",
            "sunday",
        ];
        let rules = days.map(|day| json!({ "weekday": day, "start": "08:00", "end": "20:00" }));
        for command in [
            Command::PutSchedule {
                id: "days".parse().unwrap(),
                schedule: wire(json!({ "zone": "Australia/Sydney", "rules": rules })),
            },
            Command::PutHost {
                id: "mia".parse().unwrap(),
                host: wire(json!({ "name": "Mia", "schedule": "days" })),
            },
            Command::PutService {
                id: "consult".parse().unwrap(),
                service: wire(json!({
                    "name": "Consultation", "duration_minutes": 15, "slot_step_minutes": 15,
                    "booking_window_days": 60, "hosts": ["mia"],
                })),
            },
        ] {
            self.call(&owner.call(command)).await.unwrap();
        }
        let offer = owner.call(Command::OfferSlots {
            service: "consult".parse().unwrap(),
            from: day(1),
            to: day(20),
            zone: "Australia/Sydney".to_owned(),
            duration_minutes: None,
            host: None,
        });
        let slots: Slots = match self.call(&offer).await {
            Ok(Reply::Slots(slots)) => (*slots).clone(),
            other => panic!("{other:?}"),
        };
        let slots = slots.days.iter().flat_map(|day| &day.slots);
        (owner, slots.map(|slot| slot.start.to_string()).collect())
    }

    /// Books a slot, with the slot as the idempotency key: the answer, or none if there was none.
    pub async fn book(&self, owner: &Owner, slot: &str) -> Option<Answer> {
        self.try_call(&owner.call(Command::Book {
            idempotency_key: format!("key-of-{slot}"),
            booking: wire(json!({
                "service": "consult", "start": slot, "zone": "Australia/Sydney",
                "name": "Amal Berg", "email": "amal@example.com",
            })),
        }))
        .await
    }

    /// Books a slot that is free.
    pub async fn booked(&self, owner: &Owner, slot: &str) -> Booking {
        acknowledged(self.book(owner, slot).await).expect("a booking")
    }

    /// The booking as the tenant has it.
    pub async fn find(&self, owner: &Owner, booking: &Booking) -> Option<Booking> {
        let id = booking.id.clone();
        match self.call(&owner.call(Command::GetBooking { id })).await {
            Ok(Reply::Booking { booking, .. }) => Some(*booking),
            Err(_) => None,
            other => panic!("{other:?}"),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The booking, if the answer is one.
pub fn acknowledged(answer: Option<Answer>) -> Option<Booking> {
    match answer {
        Some(Ok(Reply::Booking { booking, .. })) => Some(*booking),
        _ => None,
    }
}

/// A date some days from now.
fn day(days: i64) -> Date {
    let then = time::OffsetDateTime::from_unix_timestamp(now() + days * 86_400).unwrap();
    then.date().to_string().parse().unwrap()
}

pub fn wire<T: serde::de::DeserializeOwned>(value: Json) -> T {
    serde_json::from_value(value).unwrap()
}
