//! Stores over real files: one writer, panics, too many stores.

use std::{
    fs,
    sync::atomic::{AtomicU32, Ordering},
};

use slotstead_shared::{Region, ids::TokenId, wire::SignUp};
use slotstead_tenant::{Actor, Answer, Call, Command, Refusal, Reply, Store};

use super::*;
use crate::moment::{Stopwatch, moment};

/// A folder that is gone with this value.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("slotstead-stores-{}-{count}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    fn stores(&self, most_open: usize, opener: Opener) -> Arc<Stores> {
        let files = Files::open(&self.0, opener).unwrap();
        Arc::new(Stores::new(Box::new(files), Settings::default(), most_open))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn tenant(number: u8) -> TenantId {
    TenantId::assemble(Region::Cbr, [number; 16], |_| [0; 10])
}

fn call(tenant: &TenantId, actor: Actor, command: Command) -> Call {
    Call {
        tenant: tenant.clone(),
        actor,
        command,
    }
}

fn creation(tenant: &TenantId, name: &str) -> Call {
    let sign_up = SignUp {
        name: name.to_owned(),
        region: Region::Cbr,
    };
    let token = TokenId::from_random([1; 16]);
    call(
        tenant,
        Actor::Operator,
        Command::CreateTenant { sign_up, token },
    )
}

async fn create(stores: &Arc<Stores>, tenant: &TenantId, name: &str) -> Result<Answer, Undone> {
    let call = creation(tenant, name);
    stores
        .with_new(tenant, move |resident| {
            resident.execute(&call, moment().unwrap())
        })
        .await
}

/// The tenant's name, as its owner reads it.
async fn name(stores: &Arc<Stores>, tenant: &TenantId) -> Result<String, Undone> {
    let owner = Actor::Owner {
        token: TokenId::from_random([1; 16]),
    };
    let call = call(tenant, owner, Command::GetProfile);
    let answer = stores
        .with(tenant, move |resident| {
            resident.execute(&call, moment().unwrap())
        })
        .await?;
    match answer {
        Ok(Reply::Profile(profile)) => Ok(profile.name),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_second_server_on_the_same_folder_does_not_start() {
    let folder = Folder::new();
    let first = folder.stores(4, sqlite);
    let second = Files::open(&folder.0, sqlite);
    assert!(matches!(second, Err(StoresError::Taken(_))));
    drop(first);
    folder.stores(4, sqlite);
}

#[tokio::test]
async fn a_store_exists_once_its_tenant_does_and_not_before() {
    let folder = Folder::new();
    let stores = folder.stores(4, sqlite);
    let nobody = stores.with(&tenant(1), |_| ()).await;
    assert_eq!(nobody, Err(Undone::NoStore));
    let refused = create(&stores, &tenant(1), "").await.unwrap();
    assert!(matches!(refused, Err(Refusal::Invalid(_))), "{refused:?}");
    assert!(stores.tenants().unwrap().is_empty());
    create(&stores, &tenant(1), "Murrumbidgee Optics")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(stores.tenants().unwrap(), [tenant(1)]);
    assert_eq!(
        name(&stores, &tenant(1)).await.unwrap(),
        "Murrumbidgee Optics"
    );
}

#[tokio::test]
async fn more_tenants_than_open_stores_all_answer() {
    let folder = Folder::new();
    let stores = folder.stores(3, sqlite);
    for number in 0..12 {
        let made = create(&stores, &tenant(number), &format!("Tenant {number}")).await;
        assert!(made.unwrap().is_ok(), "{number}");
    }
    for number in [0, 11, 5, 0, 7, 1] {
        let found = name(&stores, &tenant(number)).await.unwrap();
        assert_eq!(found, format!("Tenant {number}"));
    }
    let waited = Stopwatch::start();
    while stores.open_count() > 3 {
        let open = stores.open_count();
        assert!(
            waited.elapsed() < Duration::from_secs(10),
            "{open} are open"
        );
        tokio::task::yield_now().await;
    }
    stores.close().await;
    assert_eq!(stores.open_count(), 0);
    assert_eq!(name(&stores, &tenant(3)).await.unwrap(), "Tenant 3");
}

#[tokio::test]
async fn calls_to_one_tenant_wait_for_each_other_and_none_is_lost() {
    let folder = Folder::new();
    let stores = folder.stores(1, sqlite);
    create(&stores, &tenant(1), "A").await.unwrap().unwrap();
    let inside = Arc::new(AtomicU32::new(0));
    let calls: Vec<_> = (0..32)
        .map(|_| {
            let (stores, inside) = (Arc::clone(&stores), Arc::clone(&inside));
            tokio::spawn(async move {
                stores
                    .with(&tenant(1), move |_| {
                        let others = inside.fetch_add(1, Ordering::SeqCst);
                        std::thread::yield_now();
                        inside.fetch_sub(1, Ordering::SeqCst);
                        others
                    })
                    .await
            })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap(), Ok(0), "two were inside at once");
    }
}

/// SQLite that panics inside the transaction that would rename a tenant to "panic".
struct Panicking(AnyStore);

impl Store for Panicking {
    fn run(
        &self,
        sql: &str,
        parameters: &[slotstead_tenant::store::Value],
    ) -> Result<Vec<slotstead_tenant::store::Row>, StoreError> {
        let rows = self.0.run(sql, parameters);
        let renames = sql.starts_with("UPDATE tenants SET name");
        assert!(!(renames && parameters.contains(&"panic".into())));
        rows
    }

    fn transaction(&self, work: &mut dyn FnMut() -> bool) -> Result<(), StoreError> {
        self.0.transaction(work)
    }
}

#[tokio::test]
async fn a_panic_ends_one_command_and_keeps_no_transaction_open() {
    let folder = Folder::new();
    let stores = folder.stores(4, |path| Ok(Box::new(Panicking(sqlite(path)?))));
    create(&stores, &tenant(1), "A").await.unwrap().unwrap();
    let rename = |name: &str| {
        let owner = Actor::Owner {
            token: TokenId::from_random([1; 16]),
        };
        let mut profile = slotstead_shared::wire::Profile {
            name: name.to_owned(),
            accent: None,
        };
        profile.accent = Some("#14576b".to_owned());
        let call = call(&tenant(1), owner, Command::PutProfile { profile });
        let stores = Arc::clone(&stores);
        async move {
            stores
                .with(&tenant(1), move |resident| {
                    resident.execute(&call, moment().unwrap())
                })
                .await
        }
    };
    assert_eq!(rename("panic").await.unwrap_err(), Undone::Panicked);
    // Nothing of it stayed, and the next command is not inside the old transaction.
    assert_eq!(name(&stores, &tenant(1)).await.unwrap(), "A");
    rename("B").await.unwrap().unwrap();
    stores.close().await;
    assert_eq!(name(&stores, &tenant(1)).await.unwrap(), "B");
}
