//! Fail closed on residency: without the platform's word that it is in the tenant's jurisdiction, a Durable
//! Object does nothing, whoever asks. The runtime on this machine gives no such word, so with a
//! configuration of production every tenant of the US and the EU is refused; with the development switch,
//! which production refuses, the same call is taken.

use data_encoding::BASE64URL_NOPAD;
use serde_json::json;
use slotstead_tenant::host::{ANSWERED, Form, REFUSED, keys::IdKey};
use slotstead_tests::{
    Region, Server,
    search::{Needle, found_below},
};
use xtask::{ports::free_port, stack::Door};

/// The name of the business that signs up.
const MARKER: &str = "refused5w3k8";

/// What an object of its own says to a sign-up in `region`, asked past the edge: the status and the body.
async fn object_answers(server: &Server, door: u16, region: Region) -> (u16, String) {
    let key = BASE64URL_NOPAD.decode(server.stack.id_key().as_bytes());
    let key: [u8; 32] = key.expect("it is base64url").try_into().expect("32 bytes");
    let key = IdKey::new(key);
    let tenant = key.new_tenant(region, [7; 16]);
    let name = key.object_name(&tenant);
    let call = json!({
        "tenant": tenant,
        "actor": "operator",
        "command": { "create_tenant": {
            "sign_up": { "name": MARKER, "region": region }, "token": "tok_00000000000000000000000001" } },
    });
    let url = format!(
        "http://127.0.0.1:{door}/object/{name}{}",
        Form::Whole.path()
    );
    let asked = reqwest::Client::new().post(url).body(call.to_string());
    let answer = asked.send().await.expect("the door answers");
    let status = answer.status().as_u16();
    (status, answer.text().await.expect("the answer is whole"))
}

#[tokio::test]
async fn an_object_that_is_not_told_its_jurisdiction_holds_nobody_unless_in_development() {
    for development in [false, true] {
        let port = free_port().expect("loopback has free ports");
        let server = Server::start("fail-closed", |mut options| {
            let script = xtask::paths::root().join("tests/src/door.js");
            options.door = Some(Door { port, script });
            options.development = development;
            if !development {
                options.public_origin = Some("https://edge.example".to_owned());
            }
            options
        });
        for region in [Region::Eu, Region::Us] {
            let (status, body) = object_answers(&server, port, region).await;
            if development {
                assert_eq!(status, ANSWERED, "{body}");
                assert!(body.contains("created"), "{body}");
            } else {
                assert_eq!(status, REFUSED, "{body}");
                assert!(body.contains("jurisdiction"), "{body}");
            }
        }
        let disk = server.stack.state().join("disk");
        let kept = found_below(&disk, &Needle::new(MARKER));
        assert_eq!(!kept.is_empty(), development, "{kept:?}");
    }
}
