//! Throw-away databases: a file for SQLite, a copy of a migrated template for PostgreSQL.

use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use diesel::{Connection as _, PgConnection, connection::SimpleConnection as _, r2d2::ManageConnection as _};
use kernel::{Error, PersonId};

use crate::{
    Backend,
    connection::{Manager, Purpose},
    migrations,
};

/// Where the test runner's PostgreSQL listens: the URL of a database from which others can be made.
const SERVER: &str = "ZHIDU_TEST_POSTGRES";

/// One template for each process, made by whichever test comes first.
static TEMPLATE: Mutex<Option<String>> = Mutex::new(None);

/// A database of its own for one test; gone when dropped.
pub struct TestDatabase {
    /// Its URL.
    pub url: String,
    name: String,
    folder: Option<PathBuf>,
}

impl TestDatabase {
    /// An empty one, migrated (PostgreSQL) or to be migrated when opened (SQLite).
    pub fn create(backend: Backend) -> Result<Self, Error> {
        let name = format!("t_{}", PersonId::new().uuid().simple());
        match backend {
            Backend::Sqlite => {
                let folder = std::env::temp_dir().join(format!("zhidu-{name}"));
                std::fs::create_dir_all(&folder).map_err(Error::internal)?;
                Ok(Self { url: folder.join("test.db").display().to_string(), name, folder: Some(folder) })
            }
            Backend::Postgres => {
                let mut server = server()?;
                let template = template(&mut server)?;
                server.batch_execute(&format!("create database {name} template {template} strategy wal_log"))?;
                Ok(Self { url: url_of(&name)?, name, folder: None })
            }
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let gone = match &self.folder {
            Some(folder) => std::fs::remove_dir_all(folder).map_err(Error::internal),
            None => server().and_then(|mut server| Ok(server.batch_execute(&format!("drop database {} with (force)", self.name))?)),
        };
        if let Err(error) = gone {
            tracing::warn!(%error, "a test database stays behind");
        }
    }
}

fn server_url() -> Result<String, Error> {
    std::env::var(SERVER).map_err(|_| Error::internal(format!("{SERVER} is not set; `make test` starts a PostgreSQL and sets it")))
}

fn server() -> Result<PgConnection, Error> {
    PgConnection::establish(&server_url()?).map_err(Error::internal)
}

fn url_of(name: &str) -> Result<String, Error> {
    let server = server_url()?;
    let (start, _) = server.rsplit_once('/').ok_or_else(|| Error::internal("the server's URL names no database"))?;
    Ok(format!("{start}/{name}"))
}

fn template(server: &mut PgConnection) -> Result<String, Error> {
    let mut known = TEMPLATE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(name) = known.as_ref() {
        return Ok(name.clone());
    }
    let name = format!("template_{}", PersonId::new().uuid().simple());
    server.batch_execute(&format!("create database {name}"))?;
    let manager = Manager { url: url_of(&name)?, purpose: Purpose::Write };
    let mut conn = manager.connect().map_err(Error::internal)?;
    migrations::run(&mut conn)?;
    *known = Some(name.clone());
    Ok(name)
}
