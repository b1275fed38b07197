//! Hostile feeds against the live runtime: what is fetched is bounded in bytes, in time and in
//! hops, each failure has its sentence, and no failure frees a known busy time.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use serde_json::json;
use slotstead_shared::{
    limits::{FEED_BYTES, FEED_REDIRECTS},
    wire::FeedStatus,
};
use slotstead_tests::{
    Region, Server, TestTenant,
    feed::{FeedServer, SOON, Says, calendar, half_hour},
    tenant::HOST,
    wait::{wait_for, wait_until},
};

const PRIVATE: &str = "The address does not lead to a public server";
const TOO_LARGE: &str = "The calendar is larger than 5 MB";
const TOO_OFTEN: &str = "The address redirects too often";
const TOO_SLOW: &str = "The calendar's server did not answer in time";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("memory takes everything");
    encoder.finish().expect("memory takes everything")
}

/// A tenant whose host follows a feed with one known event, and what asks about it.
struct Followed {
    tenant: TestTenant,
    feed: FeedServer,
    good: String,
}

impl Followed {
    async fn new(server: &Server) -> Self {
        let tenant = TestTenant::new(&server.client(), Region::Eu).await;
        let visitor = tenant.visitor().await;
        let start = tenant.free(&visitor).await[4].start;
        let good = calendar(&[half_hour(start)], "Lunch");
        let feed = FeedServer::start(Says::Calendar(good.clone())).await;
        tenant.follow(&feed).await;
        Self { tenant, feed, good }
    }

    /// Says something, and checks that it fails in these words and leaves the known event.
    async fn fails(&self, what: &str, says: Says, sentence: &str) {
        self.feed.say(says);
        self.tenant.sync_feed().await;
        let failing = wait_for(what, SOON * 2, || async {
            let feed = self.tenant.feed().await;
            (feed.status == FeedStatus::Failing).then_some(feed)
        })
        .await;
        assert_eq!(failing.error.as_deref(), Some(sentence), "{what}");
        assert_eq!(failing.busy_blocks, 1, "{what} threw the known event away");
        self.recovers(what).await;
    }

    async fn recovers(&self, what: &str) {
        self.feed.say(Says::Calendar(self.good.clone()));
        self.tenant.sync_feed().await;
        let current = self.tenant.feed_becomes(FeedStatus::Current).await;
        assert_eq!((current.busy_blocks, current.error), (1, None), "{what}");
    }
}

#[tokio::test]
async fn a_redirect_to_a_private_address_is_not_followed_however_it_is_written() {
    let server = Server::shared();
    let followed = Followed::new(&server).await;
    for address in [
        "http://10.0.0.1/a.ics",
        "http://169.254.169.254/latest/meta-data",
        "http://192.168.1.1.:8080/",
        "//172.16.0.1/",
        "http://0x0a000001/",
        "http://167772161/",
        "http://012.0.0.1/",
        "http://10.1/",
        "http://[::ffff:10.0.0.1]/",
        "http://[::ffff:a00:1]/",
        "http://[64:ff9b::a00:1]/",
        "http://[fd00::1]/",
        "http://[fe80::1]/",
        "http://①⓪.0.0.1/",
        "http://intranet/",
        "http://printer.local/",
        "http://user:secret@example.com/",
        "ftp://example.com/a.ics",
        "file:///etc/passwd",
    ] {
        followed
            .fails(address, Says::Redirect(address.to_owned()), PRIVATE)
            .await;
    }
    // Not on the second hop either.
    let next = FeedServer::start(Says::Redirect("http://10.0.0.1/".to_owned())).await;
    followed
        .fails("a second hop", Says::Redirect(next.url()), PRIVATE)
        .await;
    assert_eq!(next.requests().len(), 1);
}

#[tokio::test]
async fn redirects_end() {
    let server = Server::shared();
    let followed = Followed::new(&server).await;
    let (own, before) = (followed.feed.url(), followed.feed.requests().len());
    let to_itself = Says::Redirect(own.clone());
    followed.fails("a loop of one", to_itself, TOO_OFTEN).await;
    // The address itself, as often as the limit allows, and the recovery.
    let hops = FEED_REDIRECTS as usize + 1;
    assert_eq!(followed.feed.requests().len(), before + hops + 1);
    let other = FeedServer::start(Says::Redirect(own)).await;
    followed
        .fails("a loop of two", Says::Redirect(other.url()), TOO_OFTEN)
        .await;
    assert_eq!(other.requests().len(), hops / 2);
}

#[tokio::test]
async fn bytes_are_counted_after_decoding() {
    let server = Server::shared();
    let followed = Followed::new(&server).await;
    // First that the runtime decodes at all: a compressed calendar is read.
    let packed = gzip(followed.good.as_bytes());
    followed.feed.say(Says::Encoded("gzip", packed));
    followed.tenant.sync_and_wait(&followed.feed).await;
    let read = followed.tenant.feed_becomes(FeedStatus::Current).await;
    assert_eq!((read.busy_blocks, read.error), (1, None));
    // Fifty megabytes in some kilobytes, and the least that is too much.
    let remark = |bytes: usize| gzip(&b"X-REMARK:0\r\n".repeat(bytes / 12 + 1));
    let bomb = remark(10 * FEED_BYTES);
    assert!(bomb.len() < FEED_BYTES / 10, "{}", bomb.len());
    followed
        .fails("a bomb", Says::Encoded("gzip", bomb), TOO_LARGE)
        .await;
    followed
        .fails(
            "a little too much",
            Says::Encoded("gzip", remark(FEED_BYTES)),
            TOO_LARGE,
        )
        .await;
    let plain = b"X-REMARK:0\r\n".repeat(FEED_BYTES / 12 + 1);
    followed
        .fails(
            "too much, said plainly",
            Says::Status(200, "text/calendar", plain),
            TOO_LARGE,
        )
        .await;
}

#[tokio::test]
async fn a_slow_drip_ends_with_its_time_and_keeps_nobody_waiting() {
    let server = Server::shared();
    let followed = Followed::new(&server).await;
    followed.fails("a drip", Says::Drip, TOO_SLOW).await;
    wait_until("the connection is let go", SOON, || async {
        followed.feed.open().0 == 0
    })
    .await;
}

#[tokio::test]
async fn six_feeds_are_fetched_at_a_time_and_the_next_as_soon_as_one_is_done() {
    let server = Server::shared();
    let tenant = TestTenant::new(&server.client(), Region::Us).await;
    let feed = FeedServer::start(Says::Held(calendar(&[], "Nobody"))).await;
    for number in 0..9 {
        let body = json!({ "host": HOST, "url": feed.url() });
        let path = tenant.path(&format!("feeds/number-{number}"));
        tenant
            .client
            .put(&tenant.owner, &path, &body)
            .await
            .expect_status(200);
    }
    // A connection is open a moment before its request has been read.
    wait_until("six are under way", SOON, || async {
        feed.requests().len() == 6 && feed.open().0 == 6
    })
    .await;
    // One is done, five are still held: the seventh comes all the same, and no eighth.
    for done in 1..=3 {
        feed.let_go(1);
        wait_until("the next is under way", SOON, || async {
            feed.requests().len() == 6 + done && feed.open().0 == 6
        })
        .await;
    }
    feed.let_go(6);
    wait_until("all are done", SOON, || async { feed.open().0 == 0 }).await;
    assert_eq!(feed.requests().len(), 9);
    assert_eq!(feed.open().1, 6, "never more than six at once");
}
