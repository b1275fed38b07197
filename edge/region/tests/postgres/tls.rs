//! A database on another machine is believed only with a certificate that proves it.

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use rustls::pki_types::{CertificateDer, pem::PemObject};
use slotstead_region::{
    certificates::{Authority, Side, Validity},
    postgres::Postgres,
    tls,
};
use slotstead_tenant::StoreError;
use tokio_postgres::config::SslMode;
use xtask::stack::Cluster;

use crate::kit::World;

fn look(world: &World, authority: &Authority) -> Result<(), StoreError> {
    let certificate = CertificateDer::from_pem_slice(authority.certificate().as_bytes()).unwrap();
    let mut database = world.database(1);
    // As the configuration has it for whatever is not this machine.
    database.config = world.url.replace("127.0.0.1", "localhost").parse().unwrap();
    database.config.ssl_mode(SslMode::Require);
    database.tls = tls::database(vec![certificate]).unwrap();
    Postgres::look(&database)
}

#[test]
fn only_a_proven_database_is_asked() {
    let world = World::on(Arc::new(Cluster::start().unwrap()));
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let valid = || Validity::days(i64::try_from(since.as_secs()).unwrap(), -1, 1);
    let ours = Authority::new("database", valid()).unwrap();
    let other = Authority::new("other", valid()).unwrap();
    let unable = look(&world, &ours).unwrap_err().0;
    assert!(unable.contains("does not support TLS"), "{unable}");
    let shown = ours.issue(Side::Region, "localhost", valid()).unwrap();
    let cluster = &world.cluster;
    for (setting, name, bytes) in [
        ("ssl_cert_file", "server.pem", &shown.certificate),
        ("ssl_key_file", "server.key", &shown.key),
    ] {
        let file = cluster.place(name, bytes).unwrap();
        let set = format!("ALTER SYSTEM SET {setting} = '{}'", file.display());
        cluster.as_superuser("postgres", &set).unwrap();
    }
    cluster
        .as_superuser("postgres", "ALTER SYSTEM SET ssl = on")
        .unwrap();
    cluster
        .as_superuser("postgres", "SELECT pg_reload_conf()")
        .unwrap();
    // Told to is not done yet.
    while look(&world, &ours).is_err_and(|error| error.0.contains("does not support TLS")) {}
    look(&world, &ours).unwrap();
    let stranger = look(&world, &other).unwrap_err().0;
    assert!(stranger.contains("UnknownIssuer"), "{stranger}");
}
