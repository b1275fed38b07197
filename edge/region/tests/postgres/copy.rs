//! One tenant goes back to an older state and nobody else does: by the script that `docs/region.md` names.

use std::{
    env,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use slotstead_region::{postgres::Postgres, stores::Driver};
use slotstead_tenant::Store;
use xtask::tools::postgres_program;

use crate::kit::{World, numbers, open, sign_up, tenant};

const SET: &str = "UPDATE counters SET last_effect_id = ?1";
const NUMBER: &str = "SELECT last_effect_id FROM counters";

fn set(driver: &Postgres, number: u8, value: i64) {
    sign_up(driver, number).unwrap();
    let store = open(driver, number).store;
    store.run(SET, &[value.into()]).unwrap();
}

/// A database with two tenants, whose server is gone.
fn world(values: [i64; 2]) -> World {
    let world = World::new();
    let driver = world.driver();
    set(&driver, 1, values[0]);
    set(&driver, 2, values[1]);
    driver.close();
    world
}

fn values(world: &World) -> [Result<Vec<i64>, String>; 2] {
    [1, 2].map(|number| {
        let value = world.psql_as(&tenant(number), NUMBER)?;
        Ok(value.lines().map(|line| line.parse().unwrap()).collect())
    })
}

/// A file that is gone with this value.
struct Dump(PathBuf);

impl Dump {
    fn new(name: &str, text: &str) -> Self {
        let name = format!("slotstead-{name}-{}.sql", std::process::id());
        let path = env::temp_dir().join(name);
        fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for Dump {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Who runs the script, and the role that it is told.
struct Who<'a> {
    login: &'a str,
    role: &'a str,
}

/// Runs it for the first tenant: what it printed.
fn script(world: &World, who: &Who<'_>, what: &str, input: &str) -> Result<String, String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/one-tenant.sh");
    let psql = postgres_program("psql").unwrap();
    let known = env::var_os("PATH").unwrap_or_default();
    let programs = psql.parent().map(Path::to_owned).into_iter();
    let path = env::join_paths(programs.chain(env::split_paths(&known))).unwrap();
    let dump = Dump::new(&format!("{}-{what}-{}", world.name, who.login), input);
    let output = Command::new("sh")
        .arg(script)
        .args([what, tenant(1).as_str()])
        .env("PATH", path)
        .env("DATABASE", world.cluster.url(who.login, &world.name))
        .env("ROLE", who.role)
        .stdin(Stdio::from(File::open(&dump.0).unwrap()))
        .output()
        .unwrap();
    let [said, wrong] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    if output.status.success() {
        Ok(said)
    } else {
        Err(wrong)
    }
}

#[test]
fn one_tenant_is_taken_out_of_a_restored_database_and_put_into_the_live_one() {
    const CHECKS: &str = "SELECT COUNT(*) FROM effects WHERE kind = 'check_keys'";
    let (restored, live) = (world([7, 8]), world([70, 80]));
    let sealed = "UPDATE counters SET last_key_slot = 1";
    restored.psql_as(&tenant(1), sealed).unwrap();
    for login in [None, Some("postgres")] {
        let run = |world: &World, what: &str, input: &str| {
            let (login, role) = (login.unwrap_or(&world.name), &world.name);
            script(world, &Who { login, role }, what, input).unwrap()
        };
        let dump = run(&restored, "take", "");
        assert!(dump.contains(tenant(1).as_str()) && !dump.contains(tenant(2).as_str()));
        run(&live, "put", &dump);
        assert_eq!(values(&live), [Ok(vec![7]), Ok(vec![80])]);
        let driver = live.driver();
        // It is told once that it is older than its keys, and looks at each page of them.
        let mut checks = None;
        for _ in 0..2 {
            let found = numbers(&open(&driver, 1).store, CHECKS).unwrap();
            assert!(
                found[0] > 0 && checks.is_none_or(|once| once == found),
                "{found:?}"
            );
            checks = Some(found);
        }
        let store = open(&driver, 1).store;
        store.run(SET, &[70_i64.into()]).unwrap();
        driver.close();
    }
    let owner = Who {
        login: &live.name,
        role: &live.name,
    };
    script(&live, &owner, "remove", "").unwrap();
    assert_eq!(values(&live), [Ok(vec![]), Ok(vec![80])]);
    assert_eq!(live.driver().tenants().unwrap(), [tenant(2)]);
}

#[test]
fn a_tenant_is_not_touched_where_the_others_would_not_be_safe_or_nothing_would_follow() {
    let world = world([7, 8]);
    let name = &world.name;
    let owner = Who {
        login: name,
        role: name,
    };
    let refused = |who: &Who<'_>, what: &str, input: &str, why: &str| {
        let wrong = script(&world, who, what, input).unwrap_err();
        assert!(wrong.contains(why), "{what}: {wrong}");
        assert_eq!(values(&world), [Ok(vec![7]), Ok(vec![8])], "{what}");
    };
    let dump = script(&world, &owner, "take", "").unwrap();
    // Half a dump, or none, in place of the tenant.
    refused(&owner, "put", "", "no such tenant");
    refused(&owner, "put", &dump[..dump.len() / 2], "ERROR");
    let driver = world.driver();
    refused(&owner, "put", &dump, "region server is running");
    driver.close();
    // A key that would never be destroyed.
    let outbox = include_str!("../../../tenant/src/tables/outbox.rs");
    assert!(outbox.contains("DESTROY: &str = \"destroy_key\""));
    let due = format!(
        "INSERT INTO effects VALUES ('{}', 99, 'destroy_key', '1', 0, 0)",
        tenant(1)
    );
    world.psql_as(&tenant(1), &due).unwrap();
    refused(&owner, "put", &dump, "keys are still to be destroyed");
    let superuser = Who {
        login: "postgres",
        role: "postgres",
    };
    let down = "ALTER TABLE slotstead.hosts NO FORCE ROW LEVEL SECURITY";
    for what in ["take", "put", "remove"] {
        refused(&superuser, what, &dump, "does not keep this to one tenant");
    }
    world.psql(down).unwrap();
    for what in ["take", "put", "remove"] {
        refused(&owner, what, &dump, "does not keep this to one tenant");
    }
}
