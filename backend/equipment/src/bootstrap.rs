//! The types that are there from the start; administrators add their own.

use std::sync::Arc;

use db::{Database, WriteTx};
use kernel::{Actor, ActorKind, Error};

use crate::{service, store};

const TYPES: &[(&str, &str)] = &[
    ("computer", "计算机"),
    ("printer", "打印机"),
    ("monitor", "显示器"),
    ("server", "服务器"),
    ("network", "网络设备"),
    ("projector", "投影仪"),
    ("phone", "电话机"),
    ("other", "其他设备"),
];

/// Makes sure that the types are there: agents report computers, network devices and printers.
pub async fn ensure_types(db: &Database) -> Result<(), Error> {
    let actor = Arc::new(Actor::of_kind(ActorKind::Bootstrap, "bootstrap"));
    for (code, name) in TYPES {
        db.write(&actor, move |tx: &mut WriteTx<'_>| {
            if store::type_by_code(tx, code)?.is_some() {
                return Ok(tx.unchanged(()));
            }
            Ok(service::create_type(tx, code, name, &[])?.map(drop))
        })
        .await?;
    }
    Ok(())
}
