//! Calls over TLS: what is answered, what is refused, and what stays out of the figures.

use slotstead_shared::{Region, ids::TokenId, wire::Profile};
use slotstead_tenant::{
    Actor, Call, Command, Refusal, Reply,
    host::{Form, REFUSED, json_bytes, keys::IdKey},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::kit::{Server, ask, creation, get, id_key, post};

#[tokio::test]
async fn a_tenant_lives_here_and_is_found_after_a_restart_of_its_store() {
    let server = Server::start().await;
    let owner = server.sign_up(1).await;
    let put = owner.call(Command::PutProfile {
        profile: Profile {
            name: "Lake Optics".to_owned(),
            accent: None,
        },
    });
    server.call(&put).await.unwrap();
    let whole = server.call(&owner.call(Command::GetProfile)).await;
    // The same, asked by a header.
    let (status, body) = server
        .send(ask(Form::Whole, &owner.call(Command::GetProfile)))
        .await;
    assert_eq!((status, body), (200, json_bytes(&whole)));
    assert!(
        matches!(&whole, Ok(Reply::Profile(profile)) if profile.name == "Lake Optics"),
        "{whole:?}"
    );
    let again = server.call(&creation(&owner.tenant, &owner.token)).await;
    assert_eq!(again, Err(Refusal::TenantExists));
}

#[tokio::test]
async fn an_unknown_tenant_is_none_and_leaves_nothing() {
    let server = Server::start().await;
    let tenant = id_key().new_tenant(Region::Cbr, [9; 16]);
    let call = Call {
        tenant,
        actor: Actor::Operator,
        command: Command::GetProfile,
    };
    assert_eq!(server.call(&call).await, Err(Refusal::NoTenant));
    assert_eq!(crate::stores::found(&server.folder.0), 0);
}

#[tokio::test]
async fn what_is_not_ours_is_refused_and_nothing_is_done() {
    let server = Server::start().await;
    let token = TokenId::from_random([1; 16]);
    let genuine = id_key().new_tenant(Region::Cbr, [1; 16]);
    let mut of_the_host = creation(&genuine, &token);
    of_the_host.actor = Actor::RegionHost;
    let elsewhere = id_key().new_tenant(Region::Eu, [1; 16]);
    let forged = IdKey::new([8; 32]).new_tenant(Region::Cbr, [1; 16]);
    let calls = [
        ("another region", creation(&elsewhere, &token)),
        ("a forged id", creation(&forged, &token)),
        ("the region host's own words", of_the_host),
    ];
    for (what, call) in &calls {
        for request in [
            post(Form::Whole.path(), json_bytes(call)),
            ask(Form::Body, call),
        ] {
            let (status, body) = server.send(request).await;
            let body = String::from_utf8(body).unwrap();
            assert_eq!(status, REFUSED, "{what}: {body}");
            assert!(!body.contains(genuine.as_str()), "{what}: {body}");
        }
    }
    let call = json_bytes(&creation(&genuine, &token));
    let mut too_long = call.clone();
    too_long.resize(2 * 1024 * 1024, b' ');
    for (what, request) in [
        ("no call", get(Form::Whole.path())),
        ("half a call", post("/", call[..call.len() / 2].to_vec())),
        ("another path", post("/v1", call.clone())),
        ("a call that is too long", post("/", too_long)),
    ] {
        assert_eq!(server.send(request).await.0, REFUSED, "{what}");
    }
    assert_eq!(crate::stores::found(&server.folder.0), 0);
}

#[tokio::test]
async fn a_head_that_is_too_long_ends_the_connection() {
    let server = Server::start().await;
    let mut stream = server.edge().await;
    let long = "x".repeat(64 * 1024);
    let head = format!("GET / HTTP/1.1\r\nhost: localhost\r\ncall: {long}\r\n\r\n");
    // The answer may come before all of it is written.
    let _ = stream.write_all(head.as_bytes()).await;
    let mut got = Vec::new();
    let _ = stream.read_to_end(&mut got).await;
    let text = String::from_utf8_lossy(&got);
    assert!(
        got.is_empty() || text.starts_with("HTTP/1.1 431 "),
        "{text}"
    );
}

#[tokio::test]
async fn health_and_figures_name_no_tenant_and_the_machines_door_takes_no_call() {
    let server = Server::start().await;
    let owner = server.sign_up(2).await;
    let admin = |request| async {
        let stream = tokio::net::TcpStream::connect(server.admin).await.unwrap();
        crate::kit::exchange(stream, request).await
    };
    assert_eq!(admin(get("/healthz")).await, (200, b"ok\n".to_vec()));
    assert_eq!(server.send(get("/healthz")).await.0, 200);
    let (status, page) = admin(get("/metrics")).await;
    let page = String::from_utf8(page).unwrap();
    assert_eq!(status, 200);
    assert!(
        page.contains("slotstead_command_seconds_count 1\n"),
        "{page}"
    );
    assert!(page.contains("slotstead_open_stores 1\n"), "{page}");
    for word in [owner.tenant.as_str(), "cbr_", "Murrumbidgee"] {
        assert!(!page.contains(word), "{word} in {page}");
    }
    let call = json_bytes(&owner.call(Command::GetProfile));
    assert_eq!(admin(post("/", call)).await.0, REFUSED);
}

#[tokio::test]
async fn what_is_in_flight_is_finished_and_no_more_is_taken() {
    let mut server = Server::start().await;
    let owner = server.sign_up(3).await;
    let call = json_bytes(&owner.call(Command::GetProfile));
    let mut stream = server.edge().await;
    let head = format!(
        "POST / HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        call.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // It waits for the body, so the call is in flight.
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    let address = server.address;
    let finish = async {
        // Nobody is let in any more.
        while tokio::net::TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
        stream.write_all(&call).await.unwrap();
        let mut got = Vec::new();
        let _ = stream.read_to_end(&mut got).await;
        String::from_utf8(got).unwrap()
    };
    let (got, ()) = tokio::join!(finish, server.stop());
    assert!(got.starts_with("HTTP/1.1 200 OK"), "{got}");
    assert!(got.contains("Murrumbidgee Optics"), "{got}");
}
