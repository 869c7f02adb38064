//! What services and stores hold: a view to read, a door to write.

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

use kernel::{Actor, Code, Error, Ts, Uuid};

use crate::{Backend, Conn, Event, TellDriver, records, words::say};

/// Reading, as an actor, at a time.
pub struct ReadTx<'a> {
    conn: &'a mut Conn,
    actor: &'a Arc<Actor>,
    now: Ts,
}

impl<'a> ReadTx<'a> {
    pub(crate) fn new(conn: &'a mut Conn, actor: &'a Arc<Actor>, now: Ts) -> Self {
        Self { conn, actor, now }
    }

    /// The connection, for queries in `store.rs`.
    pub fn conn(&mut self) -> &mut Conn {
        self.conn
    }

    /// Who asks.
    #[must_use]
    pub fn actor(&self) -> &'a Arc<Actor> {
        self.actor
    }

    /// The time of this transaction: the same for everything in it.
    #[must_use]
    pub const fn now(&self) -> Ts {
        self.now
    }

    /// Which database this is; for `search` and `dialect` only.
    #[must_use]
    pub const fn backend(&self) -> Backend {
        match self.conn {
            Conn::Pg(_) => Backend::Postgres,
            Conn::Sqlite(_) => Backend::Sqlite,
        }
    }
}

/// Writing. It reads like a [`ReadTx`]; rows change only inside [`WriteTx::record`].
pub struct WriteTx<'a> {
    read: ReadTx<'a>,
    /// The case on whose behalf this part is done.
    case: Option<Uuid>,
    teller: Option<&'a TellDriver>,
    /// Of the records so far.
    receipts: Vec<String>,
}

impl<'a> Deref for WriteTx<'a> {
    type Target = ReadTx<'a>;
    fn deref(&self) -> &Self::Target {
        &self.read
    }
}
impl DerefMut for WriteTx<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.read
    }
}

impl<'a> WriteTx<'a> {
    pub(crate) fn new(conn: &'a mut Conn, actor: &'a Arc<Actor>, now: Ts, teller: Option<&'a TellDriver>) -> Self {
        Self { read: ReadTx::new(conn, actor, now), case: None, teller, receipts: Vec::new() }
    }

    pub(crate) fn into_receipts(self) -> Vec<String> {
        self.receipts
    }

    pub(crate) const fn case(&self) -> Option<Uuid> {
        self.case
    }

    pub(crate) const fn teller(&self) -> Option<&'a TellDriver> {
        self.teller
    }

    /// Changes rows and writes the record of it: the event says what the rows will mean.
    pub fn record<T>(&mut self, event: Event, change: impl FnOnce(&mut Rows<'_>) -> Result<T, Error>) -> Result<Recorded<T>, Error> {
        let now = self.read.now;
        let value = change(&mut Rows { conn: self.read.conn, now })?;
        let receipt = records::append(self.read.conn, self.read.actor, now, &event)?;
        self.receipts.push(receipt);
        Ok(Recorded(value))
    }

    /// For numbers only: everything else is written inside [`WriteTx::record`].
    pub(crate) fn rows(&mut self) -> Rows<'_> {
        let now = self.read.now;
        Rows { conn: self.read.conn, now }
    }

    /// Does a part for a case, with other rights: what a process does by the right of whoever published it.
    pub fn acting<T>(
        &mut self,
        actor: &Arc<Actor>,
        case: Uuid,
        part: impl FnOnce(&mut WriteTx<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let read = ReadTx::new(self.read.conn, actor, self.read.now);
        let mut acting = WriteTx { read, case: Some(case), teller: self.teller, receipts: Vec::new() };
        let done = part(&mut acting);
        let receipts = acting.into_receipts();
        self.receipts.extend(receipts);
        done
    }

    /// Does a part that may be refused without undoing the rest: one of several. A refusal is rolled back, noted where it must be, and
    /// given back inside; what is no refusal (the database is away, a race was lost, a bug) ends the whole transaction.
    pub fn attempt<T>(&mut self, part: impl FnOnce(&mut Self) -> Result<Recorded<T>, Error>) -> Result<Result<T, Error>, Error> {
        let before = self.receipts.len();
        say(self.read.conn, "SAVEPOINT attempt")?;
        let result = part(self).map(Recorded::into_inner);
        if let Err(error) = &result {
            if error.is_retryable() || matches!(error.code(), Code::Unavailable | Code::Internal) {
                return result.map(Ok);
            }
            say(self.read.conn, "ROLLBACK TO attempt")?;
            self.receipts.truncate(before);
        }
        say(self.read.conn, "RELEASE attempt")?;
        if let Err(error) = &result
            && error.is_denial()
        {
            records::append(self.read.conn, self.read.actor, self.read.now, &records::denial(self.read.actor, error))?;
        }
        Ok(result)
    }

    /// The request asks for what already is: nothing is written and nothing recorded.
    pub const fn unchanged<T>(&self, value: T) -> Recorded<T> {
        Recorded(value)
    }
}

/// The proof that a change was recorded in the transaction that made it.
#[must_use = "a write ends with what was recorded"]
pub struct Recorded<T>(T);

impl<T> Recorded<T> {
    /// What the change made.
    pub fn into_inner(self) -> T {
        self.0
    }
    /// A look at it.
    pub const fn get(&self) -> &T {
        &self.0
    }
    /// The same proof, for something else.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Recorded<U> {
        Recorded(change(self.0))
    }
    /// The same proof, for something that may fail: then everything is rolled back.
    pub fn and_then<U>(self, change: impl FnOnce(T) -> Result<U, Error>) -> Result<Recorded<U>, Error> {
        change(self.0).map(Recorded)
    }
}

/// The right to change rows, held only inside [`WriteTx::record`] and [`crate::Database::housekeep`].
pub struct Rows<'a> {
    pub(crate) conn: &'a mut Conn,
    pub(crate) now: Ts,
}

impl Rows<'_> {
    /// The connection, for statements in `store.rs`.
    pub fn conn(&mut self) -> &mut Conn {
        self.conn
    }

    /// The time of the transaction.
    #[must_use]
    pub const fn now(&self) -> Ts {
        self.now
    }

    /// A look at what is there, in the same transaction.
    pub fn reading<'b>(&'b mut self, actor: &'b Arc<Actor>) -> ReadTx<'b> {
        ReadTx::new(self.conn, actor, self.now)
    }

    /// An update by id and version must have hit one row; none means that somebody was faster.
    pub fn hit_one(&self, rows: usize) -> Result<(), Error> {
        if rows == 1 { Ok(()) } else { Err(Error::new(Code::Stale)) }
    }
}
