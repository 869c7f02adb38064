//! PostgreSQL: several inserts in one statement, so that they cost one round trip. A round trip costs the server more than most of
//! our statements cost the database.

use diesel::{
    pg::{Pg, PgConnection},
    query_builder::{AstPass, QueryFragment, QueryId},
    result::QueryResult,
};

/// These inserts as common table expressions, and one more as the statement itself: `with i0 as (…), i1 as (…) insert …`.
/// They all see the tables as they were before it.
pub struct Together<'a, Last> {
    /// Those that come before.
    pub first: Vec<&'a dyn QueryFragment<Pg>>,
    /// The statement itself.
    pub last: Last,
}

impl<Last: QueryFragment<Pg>> QueryFragment<Pg> for Together<'_, Last> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        for (place, insert) in self.first.iter().enumerate() {
            out.push_sql(if place == 0 { "WITH i" } else { ", i" });
            out.push_sql(&place.to_string());
            out.push_sql(" AS (");
            insert.walk_ast(out.reborrow())?;
            out.push_sql(")");
        }
        out.push_sql(" ");
        self.last.walk_ast(out)
    }
}

impl<Last> QueryId for Together<'_, Last> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Last> diesel::RunQueryDsl<PgConnection> for Together<'_, Last> {}

/// Inserts into several tables that have no foreign keys to each other: in one statement on PostgreSQL, one by one on SQLite.
#[macro_export]
macro_rules! insert_together {
    ($conn:expr, $last:expr, $($insert:expr),+) => {
        match $conn {
            $crate::Conn::Pg(native) => $crate::Together { first: vec![$(&$insert),+], last: $last }.execute(native)?,
            $crate::Conn::Sqlite(native) => {
                $($insert.execute(native)?;)+
                $last.execute(native)?
            }
        }
    };
}
