//! The region server on PostgreSQL, and PostgreSQL under it, are killed with -9 in the middle of a stream of
//! bookings: what was acknowledged is there, and a retry makes nothing twice.

use slotstead_tests::{
    Region, Server,
    kill::{Victim, kill_again_and_again},
    size::{Random, either},
};
use xtask::stack::{Options, PASSWORD};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_acknowledged_booking_is_there_after_kill_9_of_the_region_or_its_database() {
    let mut random = Random::new("kill -9 over PostgreSQL");
    let mut server = Server::start("postgres-restart", Options::with_canberra_on_postgres);
    for (victim, rounds) in [
        (Victim::Region, either(2, 50)),
        (Victim::Database, either(2, 50)),
    ] {
        let toll =
            kill_again_and_again(&mut server, victim, Region::Cbr, rounds, &mut random).await;
        println!(
            "{rounds} times kill -9 of {victim:?}: {} bookings acknowledged and there, {} retried after a restart, \
             none twice",
            toll.acknowledged, toll.retried
        );
    }
    let canberra = server.stack.canberra().expect("it was asked for");
    let log = canberra.log();
    assert!(log.contains("\"serving\""), "{log}");
    assert!(!log.contains(PASSWORD), "the log has the password");
}
