//! Running numbers of tickets and equipment: unique, by year, with gaps where a transaction was rolled back.

use diesel::{prelude::*, sql_types::BigInt};
use kernel::Error;

use crate::{Conn, Rows, schema::number_series};

kernel::text_enum! {
    /// A series of numbers that may have gaps.
    pub enum Series {
        /// Tickets.
        Ticket = "ticket",
        /// Equipment.
        Equipment = "equipment",
    }
}

#[derive(QueryableByName)]
struct Next {
    #[diesel(sql_type = BigInt)]
    value: i64,
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
            let sql = format!("select nextval('number_{series}_{year}') as value");
            Ok(diesel::sql_query(sql).get_result::<Next>(conn)?.value)
        }
        Conn::Sqlite(conn) => Ok(diesel::insert_into(number_series::table)
            .values((number_series::series.eq(series.as_str()), number_series::year.eq(i32::from(year)), number_series::last.eq(1)))
            .on_conflict((number_series::series, number_series::year))
            .do_update()
            .set(number_series::last.eq(number_series::last + 1))
            .returning(number_series::last)
            .get_result(conn)?),
    }
}
