//! A storm: many visitors book, hold, move and cancel overlapping times of services that share hosts,
//! all at once. After it no claims of one host overlap, buffers included, and all that was acknowledged stands.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use serde_json::json;
use slotstead_shared::{
    Stamp,
    wire::{BookedView, Booking, BookingStatus, Hold, NewBooking},
};
use slotstead_tests::{
    ProblemKind, Region, Server, TestTenant, Visitor,
    size::{Random, either},
    tenant::{ZONE, booking_at},
};

/// A service of the storm; times in minutes.
#[derive(Clone, Copy)]
struct Service {
    name: &'static str,
    duration: i64,
    step: i64,
    before: i64,
    after: i64,
    hosts: &'static [&'static str],
}

const SERVICES: [Service; 4] = [
    Service {
        name: "short",
        duration: 15,
        step: 5,
        before: 0,
        after: 5,
        hosts: &["ada", "bea"],
    },
    Service {
        name: "usual",
        duration: 45,
        step: 15,
        before: 10,
        after: 0,
        hosts: &["bea", "cid"],
    },
    Service {
        name: "long",
        duration: 90,
        step: 30,
        before: 15,
        after: 15,
        hosts: &["ada", "cid"],
    },
    Service {
        name: "anyone",
        duration: 30,
        step: 10,
        before: 5,
        after: 5,
        hosts: &["cid", "bea", "ada"],
    },
];

/// What one visitor was told.
#[derive(Default)]
struct Told {
    /// The bookings that stand, as the last answer about each showed them.
    standing: Vec<BookedView>,
    /// Ids of those cancelled.
    cancelled: Vec<String>,
    /// Answers by what they said.
    answers: BTreeMap<&'static str, usize>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn after_a_storm_of_bookings_nothing_overlaps_and_nothing_is_lost() {
    let (visitors, seconds) = either((40, 4), (200, 60));
    let random = Random::new("storm");
    let server = Server::start("storm", |options| options);
    for region in [Region::Eu, Region::Us].into_iter().take(either(2, 1)) {
        let tenant = TestTenant::new(&server.client(), region).await;
        furnish(&tenant).await;
        let starts = starts(&tenant).await;
        let until = Instant::now() + Duration::from_secs(seconds);
        let told = join_all((0..visitors).map(|number| {
            let (tenant, starts) = (tenant.clone(), starts.clone());
            let random = random.of(number);
            let task = async move { visit(&tenant, &starts, random, number, until).await };
            async move { tokio::spawn(task).await.expect("a visitor does not panic") }
        }))
        .await;
        let ledger = tenant.all_bookings().await;
        nothing_is_lost(&ledger, &told);
        let hosts = nothing_overlaps(&ledger);
        let mut answers: BTreeMap<&str, usize> = BTreeMap::new();
        for (word, count) in told.iter().flat_map(|told| &told.answers) {
            *answers.entry(word).or_default() += count;
        }
        println!(
            "{visitors} visitors for {seconds} s in {region}: {answers:?}; {} bookings in the ledger, {} confirmed \
             of {hosts} hosts, no overlap",
            ledger.len(),
            confirmed(&ledger).count(),
        );
        assert_eq!(hosts, 3);
        for word in ["booked", "taken", "moved", "cancelled", "held"] {
            assert!(
                answers.contains_key(word),
                "nobody was told {word}: {answers:?}"
            );
        }
    }
}

async fn furnish(tenant: &TestTenant) {
    for host in ["ada", "bea", "cid"] {
        let body = json!({ "name": host, "schedule": "always" });
        tenant.set_up(&format!("hosts/{host}"), &body).await;
    }
    for service in SERVICES {
        let body = json!({
            "name": service.name, "duration_minutes": service.duration,
            "slot_step_minutes": service.step, "buffer_before_minutes": service.before,
            "buffer_after_minutes": service.after, "booking_window_days": 60, "hosts": service.hosts,
        });
        tenant
            .set_up(&format!("services/{}", service.name), &body)
            .await;
    }
}

/// The starts of one day of each service, before anybody has booked.
async fn starts(tenant: &TestTenant) -> Vec<Vec<Stamp>> {
    let visitor = tenant.visitor().await;
    let mut starts = Vec::new();
    for service in SERVICES {
        let slots = tenant.slots_of(&visitor, service.name, 3, 4).await;
        let day = slots.days.into_iter().flat_map(|day| day.slots);
        starts.push(day.map(|slot| slot.start).collect());
    }
    starts
}

async fn visit(
    tenant: &TestTenant,
    starts: &[Vec<Stamp>],
    mut random: Random,
    number: u64,
    until: Instant,
) -> Told {
    let mut told = Told::default();
    let visitor = tenant.visitor().await;
    let mut turn = 0;
    while Instant::now() < until {
        turn += 1;
        let key = format!("v{number}-{turn}");
        let service = random.below(SERVICES.len());
        let start = starts[service][random.below(starts[service].len())];
        let mut booking = booking_at(start);
        booking.service = SERVICES[service].name.parse().expect("a slug");
        match random.below(10) {
            0..=4 => told.book(tenant, &visitor, &key, booking).await,
            5 | 6 => told.hold_and_book(tenant, &visitor, &key, booking).await,
            choice => {
                let mine = told.standing.len();
                if mine == 0 {
                    continue;
                }
                let mine = told.standing.swap_remove(random.below(mine));
                if choice == 7 {
                    told.move_to(tenant, &key, mine, start).await;
                } else {
                    told.cancel(tenant, mine).await;
                }
            }
        }
    }
    told
}

impl Told {
    fn count(&mut self, word: &'static str) {
        *self.answers.entry(word).or_default() += 1;
    }

    fn refused(&mut self, reply: &slotstead_tests::Reply) {
        let problem = reply.problem();
        match (reply.status, problem.kind) {
            (409, ProblemKind::SlotTaken) => self.count("taken"),
            // A start that was offered at first and stands off the steps of nobody who is free now.
            (409, ProblemKind::SlotNotOffered) => self.count("not offered"),
            _ => panic!("{}", reply.text()),
        }
    }

    async fn book(&mut self, tenant: &TestTenant, who: &Visitor, key: &str, booking: NewBooking) {
        let reply = tenant.book(who, key, &booking).await;
        if reply.status == 201 {
            self.standing.push(reply.expect(201));
            self.count("booked");
        } else {
            self.refused(&reply);
        }
    }

    async fn hold_and_book(
        &mut self,
        tenant: &TestTenant,
        who: &Visitor,
        key: &str,
        mut booking: NewBooking,
    ) {
        let body = json!({ "service": booking.service, "start": booking.start, "zone": ZONE });
        let reply = tenant.client.post(who, &tenant.path("holds"), &body).await;
        if reply.status != 201 {
            return self.refused(&reply);
        }
        self.count("held");
        let hold: Hold = reply.expect(201);
        booking.hold = Some(hold.id);
        // What is held is the holder's: nothing but the booking may come of it.
        let reply = tenant.book(who, key, &booking).await;
        self.standing.push(reply.expect(201));
        self.count("booked");
    }

    async fn move_to(&mut self, tenant: &TestTenant, key: &str, mine: BookedView, to: Stamp) {
        let link = tenant.booker(&mine);
        let reply = tenant.reschedule(&link, &mine, key, to).await;
        if reply.status == 200 {
            self.standing.push(reply.expect(200));
            self.count("moved");
        } else {
            self.refused(&reply);
            self.standing.push(mine);
        }
    }

    async fn cancel(&mut self, tenant: &TestTenant, mine: BookedView) {
        let reply = tenant.cancel(&tenant.booker(&mine), &mine).await;
        let view: BookedView = reply.expect(200);
        assert_eq!(view.booking.status, BookingStatus::Cancelled);
        self.cancelled.push(mine.booking.id.to_string());
        self.count("cancelled");
    }
}

fn confirmed(ledger: &[Booking]) -> impl Iterator<Item = &Booking> {
    ledger
        .iter()
        .filter(|booking| booking.status == BookingStatus::Confirmed)
}

/// The ledger holds what the visitors were told, and nothing that they were not.
fn nothing_is_lost(ledger: &[Booking], told: &[Told]) {
    let by_id: BTreeMap<String, &Booking> = ledger
        .iter()
        .map(|booking| (booking.id.to_string(), booking))
        .collect();
    assert_eq!(by_id.len(), ledger.len(), "a booking is listed twice");
    let mut known = 0;
    for view in told.iter().flat_map(|told| &told.standing) {
        let stored = by_id[&view.booking.id.to_string()];
        let (told, stands) = (&view.booking, stored);
        assert_eq!(stands.status, BookingStatus::Confirmed);
        assert_eq!(
            (
                told.start.unix_seconds(),
                told.end.unix_seconds(),
                &told.host
            ),
            (
                stands.start.unix_seconds(),
                stands.end.unix_seconds(),
                &stands.host
            )
        );
        known += 1;
    }
    for id in told.iter().flat_map(|told| &told.cancelled) {
        assert_eq!(by_id[id].status, BookingStatus::Cancelled, "{id}");
        known += 1;
    }
    assert_eq!(known, ledger.len(), "bookings that nobody was told of");
}

/// No two confirmed bookings of a host come closer than their buffers; how many hosts have any.
fn nothing_overlaps(ledger: &[Booking]) -> usize {
    let mut claims: BTreeMap<String, Vec<(i64, i64, String)>> = BTreeMap::new();
    for booking in confirmed(ledger) {
        let service = SERVICES
            .into_iter()
            .find(|service| service.name == booking.service.as_str())
            .expect("one of the storm's services");
        let host = booking.host.to_string();
        assert!(service.hosts.contains(&host.as_str()), "{booking:?}");
        let (start, end) = (booking.start.unix_seconds(), booking.end.unix_seconds());
        assert_eq!(end - start, service.duration * 60, "{booking:?}");
        let padded = (
            start - service.before * 60,
            end + service.after * 60,
            booking.id.to_string(),
        );
        claims.entry(host).or_default().push(padded);
    }
    for (host, claims) in &mut claims {
        claims.sort();
        for pair in claims.windows(2) {
            assert!(pair[0].1 <= pair[1].0, "{host}: {pair:?} overlap");
        }
    }
    claims.len()
}
