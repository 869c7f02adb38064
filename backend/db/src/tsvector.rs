//! A `tsvector` as it goes over the wire to PostgreSQL, so that the statement that carries it stays prepared.
//!
//! Written by hand and not by `to_tsvector`, whose parser keeps addresses and minus signs whole: what the two databases find must
//! be the same.

use std::{collections::BTreeMap, io::Write as _};

use diesel::{
    expression::AsExpression,
    pg::Pg,
    query_builder::QueryId,
    serialize::{self, IsNull, Output, ToSql},
    sql_types::SqlType,
};

/// PostgreSQL's type.
#[derive(Clone, Copy, Debug, Default, SqlType, QueryId)]
#[diesel(postgres_type(oid = 3614, array_oid = 3643))]
pub struct DbTsVector;

/// Tokens with their places.
#[derive(Clone, Debug, AsExpression)]
#[diesel(sql_type = DbTsVector)]
pub struct TsVector(BTreeMap<String, Vec<u16>>);

/// Places end at 16,383, and a token has at most 255 of them.
const LAST_PLACE: usize = 16_383;
const MOST_PLACES: usize = 255;

impl TsVector {
    /// These tokens in this order.
    pub fn of(tokens: Vec<String>) -> Self {
        let mut places: BTreeMap<String, Vec<u16>> = BTreeMap::new();
        for (place, token) in (1..=LAST_PLACE).zip(tokens) {
            let of_token = places.entry(token).or_default();
            if of_token.len() < MOST_PLACES {
                // In range by the bound of the loop.
                of_token.extend(u16::try_from(place));
            }
        }
        Self(places)
    }
}

/// `tsvectorrecv`: the number of lexemes; each as text with its zero byte, the number of its places, the places.
impl ToSql<DbTsVector, Pg> for TsVector {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&u32::try_from(self.0.len())?.to_be_bytes())?;
        for (token, places) in &self.0 {
            out.write_all(token.as_bytes())?;
            out.write_all(&[0])?;
            out.write_all(&u16::try_from(places.len())?.to_be_bytes())?;
            for place in places {
                out.write_all(&place.to_be_bytes())?;
            }
        }
        Ok(IsNull::No)
    }
}
