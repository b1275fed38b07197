//! Visitors who hang up before they are answered leave nothing in the memory of the edge.

use std::{fs, time::Duration};

use futures_util::future::join_all;
use slotstead_tests::{Region, Server, TestTenant, leaver::leave};

/// Who hang up, some of them at once.
const LEAVERS: usize = 1_200;
const AT_ONCE: usize = 8;
/// What each of them sends: nearly as much as a body may have.
const BODY: usize = 190_000;
/// What the memory may grow by. What they send is more than ten times that.
const GROWTH: u64 = 20_000_000;

/// Bytes of the memories of wasm in a process: what is writable at the beginning of what V8 reserves for
/// one, which is gigabytes.
fn wasm_bytes(process: u32) -> u64 {
    let maps = fs::read_to_string(format!("/proc/{process}/maps"));
    let maps = maps.expect("the process runs");
    let spans: Vec<(u64, u64, &str)> = maps.lines().filter_map(span).collect();
    let memories = spans.windows(2).filter(|pair| {
        let ((_, end, now), (start, far, then)) = (pair[0], pair[1]);
        now.starts_with("rw") && then.starts_with("---") && start == end && far - start > 1 << 30
    });
    memories.map(|pair| pair[0].1 - pair[0].0).sum()
}

/// Where a mapping begins and ends, and what may be done with it.
fn span(line: &str) -> Option<(u64, u64, &str)> {
    let mut words = line.split(' ');
    let (start, end) = words.next()?.split_once('-')?;
    let address = |text| u64::from_str_radix(text, 16).ok();
    Some((address(start)?, address(end)?, words.next()?))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_hangs_up_leaves_nothing_behind() {
    let server = Server::start("leavers", |options| options);
    let port = server.stack.port();
    let tenant = TestTenant::new(&server.client(), Region::Eu).await;
    let visitor = tenant.visitor().await;
    tenant.free(&visitor).await;
    let body = format!("{{\"name\":\"Left\"}}{}", " ".repeat(BODY));
    let request = format!(
        "PUT {} HTTP/1.1\r\nHost: localhost:{port}\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        tenant.path("profile"),
        tenant.owner.token,
        body.len()
    );
    let before = wasm_bytes(server.stack.process_id());
    assert!(before > 1 << 20, "{before} bytes are no memory of wasm");
    join_all((0..AT_ONCE).map(|one| {
        let request = request.as_bytes();
        async move {
            for number in 0..LEAVERS / AT_ONCE {
                let micros = u64::try_from((number * AT_ONCE + one) * 20).unwrap();
                leave(port, request, Duration::from_micros(micros)).await;
            }
        }
    }))
    .await;
    tenant.free(&visitor).await;
    let grown = wasm_bytes(server.stack.process_id()) - before;
    println!("{LEAVERS} left {grown} bytes behind");
    assert!(grown < GROWTH, "{grown} bytes more");
}
