//! Where a tenant's data is, as the owner is told in each region: what runs, and nothing besides.

use slotstead_shared::wire::{Place, PlaceKind, Residency, Scope};
use slotstead_tests::{ProblemKind, Raw, Region, Server, TestTenant};

fn of_kind(residency: &Residency, kind: PlaceKind) -> Vec<&Place> {
    let places = residency.places.iter();
    places.filter(|place| place.kind == kind).collect()
}

#[tokio::test]
async fn each_owner_is_told_of_the_places_of_the_region_and_of_the_edge() {
    let server = Server::shared();
    for region in Region::ALL {
        let tenant = TestTenant::new(&server.client(), region).await;
        let path = tenant.path("residency");
        let reader = tenant.token(&[Scope::SetupRead]).await;
        let reply = tenant.client.get(&Raw::bearer(&reader.secret), &path).await;
        let residency: Residency = reply.expect(200);
        assert_eq!(residency.region, region);
        for place in &residency.places {
            let words = [
                &place.location,
                &place.system,
                &place.holds,
                &place.enforced_by,
            ];
            assert!(words.iter().all(|text| !text.is_empty()), "{place:?}");
            // This is a development stack: nobody is told that anything keeps the data in a region.
            assert!(place.location.contains("development"), "{place:?}");
        }
        let [store] = of_kind(&residency, PlaceKind::Store)[..] else {
            panic!("one store: {residency:?}")
        };
        let [edge] = of_kind(&residency, PlaceKind::Edge)[..] else {
            panic!("one edge: {residency:?}")
        };
        assert!(edge.system.contains(&server.stack.origin()), "{edge:?}");
        let (kept, way) = match region {
            Region::Us | Region::Eu => ("Durable Object", "Durable Object"),
            Region::Cbr => ("region server's machine", "https://canberra.localhost"),
        };
        assert!(store.system.contains(kept), "{store:?}");
        assert!(edge.system.contains(way), "{edge:?}");
        if region == Region::Cbr {
            let stores = server.stack.state().join("cbr/stores");
            let stores = stores.display().to_string();
            assert!(store.system.contains(&stores), "{stores}: {store:?}");
        }
        let secrets = [server.stack.operator_key(), server.stack.id_key()];
        assert!(secrets.iter().all(|secret| !reply.text().contains(secret)));

        let visitor = tenant.visitor().await;
        let refused = tenant.client.get(&visitor, &path).await;
        let _ = refused.refused(403, ProblemKind::NotAllowed);
    }
}
