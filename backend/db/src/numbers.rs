//! Running numbers of tickets, equipment, data sets and cases: unique, by year, with gaps where a transaction was rolled back.

use diesel::{define_sql_function, prelude::*, sql_types::Text};
use kernel::Error;

use crate::{Conn, Rows, WriteTx, schema::number_series};

kernel::text_enum! {
    /// A series of numbers that may have gaps.
    pub enum Series {
        /// Tickets.
        Ticket = "ticket",
        /// Equipment.
        Equipment = "equipment",
        /// Data sets.
        Dataset = "dataset",
        /// Cases of processes.
        Case = "case",
    }
}

define_sql_function! {
    /// PostgreSQL: the next number of a sequence.
    fn nextval(sequence: Text) -> BigInt;
}

/// The first and last year for which PostgreSQL has sequences, made by the migration.
const YEARS: std::ops::RangeInclusive<i16> = 2015..=2060;

/// Takes the next number. On PostgreSQL a sequence (eight times the throughput of a counter row), on SQLite, which has
/// one writer anyway, a counter.
pub fn next(rows: &mut Rows<'_>, series: Series, year: i16) -> Result<i64, Error> {
    match rows.conn() {
        Conn::Pg(conn) => {
            if !YEARS.contains(&year) {
                return Err(Error::internal(format!("no number series for {year}")));
            }
            Ok(diesel::select(nextval(format!("number_{series}_{year}"))).get_result(conn)?)
        }
        Conn::Sqlite(conn) => {
            // There is one writer: what was read is still so when it is written.
            let (name, year) = (series.as_str(), i32::from(year));
            let counted = number_series::table.find((name, year)).select(number_series::last).get_result(conn).optional()?;
            let last = counted.unwrap_or(0i64) + 1;
            let row = (number_series::series.eq(name), number_series::year.eq(year), number_series::last.eq(last));
            diesel::replace_into(number_series::table).values(row).execute(conn)?;
            Ok(last)
        }
    }
}

/// The same before the rest of a change is known. A number alone says nothing, and may be lost: it needs no record.
pub fn take(tx: &mut WriteTx<'_>, series: Series, year: i16) -> Result<i64, Error> {
    next(&mut tx.rows(), series, year)
}
