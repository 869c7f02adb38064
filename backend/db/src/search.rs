//! One tokenizer for both databases: words, CJK bigrams, pinyin initials.
//!
//! A text becomes a sequence of tokens: runs of `[a-z0-9]` whole, CJK runs as overlapping bigrams and their last
//! character. A query is a phrase of the same tokens, so a two-character word is found wherever it stands, without a
//! dictionary. Initials stand in a field of their own: `wxm` finds 王小明.

use diesel::{
    connection::SimpleConnection as _,
    dsl::{Eq, exists, sql},
    prelude::*,
    sql_types::{Bool, Text},
};
use kernel::{Error, Uuid, column::AnyId};
use pinyin::ToPinyin as _;

use crate::{Backend, Conn, MultiBackend, Rows, tsvector::TsVector};

/// What is indexed of one text at most; more adds nothing that people search for.
const MAX_TOKENS: usize = 4000;

fn is_cjk(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3134f}')
}

/// Full-width letters and digits as their plain forms, everything lower-case.
fn fold(c: char) -> char {
    let plain = match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    };
    plain.to_ascii_lowercase()
}

/// Runs of one sort: Latin letters and digits, or CJK.
fn runs(text: &str) -> Vec<(bool, Vec<char>)> {
    let mut runs: Vec<(bool, Vec<char>)> = Vec::new();
    let mut open = false;
    for c in text.chars().map(fold) {
        let cjk = is_cjk(c);
        if !cjk && !c.is_ascii_alphanumeric() {
            open = false;
            continue;
        }
        match runs.last_mut() {
            Some((sort, run)) if open && *sort == cjk => run.push(c),
            _ => runs.push((cjk, vec![c])),
        }
        open = true;
    }
    runs
}

/// The tokens of a text, in order.
#[must_use]
pub fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    for (cjk, run) in runs(text) {
        if !cjk {
            tokens.push(run.into_iter().take(64).collect());
            continue;
        }
        tokens.extend(run.windows(2).map(|pair| pair.iter().collect::<String>()));
        tokens.extend(run.last().map(char::to_string));
    }
    tokens.truncate(MAX_TOKENS);
    tokens
}

/// Pinyin initials of the CJK runs, each with its suffixes, so that a prefix finds every place inside.
#[must_use]
pub fn initials(text: &str) -> Vec<String> {
    let mut initials = Vec::new();
    for (_, run) in runs(text).into_iter().filter(|(cjk, _)| *cjk) {
        let letters: Vec<&str> = run.iter().filter_map(|c| c.to_pinyin().map(|pinyin| pinyin.first_letter())).collect();
        for start in 0..letters.len() {
            initials.push(letters.iter().skip(start).take(12).copied().collect());
        }
    }
    initials.truncate(MAX_TOKENS);
    initials
}

/// What a Chinese name or title is sorted by: its syllables in pinyin, then itself.
#[must_use]
pub fn sort_key(text: &str) -> String {
    let mut key = String::new();
    for c in text.chars() {
        match c.to_pinyin() {
            // The space sorts 李安 (li an) before 廉 (lian).
            Some(pinyin) => key.extend([pinyin.plain(), " "]),
            None => key.push(fold(c)),
        }
    }
    key.push('\u{1}');
    key.push_str(text);
    key
}

/// The phrase of a query: its tokens, and whether the last one is only a beginning.
fn phrase(query: &str) -> Option<(Vec<String>, bool)> {
    let runs = runs(query);
    let (last_cjk, last) = runs.last()?;
    let prefix = !last_cjk || last.len() == 1;
    let mut phrase = Vec::new();
    for (cjk, run) in &runs {
        if *cjk && run.len() > 1 {
            phrase.extend(run.windows(2).map(|pair| pair.iter().collect::<String>()));
        } else {
            phrase.push(run.iter().take(64).collect());
        }
    }
    phrase.truncate(64);
    Some((phrase, prefix))
}

fn is_latin(phrase: &[String]) -> bool {
    phrase.len() == 1 && phrase.iter().all(|token| token.bytes().all(|byte| byte.is_ascii_lowercase()))
}

/// The query for FTS5.
fn fts5(query: &str) -> Option<String> {
    let (phrase, prefix) = phrase(query)?;
    let star = if prefix { "*" } else { "" };
    let text = format!("tokens : \"{}\"{star}", phrase.join(" "));
    Some(match phrase.first() {
        Some(letters) if is_latin(&phrase) => format!("({text}) OR (initials : \"{letters}\"*)"),
        _ => text,
    })
}

/// The query for a tsvector.
fn tsquery(query: &str) -> Option<(String, String)> {
    let (phrase, prefix) = phrase(query)?;
    let last = phrase.len() - 1;
    let star = |index| if prefix && index == last { ":*" } else { "" };
    let text = phrase.iter().enumerate().map(|(index, token)| format!("'{token}'{}", star(index))).collect::<Vec<_>>().join(" <-> ");
    let letters = phrase.first().filter(|_| is_latin(&phrase)).map_or_else(|| "'\u{1}'".to_owned(), |letters| format!("'{letters}':*"));
    Some((text, letters))
}

diesel::table! {
    use diesel::sql_types::*;
    use kernel::column::DbUuid;
    /// SQLite: which row an entry of the full-text index stands for.
    search_entry (row_number) {
        row_number -> BigInt,
        kind -> Text,
        id -> DbUuid,
    }
}
diesel::table! {
    /// SQLite: what a transaction has to say to the full-text index, said at its end (`flush`).
    search_waiting (row_number) {
        row_number -> BigInt,
        known -> Bool,
        tokens -> Text,
        initials -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use kernel::column::DbUuid;
    use crate::tsvector::DbTsVector;
    /// PostgreSQL: entry and index in one.
    #[sql_name = "search_entry"]
    postgres_entry (kind, id) {
        kind -> Text,
        id -> DbUuid,
        tokens -> DbTsVector,
        initials -> DbTsVector,
    }
}
use postgres_entry::dsl as postgres;

/// SQLite: the writer's connection has this table for itself.
pub(crate) const WAITING: &str = "create temp table search_waiting (row_number integer primary key, known integer not null, \
    tokens text not null, initials text not null) strict;";

/// SQLite: brings what waits into the full-text index. FTS5 writes what it holds in memory to its tables at every savepoint that is
/// opened after it was touched; so the writer, which runs each job in a savepoint, touches it once for a whole batch, after the last.
pub(crate) fn flush(conn: &mut SqliteConnection) -> QueryResult<()> {
    if !diesel::select(exists(search_waiting::table.select(search_waiting::row_number))).get_result(conn)? {
        return Ok(());
    }
    conn.batch_execute(
        "delete from search_text where rowid in (select row_number from search_waiting where known); \
         insert into search_text (rowid, tokens, initials) select row_number, tokens, initials from search_waiting; \
         delete from search_waiting;",
    )
}

/// Makes the text of a new row findable, in the transaction that inserts it.
pub fn add(rows: &mut Rows<'_>, kind: &'static str, id: Uuid, text: &str) -> Result<(), Error> {
    match rows.conn() {
        Conn::Pg(conn) => {
            let row = (postgres::kind.eq(kind), postgres::id.eq(AnyId(id)), vectors_of(text));
            diesel::insert_into(postgres::postgres_entry).values(row).execute(conn)?;
        }
        Conn::Sqlite(conn) => {
            let row_number = diesel::insert_into(search_entry::table)
                .values((search_entry::kind.eq(kind), search_entry::id.eq(AnyId(id))))
                .returning(search_entry::row_number)
                .get_result(conn)?;
            wait(conn, row_number, false, text)?;
        }
    }
    Ok(())
}

/// Replaces what is findable of a row, in the transaction of its change.
pub fn replace(rows: &mut Rows<'_>, kind: &'static str, id: Uuid, text: &str) -> Result<(), Error> {
    let hit = match rows.conn() {
        Conn::Pg(conn) => diesel::update(postgres::postgres_entry.find((kind, AnyId(id)))).set(vectors_of(text)).execute(conn)?,
        Conn::Sqlite(conn) => {
            let known = search_entry::table.filter(search_entry::kind.eq(kind)).filter(search_entry::id.eq(AnyId(id)));
            let row_number: Option<i64> = known.select(search_entry::row_number).get_result(conn).optional()?;
            row_number.map(|row_number| wait(conn, row_number, true, text)).transpose()?.map_or(0, |()| 1)
        }
    };
    if hit == 1 { Ok(()) } else { Err(Error::internal(format!("{kind} {id} was never made findable"))) }
}

/// Makes a row that goes findable no more, in the transaction that deletes it.
pub fn remove(rows: &mut Rows<'_>, kind: &'static str, id: Uuid) -> Result<(), Error> {
    match rows.conn() {
        Conn::Pg(conn) => drop(diesel::delete(postgres::postgres_entry.find((kind, AnyId(id)))).execute(conn)?),
        Conn::Sqlite(conn) => {
            let entry = search_entry::table.filter(search_entry::kind.eq(kind)).filter(search_entry::id.eq(AnyId(id)));
            let row_number: Option<i64> = entry.select(search_entry::row_number).get_result(conn).optional()?;
            if let Some(row_number) = row_number {
                diesel::delete(search_waiting::table.find(row_number)).execute(conn)?;
                diesel::sql_query("delete from search_text where rowid = ?")
                    .bind::<diesel::sql_types::BigInt, _>(row_number)
                    .execute(conn)?;
                diesel::delete(search_entry::table.filter(search_entry::row_number.eq(row_number))).execute(conn)?;
            }
        }
    }
    Ok(())
}

type Vectors = (Eq<postgres::tokens, TsVector>, Eq<postgres::initials, TsVector>);

fn vectors_of(text: &str) -> Vectors {
    (postgres::tokens.eq(TsVector::of(tokens(text))), postgres::initials.eq(TsVector::of(initials(text))))
}

fn wait(conn: &mut SqliteConnection, row_number: i64, known: bool, text: &str) -> QueryResult<()> {
    let row = (
        search_waiting::row_number.eq(row_number),
        search_waiting::known.eq(known),
        search_waiting::tokens.eq(tokens(text).join(" ")),
        search_waiting::initials.eq(initials(text).join(" ")),
    );
    diesel::replace_into(search_waiting::table).values(row).execute(conn).map(drop)
}

/// The condition that `column` (`ticket.id`) is the id of a row of this kind that contains the words. Words without any
/// letter match nothing.
#[must_use]
pub fn matches<Table: 'static>(
    backend: Backend,
    column: &'static str,
    kind: &'static str,
    words: &str,
) -> Box<dyn BoxableExpression<Table, MultiBackend, SqlType = Bool>> {
    let nothing = || "'\u{1}'".to_owned();
    match backend {
        Backend::Sqlite => {
            // The plus keeps SQLite from walking the index over (kind, id) past every entry of the kind, instead of fetching the few
            // that the full-text index found.
            let entries = format!("select id from search_entry where +kind = '{kind}' and ");
            let found = fts5(words).unwrap_or_else(|| "tokens : \"\u{1}\"".to_owned());
            let start = format!("{column} in ({entries} row_number in (select rowid from search_text where search_text match ");
            Box::new(sql::<Bool>(&start).bind::<Text, _>(found).sql("))"))
        }
        Backend::Postgres => {
            let entries = format!("select id from search_entry where kind = '{kind}' and ");
            let (text, letters) = tsquery(words).unwrap_or_else(|| (nothing(), nothing()));
            let start = format!("{column} in ({entries} tokens @@ cast(");
            let middle = format!(" as tsquery) union all {entries} initials @@ cast(");
            Box::new(sql::<Bool>(&start).bind::<Text, _>(text).sql(&middle).bind::<Text, _>(letters).sql(" as tsquery))"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_bigrams_and_runs() {
        assert_eq!(tokens("王小明的ＨＰ打印机 M1005"), ["王小", "小明", "明的", "的", "hp", "打印", "印机", "机", "m1005"]);
        assert_eq!(initials("王小明"), ["wxm", "xm", "m"]);
        let mut names = ["张伟", "Bob", "王芳", "廉洁", "陈立", "李安", "alice"];
        names.sort_by_key(|name| sort_key(name));
        assert_eq!(names, ["alice", "Bob", "陈立", "李安", "廉洁", "王芳", "张伟"]);
        assert!(phrase("+-*").is_none());
    }
}
