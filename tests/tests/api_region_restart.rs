//! The region server is killed with -9 in the middle of a stream of bookings, again and again, under an edge
//! that goes on: what was acknowledged is there, and a retry makes nothing twice.

use slotstead_tests::{
    Region, Server,
    kill::{Victim, kill_again_and_again},
    size::{Random, either},
};
use xtask::stack::Options;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_acknowledged_booking_is_there_after_kill_9_of_the_region_and_none_twice() {
    let rounds = either(3, 200);
    let mut random = Random::new("kill -9 of the region server");
    let mut server = Server::start("region-restart", Options::with_canberra);
    let victim = Victim::Region;
    let toll = kill_again_and_again(&mut server, victim, Region::Cbr, rounds, &mut random).await;
    println!(
        "{rounds} times kill -9 of the region server: {} bookings acknowledged and there, {} retried after a \
         restart, none twice",
        toll.acknowledged, toll.retried
    );
}
