//! One tenant goes back to an older state and nobody else does: by the commands in `docs/region.md`, as they
//! stand there.

use std::{env, fs, path::Path, process::Command};

use slotstead_region::{postgres::Postgres, stores::Driver};
use slotstead_tenant::Store;
use xtask::tools::postgres_program;

use crate::kit::{World, numbers, open, sign_up, tenant};

const NUMBER: &str = "SELECT last_effect_id FROM tenants";

fn set(driver: &Postgres, number: u8, value: i64) {
    sign_up(driver, number).unwrap();
    let store = open(driver, number).store;
    let sql = "UPDATE tenants SET last_effect_id = ?1";
    store.run(sql, &[value.into()]).unwrap();
}

/// The shell's part of the page that begins with this line.
fn documented(beginning: &str) -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/region.md");
    let page = fs::read_to_string(page).unwrap();
    let mut parts = page.split("```sh\n").skip(1);
    let part = parts.find(|part| part.starts_with(beginning)).unwrap();
    part.split("```").next().unwrap().to_owned()
}

#[test]
fn one_tenant_is_taken_out_of_a_restored_database_and_put_into_the_live_one() {
    let (restored, live) = (World::new(), World::new());
    for (world, values) in [(&restored, [7, 8]), (&live, [70, 80])] {
        let driver = world.driver();
        set(&driver, 1, values[0]);
        set(&driver, 2, values[1]);
        driver.close();
    }
    let commands = documented("export PGOPTIONS").replace("cbr_…", tenant(1).as_str());
    let psql = postgres_program("psql").unwrap();
    let known = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths(
        psql.parent()
            .into_iter()
            .map(Path::to_owned)
            .chain(env::split_paths(&known)),
    )
    .unwrap();
    let folder = env::temp_dir().join(format!("slotstead-copy-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let output = Command::new("sh")
        .args(["-ec", &commands])
        .env("PATH", path)
        .env("RESTORED", &restored.url)
        .env("LIVE", &live.url)
        .current_dir(&folder)
        .output()
        .unwrap();
    let dump = fs::read_to_string(folder.join("tenant.sql")).unwrap_or_default();
    fs::remove_dir_all(&folder).unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(dump.contains(tenant(1).as_str()) && !dump.contains(tenant(2).as_str()));
    let driver = live.driver();
    assert_eq!(numbers(&open(&driver, 1).store, NUMBER), Ok(vec![7]));
    assert_eq!(numbers(&open(&driver, 2).store, NUMBER), Ok(vec![80]));
}
