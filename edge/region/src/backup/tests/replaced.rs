//! A restored store takes the place of another: while that is copied, from a disk that refuses, half way.

use super::*;

/// Another store, as it was at the start, takes the tenant's place.
async fn go_back(disks: &Disks, server: &Server, tenant: &TenantId) {
    restore_start(disks, server.backup.data(), tenant);
    let (backup, id) = (Arc::clone(&server.backup), tenant.clone());
    let put = move || {
        replace::put(backup.data(), &id, START + 6).unwrap();
        backup.replaced(&id);
    };
    server
        .stores
        .while_closed(tenant, |_| None, put)
        .await
        .unwrap()
        .unwrap();
}

/// Restores the tenant as it was at the start to where it takes its place from.
fn restore_start(disks: &Disks, data: &Path, tenant: &TenantId) {
    let out = replace::restored(data, tenant);
    fs::create_dir_all(out.parent().unwrap()).unwrap();
    restore::restore(&disks.of(tenant), Some(START), &out).unwrap();
}

#[tokio::test]
async fn a_store_that_is_replaced_while_it_is_copied_is_backed_up_as_it_is() {
    let disks = Disks::new();
    let server = disks.server();
    let tenant = server.sign_up(1).await;
    server.pass(&tenant);
    server.later(5);
    server.rename(&tenant, "mistake").await;
    server.pass(&tenant);
    // As a copy to a slow share holds it.
    let watch = Arc::clone(&server.backup.entry(&tenant).watch);
    let copied = watch.file().unwrap();
    go_back(&disks, &server, &tenant).await;
    server.later(5);
    let live = server.execute(owner(&tenant, Command::GetProfile)).await;
    assert!(
        matches!(&live, Reply::Profile(profile) if profile.name == "at first"),
        "{live:?}"
    );
    watch.let_go(copied);
    server.pass(&tenant);
    assert_eq!(disks.restored(&tenant, None).unwrap(), "at first");
    server.later(5);
    server.rename(&tenant, "after").await;
    server.pass(&tenant);
    assert_eq!(disks.restored(&tenant, None).unwrap(), "after");
    let mistake = disks.restored(&tenant, Some(START + 5)).unwrap();
    assert_eq!(mistake, "mistake");
    assert!(disks.verified(&tenant).broken.is_empty());
}

#[tokio::test]
async fn a_copy_that_fails_is_made_again_even_if_nothing_is_committed_meanwhile() {
    let disks = Disks::new();
    let server = disks.server();
    let tenant = server.sign_up(1).await;
    server.pass(&tenant);
    server.later(5);
    server.rename(&tenant, "mistake").await;
    server.pass(&tenant);
    go_back(&disks, &server, &tenant).await;
    let way = disks.of(&tenant).join("00000002.new");
    fs::write(&way, "in the way").unwrap();
    let tenants = [tenant.clone()];
    assert!(server.backup.pass(&tenants, false, |_, _| ()).is_err());
    assert_eq!(server.backup.behind().1, 1);
    fs::remove_file(way).unwrap();
    server.pass(&tenant);
    assert_eq!(disks.restored(&tenant, None).unwrap(), "at first");
}

#[tokio::test]
async fn a_store_that_cannot_take_the_place_leaves_the_one_that_is_there() {
    let disks = Disks::new();
    let server = disks.server();
    let tenant = server.sign_up(1).await;
    server.pass(&tenant);
    server.stores.close().await;
    let data = server.backup.data();
    // Another file system, from which nothing can be moved.
    let elsewhere = Path::new("/dev/shm").join(disks.path.file_name().unwrap());
    fs::create_dir_all(&elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, replace::workshop(data)).unwrap();
    restore_start(&disks, data, &tenant);
    let before = fs::read(disks.store(&tenant)).unwrap();
    let failed = replace::put(data, &tenant, START + 6);
    fs::remove_dir_all(&elsewhere).unwrap();
    assert!(failed.is_err());
    assert_eq!(fs::read(disks.store(&tenant)).unwrap(), before);
}

#[test]
fn what_was_moved_aside_comes_back_when_nothing_takes_its_place() {
    let disks = Disks::new();
    let (store, old) = (disks.path.join("store"), disks.path.join("old"));
    fs::write(&store, "database").unwrap();
    fs::write(log_of(&store), "log").unwrap();
    let nothing = disks.path.join("nothing");
    assert!(replace::exchange(&nothing, &store, &old).is_err());
    assert_eq!(fs::read(&store).unwrap(), b"database");
    assert_eq!(fs::read(log_of(&store)).unwrap(), b"log");
    assert!(!old.exists() && !log_of(&old).exists());
}

#[test]
fn what_is_aside_is_never_replaced() {
    let disks = Disks::new();
    let tenant = TenantId::assemble(Region::Cbr, [1; 16], |_| [0; 10]);
    let data = disks.path.join("data");
    fs::create_dir_all(replace::workshop(&data)).unwrap();
    for text in ["one", "two", "three"] {
        fs::write(replace::restored(&data, &tenant), text).unwrap();
        replace::put(&data, &tenant, START).unwrap();
    }
    assert_eq!(fs::read(disks.store(&tenant)).unwrap(), b"three");
    let aside = fs::read_dir(data.join("replaced")).unwrap();
    assert_eq!(aside.count(), 2);
}
