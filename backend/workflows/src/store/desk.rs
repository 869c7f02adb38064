//! What belongs to a person's desk: drafts, notices, questions, deputies, phrases; and what is sent to other systems.

use db::{ReadTx, Rows};
use diesel::prelude::*;
use kernel::{Error, PageRequest, PersonId, Ts};

use crate::{
    model::{
        CaseId, CcRow, Delivery, DeliveryId, Deputy, DeputyId, DraftId, DraftRow, Notification, NotificationId, QuestionId, QuestionRow,
        Told, Webhook, WebhookId, WorkItemId,
    },
    schema::{case_cc, case_draft, case_question, deputy, document_series, notification, phrase, webhook, webhook_delivery},
};

pub fn drafts(tx: &mut ReadTx<'_>, person: PersonId) -> Result<Vec<DraftRow>, Error> {
    Ok(case_draft::table
        .filter(case_draft::person_id.eq(person))
        .order(case_draft::changed_at.desc())
        .select(DraftRow::as_select())
        .load(tx.conn())?)
}

pub fn draft(tx: &mut ReadTx<'_>, id: DraftId) -> Result<Option<DraftRow>, Error> {
    Ok(case_draft::table.find(id).select(DraftRow::as_select()).get_result(tx.conn()).optional()?)
}

pub fn insert_draft(rows: &mut Rows<'_>, row: &DraftRow) -> Result<(), Error> {
    diesel::insert_into(case_draft::table).values(row).execute(rows.conn())?;
    Ok(())
}

pub fn update_draft(rows: &mut Rows<'_>, row: &DraftRow, expected: i32) -> Result<(), Error> {
    let hit = diesel::update(case_draft::table.find(row.id).filter(case_draft::version.eq(expected)))
        .set((
            case_draft::title.eq(&row.title),
            case_draft::unit_id.eq(row.unit_id),
            case_draft::data.eq(&row.data),
            case_draft::changed_at.eq(row.changed_at),
            case_draft::version.eq(expected + 1),
        ))
        .execute(rows.conn())?;
    rows.hit_one(hit)
}

pub fn delete_draft(rows: &mut Rows<'_>, id: DraftId) -> Result<(), Error> {
    let hit = diesel::delete(case_draft::table.find(id)).execute(rows.conn())?;
    rows.hit_one(hit)
}

pub fn notify(
    rows: &mut Rows<'_>,
    person: PersonId,
    kind: Told,
    text: &str,
    case: Option<CaseId>,
    item: Option<WorkItemId>,
) -> Result<(), Error> {
    let row = Notification {
        id: NotificationId::new(),
        person_id: person,
        kind,
        text: text.to_owned(),
        case_id: case,
        work_item_id: item,
        link: None,
        at: rows.now(),
        read_at: None,
    };
    diesel::insert_into(notification::table).values(&row).execute(rows.conn())?;
    Ok(())
}

/// Tells somebody what is about no case; `link` is where on the page.
pub fn tell(rows: &mut Rows<'_>, person: PersonId, kind: Told, text: &str, link: &str) -> Result<(), Error> {
    let row = Notification {
        id: NotificationId::new(),
        person_id: person,
        kind,
        text: text.to_owned(),
        case_id: None,
        work_item_id: None,
        link: Some(link.to_owned()),
        at: rows.now(),
        read_at: None,
    };
    diesel::insert_into(notification::table).values(&row).execute(rows.conn())?;
    Ok(())
}

/// The newest notices of a person.
pub fn notifications(tx: &mut ReadTx<'_>, person: PersonId, unread: bool, page: &PageRequest) -> Result<Vec<Notification>, Error> {
    let mut query = notification::table.filter(notification::person_id.eq(person)).select(Notification::as_select()).into_boxed();
    if unread {
        query = query.filter(notification::read_at.is_null());
    }
    if let Some(after) = &page.after {
        let (at, id): (Ts, NotificationId) = after.key()?;
        query = query.filter(notification::at.lt(at).or(notification::at.eq(at).and(notification::id.lt(id))));
    }
    Ok(query.order((notification::at.desc(), notification::id.desc())).limit(page.limit + 1).load(tx.conn())?)
}

pub fn unread_notifications(tx: &mut ReadTx<'_>, person: PersonId) -> Result<i64, Error> {
    Ok(notification::table
        .filter(notification::person_id.eq(person))
        .filter(notification::read_at.is_null())
        .count()
        .get_result(tx.conn())?)
}

pub fn read_notifications(rows: &mut Rows<'_>, person: PersonId, ids: &[NotificationId]) -> Result<(), Error> {
    let now = rows.now();
    let mine = notification::table.filter(notification::person_id.eq(person)).filter(notification::read_at.is_null());
    if ids.is_empty() {
        diesel::update(mine).set(notification::read_at.eq(now)).execute(rows.conn())?;
    } else {
        let these = mine.filter(notification::id.eq_any(ids.to_vec()));
        diesel::update(these).set(notification::read_at.eq(now)).execute(rows.conn())?;
    }
    Ok(())
}

pub fn told(tx: &mut ReadTx<'_>, case: CaseId) -> Result<Vec<CcRow>, Error> {
    Ok(case_cc::table.filter(case_cc::case_id.eq(case)).order(case_cc::at.asc()).select(CcRow::as_select()).load(tx.conn())?)
}

pub fn told_person(tx: &mut ReadTx<'_>, cases: &[CaseId], person: PersonId) -> Result<Vec<CcRow>, Error> {
    Ok(case_cc::table
        .filter(db::one_of(case_cc::case_id, cases.iter().copied()))
        .filter(case_cc::person_id.eq(person))
        .select(CcRow::as_select())
        .load(tx.conn())?)
}

pub fn unread_cc(tx: &mut ReadTx<'_>, person: PersonId) -> Result<i64, Error> {
    Ok(case_cc::table.filter(case_cc::person_id.eq(person)).filter(case_cc::read_at.is_null()).count().get_result(tx.conn())?)
}

pub fn insert_cc(rows: &mut Rows<'_>, row: &CcRow) -> Result<(), Error> {
    diesel::insert_into(case_cc::table).values(row).execute(rows.conn())?;
    Ok(())
}

pub fn read_cc(rows: &mut Rows<'_>, case: CaseId, person: PersonId) -> Result<(), Error> {
    let now = rows.now();
    diesel::update(case_cc::table.find((case, person)).filter(case_cc::read_at.is_null()))
        .set(case_cc::read_at.eq(now))
        .execute(rows.conn())?;
    Ok(())
}

pub fn questions(tx: &mut ReadTx<'_>, case: CaseId) -> Result<Vec<QuestionRow>, Error> {
    Ok(case_question::table
        .filter(case_question::case_id.eq(case))
        .order(case_question::asked_at.asc())
        .select(QuestionRow::as_select())
        .load(tx.conn())?)
}

pub fn open_questions(tx: &mut ReadTx<'_>, person: PersonId) -> Result<i64, Error> {
    Ok(case_question::table
        .filter(case_question::to_id.eq(person))
        .filter(case_question::answered_at.is_null())
        .count()
        .get_result(tx.conn())?)
}

pub fn insert_question(rows: &mut Rows<'_>, row: &QuestionRow) -> Result<(), Error> {
    diesel::insert_into(case_question::table).values(row).execute(rows.conn())?;
    Ok(())
}

pub fn answer(rows: &mut Rows<'_>, id: QuestionId, text: &str) -> Result<(), Error> {
    let now = rows.now();
    let hit = diesel::update(case_question::table.find(id).filter(case_question::answered_at.is_null()))
        .set((case_question::answer.eq(text), case_question::answered_at.eq(now)))
        .execute(rows.conn())?;
    rows.hit_one(hit)
}

/// Deputies of a person, and persons of a deputy, that have not ended.
pub fn deputies(tx: &mut ReadTx<'_>, person: PersonId) -> Result<Vec<Deputy>, Error> {
    let now = tx.now();
    Ok(deputy::table
        .filter(deputy::person_id.eq(person).or(deputy::deputy_id.eq(person)))
        .filter(deputy::ended_at.is_null())
        .filter(deputy::valid_to.gt(now))
        .order(deputy::valid_from.asc())
        .select(Deputy::as_select())
        .load(tx.conn())?)
}

pub fn deputy(tx: &mut ReadTx<'_>, id: DeputyId) -> Result<Option<Deputy>, Error> {
    Ok(deputy::table.find(id).select(Deputy::as_select()).get_result(tx.conn()).optional()?)
}

/// Those for whom somebody may act now.
pub fn principals(tx: &mut ReadTx<'_>, of: PersonId) -> Result<Vec<Deputy>, Error> {
    let now = tx.now();
    Ok(deputy::table
        .filter(deputy::deputy_id.eq(of))
        .filter(deputy::ended_at.is_null())
        .filter(deputy::valid_from.le(now))
        .filter(deputy::valid_to.gt(now))
        .select(Deputy::as_select())
        .load(tx.conn())?)
}

/// Deputies of these people now.
pub fn deputies_of(tx: &mut ReadTx<'_>, people: &[PersonId]) -> Result<Vec<Deputy>, Error> {
    let now = tx.now();
    Ok(deputy::table
        .filter(db::one_of(deputy::person_id, people.iter().copied()))
        .filter(deputy::ended_at.is_null())
        .filter(deputy::valid_from.le(now))
        .filter(deputy::valid_to.gt(now))
        .select(Deputy::as_select())
        .load(tx.conn())?)
}

pub fn insert_deputy(rows: &mut Rows<'_>, row: &Deputy) -> Result<(), Error> {
    diesel::insert_into(deputy::table).values(row).execute(rows.conn())?;
    Ok(())
}

pub fn end_deputy(rows: &mut Rows<'_>, id: DeputyId) -> Result<(), Error> {
    let now = rows.now();
    let hit =
        diesel::update(deputy::table.find(id).filter(deputy::ended_at.is_null())).set(deputy::ended_at.eq(now)).execute(rows.conn())?;
    rows.hit_one(hit)
}

pub fn phrases(tx: &mut ReadTx<'_>, person: PersonId) -> Result<Vec<String>, Error> {
    Ok(phrase::table.filter(phrase::person_id.eq(person)).order(phrase::position.asc()).select(phrase::text).load(tx.conn())?)
}

pub fn set_phrases(rows: &mut Rows<'_>, person: PersonId, phrases: &[String]) -> Result<(), Error> {
    diesel::delete(phrase::table.filter(phrase::person_id.eq(person))).execute(rows.conn())?;
    for (position, text) in (0i32..).zip(phrases) {
        diesel::insert_into(phrase::table)
            .values((phrase::person_id.eq(person), phrase::position.eq(position), phrase::text.eq(text)))
            .execute(rows.conn())?;
    }
    Ok(())
}

/// The last number of a gapless series.
pub fn last_number(tx: &mut ReadTx<'_>, kind: &str, year: i32) -> Result<i64, Error> {
    let last = document_series::table.find((kind, year)).select(document_series::last).get_result(tx.conn()).optional()?;
    Ok(last.unwrap_or(0))
}

pub fn set_last_number(rows: &mut Rows<'_>, kind: &str, year: i32, last: i64) -> Result<(), Error> {
    let hit = diesel::update(document_series::table.find((kind, year)).filter(document_series::last.eq(last - 1)))
        .set(document_series::last.eq(last))
        .execute(rows.conn())?;
    if hit == 0 {
        diesel::insert_into(document_series::table)
            .values((document_series::kind.eq(kind), document_series::year.eq(year), document_series::last.eq(last)))
            .execute(rows.conn())?;
    }
    Ok(())
}

// Webhooks.

pub fn webhooks(tx: &mut ReadTx<'_>) -> Result<Vec<Webhook>, Error> {
    Ok(webhook::table.order(webhook::name.asc()).select(Webhook::as_select()).load(tx.conn())?)
}

pub fn webhook(tx: &mut ReadTx<'_>, id: WebhookId) -> Result<Option<Webhook>, Error> {
    Ok(webhook::table.find(id).select(Webhook::as_select()).get_result(tx.conn()).optional()?)
}

pub fn insert_webhook(rows: &mut Rows<'_>, row: &Webhook) -> Result<(), Error> {
    diesel::insert_into(webhook::table).values(row).execute(rows.conn())?;
    Ok(())
}

pub fn update_webhook(rows: &mut Rows<'_>, row: &Webhook, expected: i32) -> Result<(), Error> {
    let hit = diesel::update(webhook::table.find(row.id).filter(webhook::version.eq(expected)))
        .set((webhook::name.eq(&row.name), webhook::url.eq(&row.url), webhook::active.eq(row.active), webhook::version.eq(expected + 1)))
        .execute(rows.conn())?;
    rows.hit_one(hit)
}

pub fn queue(rows: &mut Rows<'_>, webhook: WebhookId, case: Option<CaseId>, body: &str) -> Result<DeliveryId, Error> {
    let now = rows.now();
    let row = Delivery {
        id: DeliveryId::new(),
        webhook_id: webhook,
        case_id: case,
        body: body.to_owned(),
        created_at: now,
        next_at: Some(now),
        attempts: 0,
        lease_until: None,
        delivered_at: None,
        last_error: None,
    };
    diesel::insert_into(webhook_delivery::table).values(&row).execute(rows.conn())?;
    Ok(row.id)
}

/// A message that is not to be sent any more; given back if it may have left already.
pub fn cancel_delivery(rows: &mut Rows<'_>, id: DeliveryId) -> Result<Option<Delivery>, Error> {
    let untouched = webhook_delivery::attempts.eq(0).and(webhook_delivery::lease_until.is_null());
    let gone = diesel::update(webhook_delivery::table.filter(webhook_delivery::id.eq(id)).filter(untouched))
        .set((webhook_delivery::next_at.eq(None::<Ts>), webhook_delivery::last_error.eq("cancelled")))
        .execute(rows.conn())?;
    if gone == 1 {
        return Ok(None);
    }
    Ok(webhook_delivery::table.find(id).select(Delivery::as_select()).first(rows.conn()).optional()?)
}

/// The newest deliveries.
pub fn deliveries(tx: &mut ReadTx<'_>, of: WebhookId, limit: i64) -> Result<Vec<Delivery>, Error> {
    Ok(webhook_delivery::table
        .filter(webhook_delivery::webhook_id.eq(of))
        .order(webhook_delivery::created_at.desc())
        .limit(limit)
        .select(Delivery::as_select())
        .load(tx.conn())?)
}

/// Takes deliveries that are due and that nobody else has: the lease says until when.
pub fn lease(rows: &mut Rows<'_>, seconds: i64, limit: i64) -> Result<Vec<(Delivery, Webhook)>, Error> {
    let (now, until) = (rows.now(), rows.now().plus_seconds(seconds));
    let due: Vec<DeliveryId> = webhook_delivery::table
        .filter(webhook_delivery::next_at.le(now))
        .filter(webhook_delivery::lease_until.is_null().or(webhook_delivery::lease_until.lt(now)))
        .order(webhook_delivery::next_at.asc())
        .limit(limit)
        .select(webhook_delivery::id)
        .load(rows.conn())?;
    let mut taken = Vec::new();
    for id in due {
        let free = webhook_delivery::table
            .find(id)
            .filter(webhook_delivery::lease_until.is_null().or(webhook_delivery::lease_until.lt(now)))
            .filter(webhook_delivery::next_at.is_not_null());
        let hit = diesel::update(free).set(webhook_delivery::lease_until.eq(until)).execute(rows.conn())?;
        if hit == 1 {
            let row = webhook_delivery::table
                .inner_join(webhook::table.on(webhook::id.eq(webhook_delivery::webhook_id)))
                .filter(webhook_delivery::id.eq(id))
                .select((Delivery::as_select(), Webhook::as_select()))
                .get_result(rows.conn())?;
            taken.push(row);
        }
    }
    Ok(taken)
}

/// What became of a delivery: done, or again at that time, or given up.
pub fn delivered(
    rows: &mut Rows<'_>,
    id: DeliveryId,
    done: bool,
    next: Option<Ts>,
    attempts: i32,
    error: Option<&str>,
) -> Result<(), Error> {
    let now = rows.now();
    diesel::update(webhook_delivery::table.find(id))
        .set((
            webhook_delivery::next_at.eq(next),
            webhook_delivery::attempts.eq(attempts),
            webhook_delivery::lease_until.eq(None::<Ts>),
            webhook_delivery::delivered_at.eq(done.then_some(now)),
            webhook_delivery::last_error.eq(error),
        ))
        .execute(rows.conn())?;
    Ok(())
}
