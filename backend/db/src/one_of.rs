//! `column in (…)` whose statement stays prepared.

use diesel::{
    expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate},
    query_builder::{AstPass, QueryFragment, QueryId},
    result::QueryResult,
    serialize::ToSql,
    sql_types::{Bool, HasSqlType, MaybeNullableType, SingleValue, SqlType, is_nullable},
};

use crate::MultiBackend;

/// The condition that a column has one of these values; see [`one_of`].
#[derive(Clone, Debug)]
pub struct OneOf<C, T> {
    column: C,
    values: Vec<T>,
}

/// The condition that a column has one of these values. Diesel's `eq_any` makes another statement for each number of values and
/// prepares it anew each time, which costs more than most of our queries; here the list is filled up to the next power of two with
/// its last value, so that a handful of statements serve all lists. No values: nothing is one of them.
pub fn one_of<C, T>(column: C, values: impl IntoIterator<Item = T>) -> OneOf<C, T> {
    OneOf { column, values: values.into_iter().collect() }
}

impl<C, T> Expression for OneOf<C, T>
where
    C: Expression<SqlType: SqlType<IsNull: MaybeNullableType<Bool>>>,
{
    type SqlType = is_nullable::MaybeNullable<is_nullable::IsSqlTypeNullable<C::SqlType>, Bool>;
}

impl<C, T> QueryFragment<MultiBackend> for OneOf<C, T>
where
    C: Expression<SqlType: SqlType + SingleValue> + QueryFragment<MultiBackend>,
    T: ToSql<C::SqlType, MultiBackend>,
    MultiBackend: HasSqlType<C::SqlType>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        let Some(last) = self.values.last() else {
            out.push_sql("1 = 0");
            return Ok(());
        };
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" IN (");
        for place in 0..self.values.len().next_power_of_two() {
            if place > 0 {
                out.push_sql(", ");
            }
            out.push_bind_param::<C::SqlType, T>(self.values.get(place).unwrap_or(last))?;
        }
        out.push_sql(")");
        Ok(())
    }
}

impl<C, T> QueryId for OneOf<C, T> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C, T, G> ValidGrouping<G> for OneOf<C, T> {
    type IsAggregate = is_aggregate::No;
}
impl<C: AppearsOnTable<S>, T, S> AppearsOnTable<S> for OneOf<C, T> where Self: Expression {}
impl<C: SelectableExpression<S>, T, S> SelectableExpression<S> for OneOf<C, T> where Self: AppearsOnTable<S> {}
