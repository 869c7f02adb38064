//! Black-box tests: a server on a free port, a client that knows the OpenAPI document and fails on what it does not say.

pub mod app;
pub mod given;
pub mod invariants;

pub use app::{Reply, Request, TestApp};
pub use given::Person;
pub use serde_json::{Value, json};

/// Looks again until it is so, for half a minute.
pub async fn until(what: &str, mut look: impl AsyncFnMut() -> bool) {
    for _ in 0..600 {
        if look().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{what}: not within half a minute");
}

/// Runs a test on SQLite and on PostgreSQL.
#[macro_export]
macro_rules! on_both_databases {
    ($(async fn $name:ident($app:ident: TestApp) $body:block)+) => {$(
        mod $name {
            #[allow(unused_imports)]
            use super::*;
            async fn body($app: $crate::TestApp) $body
            #[test]
            fn on_sqlite() { $crate::TestApp::run(db::Backend::Sqlite, body); }
            #[test]
            fn on_postgres() { $crate::TestApp::run(db::Backend::Postgres, body); }
        }
    )+};
}
