//! Statements of few words, around the others: savepoints.

use diesel::{
    QueryResult, RunQueryDsl, SqliteConnection,
    connection::SimpleConnection as _,
    query_builder::{AstPass, QueryFragment, QueryId},
    sqlite::Sqlite,
};

use crate::Conn;

/// A statement that stays prepared on SQLite; one that is given as text would be parsed again each time.
struct Said(&'static str);

impl QueryFragment<Sqlite> for Said {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql(self.0);
        Ok(())
    }
}
impl QueryId for Said {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
impl RunQueryDsl<SqliteConnection> for Said {}

/// Says it.
pub(crate) fn say(conn: &mut Conn, words: &'static str) -> QueryResult<()> {
    match conn {
        Conn::Sqlite(conn) => Said(words).execute(conn).map(drop),
        Conn::Pg(conn) => conn.batch_execute(words),
    }
}
