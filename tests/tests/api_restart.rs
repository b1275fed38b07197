//! The runtime is killed with -9 in the middle of a stream of bookings, again and again: what it
//! acknowledged is there, and a retry makes nothing twice.

use slotstead_tests::{
    Region, Server,
    kill::{Victim, kill_again_and_again},
    size::{Random, either},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_acknowledged_booking_is_there_after_kill_9_and_none_twice() {
    let rounds = either(3, 50);
    let mut random = Random::new("kill -9");
    let mut server = Server::start("restart", |options| options);
    let region = [Region::Eu, Region::Us][random.below(2)];
    let toll = kill_again_and_again(&mut server, Victim::Edge, region, rounds, &mut random).await;
    println!(
        "{rounds} times kill -9 in {region}: {} bookings acknowledged and there, {} retried after a restart, none \
         twice",
        toll.acknowledged, toll.retried
    );
}
