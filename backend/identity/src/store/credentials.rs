//! Passwords, and locks after wrong ones.

use db::{ReadTx, Rows};
use diesel::prelude::*;
use kernel::{Error, PersonId, Ts};

use crate::schema::{credential, login_throttle, password_history};

#[derive(Clone, Debug, Queryable)]
pub struct Credential {
    pub password_hash: String,
    pub must_change: bool,
    pub expires_at: Option<Ts>,
}

pub fn credential(tx: &mut ReadTx<'_>, person: PersonId) -> Result<Option<Credential>, Error> {
    Ok(credential::table
        .find(person)
        .select((credential::password_hash, credential::must_change, credential::expires_at))
        .get_result(tx.conn())
        .optional()?)
}

pub fn former_passwords(tx: &mut ReadTx<'_>, person: PersonId, limit: i64) -> Result<Vec<String>, Error> {
    Ok(password_history::table
        .filter(password_history::person_id.eq(person))
        .order(password_history::changed_at.desc())
        .limit(limit)
        .select(password_history::password_hash)
        .load(tx.conn())?)
}

pub fn set_password(rows: &mut Rows<'_>, person: PersonId, hash: &str, must_change: bool, expires_at: Option<Ts>) -> Result<(), Error> {
    let now = rows.now();
    diesel::delete(credential::table.find(person)).execute(rows.conn())?;
    diesel::insert_into(credential::table)
        .values((
            credential::person_id.eq(person),
            credential::password_hash.eq(hash),
            credential::must_change.eq(must_change),
            credential::expires_at.eq(expires_at),
            credential::changed_at.eq(now),
        ))
        .execute(rows.conn())?;
    if !must_change {
        diesel::insert_into(password_history::table)
            .values((
                password_history::person_id.eq(person),
                password_history::changed_at.eq(now),
                password_history::password_hash.eq(hash),
            ))
            .execute(rows.conn())?;
    }
    Ok(())
}

pub fn locked_until(tx: &mut ReadTx<'_>, subject: &str) -> Result<Option<Ts>, Error> {
    let now = tx.now();
    let until: Option<Option<Ts>> =
        login_throttle::table.find(subject).select(login_throttle::locked_until).get_result(tx.conn()).optional()?;
    Ok(until.flatten().filter(|until| *until > now))
}

/// Counts a failure; locks at the limit within the window.
pub fn count_failure(rows: &mut Rows<'_>, subject: &str, limit: i32, window_seconds: i64, lock_seconds: i64) -> Result<(), Error> {
    use login_throttle::dsl;
    let now = rows.now();
    let known: Option<(i32, Ts)> =
        dsl::login_throttle.find(subject).select((dsl::failures, dsl::window_from)).get_result(rows.conn()).optional()?;
    let (failures, from) = match known {
        Some((failures, from)) if from.plus_seconds(window_seconds) > now => (failures + 1, from),
        _ => (1, now),
    };
    let locked = (failures >= limit).then(|| now.plus_seconds(lock_seconds));
    diesel::delete(dsl::login_throttle.find(subject)).execute(rows.conn())?;
    diesel::insert_into(dsl::login_throttle)
        .values((dsl::subject.eq(subject), dsl::failures.eq(failures), dsl::window_from.eq(from), dsl::locked_until.eq(locked)))
        .execute(rows.conn())?;
    Ok(())
}

pub fn forget_failures(rows: &mut Rows<'_>, subject: &str) -> Result<(), Error> {
    diesel::delete(login_throttle::table.find(subject)).execute(rows.conn())?;
    Ok(())
}
