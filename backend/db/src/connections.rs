//! Connections for one purpose, and a place to wait for one that costs no thread.

use std::{sync::Arc, time::Duration};

use diesel::r2d2::{Pool, PooledConnection};
use kernel::{Code, Error};
use tokio::{sync::Semaphore, time::timeout};

use crate::connection::Manager;

/// How long a request waits for a connection before it is told to come again.
const PATIENCE: Duration = Duration::from_secs(5);

/// A pool with as many seats as connections: who has no seat waits as a future, not as a thread. So there are never more blocking
/// threads, each with memory of its own, than there are connections to keep busy.
#[derive(Clone)]
pub(crate) struct Connections {
    pool: Pool<Manager>,
    seats: Arc<Semaphore>,
}

impl Connections {
    /// Opens none yet but the first, in the background.
    pub(crate) fn new(manager: Manager, size: u32) -> Self {
        let pool = Pool::builder()
            .max_size(size)
            .min_idle(Some(1))
            .test_on_check_out(false)
            .connection_timeout(PATIENCE)
            .idle_timeout(Some(Duration::from_secs(300)))
            .build_unchecked(manager);
        Self { pool, seats: Arc::new(Semaphore::new(size as usize)) }
    }

    /// Takes a connection; in a job of [`Connections::run`] one is free.
    pub(crate) fn take(&self) -> Result<PooledConnection<Manager>, Error> {
        self.pool.get().map_err(|error| Error::new(Code::Unavailable).because(error))
    }

    /// Runs a job on a blocking thread when it is its turn.
    pub(crate) async fn run<T: Send + 'static>(&self, job: impl FnOnce(&Self) -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
        let seat = timeout(PATIENCE, Arc::clone(&self.seats).acquire_owned())
            .await
            .map_err(|_| Error::new(Code::Unavailable).because("no connection became free"))?
            .map_err(Error::internal)?;
        let connections = self.clone();
        tokio::task::spawn_blocking(move || {
            let result = job(&connections);
            drop(seat);
            result
        })
        .await
        .unwrap_or_else(|error| Err(Error::internal(error)))
    }

    /// How many are at work and how many wait for it.
    pub(crate) fn busy_and_idle(&self) -> (u32, u32) {
        let state = self.pool.state();
        (state.connections.saturating_sub(state.idle_connections), state.idle_connections)
    }
}
