//! Half a year of tickets, in the order in which they happened.

use std::collections::BTreeMap;

use kernel::{Date, Error, Ts};
use rand::{Rng as _, rngs::StdRng};
use tickets::{
    Level, NoteType, TicketAction, TicketId, TicketType,
    service::{self, NewNote, Report, Step},
};

use super::{Cast, Staff, acting, company};
use crate::Application;

/// How many tickets.
const TICKETS: usize = 300;
/// Of these, so many are from the last weeks.
const RECENT: usize = 34;
const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

/// The next moment of working time in China.
pub fn working(at: Ts) -> Ts {
    let mut local = at.micros() / 1_000_000 + 8 * HOUR;
    let (hour, weekday) = (local.rem_euclid(DAY) / HOUR, (local.div_euclid(DAY) + 3).rem_euclid(7));
    let midnight = local - local.rem_euclid(DAY);
    let jitter = at.micros() / 1_000_000 % (80 * MINUTE);
    let days = match (weekday, hour) {
        (5, _) => 2,
        (6, _) => 1,
        (4, 18..) => 3,
        (_, 18..) => 1,
        _ => 0,
    };
    if days > 0 {
        local = midnight + days * DAY + 9 * HOUR + jitter;
    } else if hour < 9 {
        local = midnight + 9 * HOUR + jitter;
    }
    Ts::from_micros((local - 8 * HOUR) * 1_000_000 + at.micros() % 1_000_000)
}

/// The last moment of working time before another, near this one: a company that is shown at night or on a Sunday has no reports
/// from after its last day of work.
fn working_before(mut at: Ts, end: Ts) -> Ts {
    loop {
        let found = working(at);
        if found < end {
            return found;
        }
        at = at.plus_seconds(-DAY);
    }
}

/// The day in China.
pub fn date(at: Ts) -> Date {
    at.plus_seconds(8 * HOUR)
        .to_string()
        .get(..10)
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(|| Date::from(jiff::civil::Date::constant(2026, 1, 1)))
}

/// Something that happens to a ticket.
enum Deed {
    Report(Box<Report>),
    Do(Step),
    Note(NewNote),
}

/// When, to which ticket, by whom, what.
struct Act {
    at: Ts,
    ticket: usize,
    by: Staff,
    deed: Deed,
}

/// Plans everything, sorts it by time, and lets it happen.
pub async fn tickets(app: &Application, cast: &Cast, today: Ts, rng: &mut StdRng) -> Result<(), Error> {
    let begin = app.db.clock().now().plus_seconds(DAY);
    let span = today.micros() / 1_000_000 - begin.micros() / 1_000_000;
    let mut acts = Vec::new();
    let mut busy: BTreeMap<usize, Ts> = BTreeMap::new();
    for ticket in 0..TICKETS {
        let share = span * i64::try_from(ticket).map_err(Error::internal)? / i64::try_from(TICKETS).map_err(Error::internal)?;
        let at = working_before(begin.plus_seconds(share + rng.random_range(0..6 * HOUR)), today);
        let before = acts.len();
        plan(cast, ticket, at, &mut acts, &mut busy, rng)?;
        // Of the last weeks, some is not finished.
        if ticket >= TICKETS - RECENT && rng.random_bool(0.7) {
            acts.truncate(before + rng.random_range(1..acts.len().max(before + 2) - before));
        }
    }
    acts.retain(|act: &Act| act.at < today);
    acts.sort_by_key(|act| act.at);
    let mut known: BTreeMap<usize, TicketId> = BTreeMap::new();
    for Act { at, ticket, by, deed } in acts {
        app.db.clock().set(at);
        let actor = acting(&by);
        match (deed, known.get(&ticket).copied()) {
            (Deed::Report(report), _) => {
                known.insert(
                    ticket,
                    app.db.write(&actor, move |tx| service::report(tx, &report).map(|made| made.map(|whole| whole.row.id))).await?,
                );
            }
            (Deed::Do(step), Some(id)) => {
                app.db
                    .write(&actor, move |tx| {
                        let version = service::visible(tx, id)?.0.version;
                        service::transition(tx, id, version, &step)
                    })
                    .await?;
            }
            (Deed::Note(note), Some(id)) => {
                app.db.write(&actor, move |tx| service::add_note(tx, id, &note)).await?;
            }
            (_, None) => return Err(Error::internal("something happened to a ticket before it was reported")),
        }
    }
    Ok(())
}

fn with_role<'a>(cast: &'a Cast, role: &str, rng: &mut StdRng) -> Result<&'a Staff, Error> {
    let those: Vec<&Staff> = cast.staff.iter().filter(|person| person.role == role).collect();
    those.get(rng.random_range(0..those.len().max(1))).copied().ok_or_else(|| Error::internal(format!("nobody is {role}")))
}

fn plan(cast: &Cast, ticket: usize, at: Ts, acts: &mut Vec<Act>, busy: &mut BTreeMap<usize, Ts>, rng: &mut StdRng) -> Result<(), Error> {
    let story = company::STORIES.get(rng.random_range(0..company::STORIES.len())).ok_or_else(|| Error::internal("no story"))?;
    let (about, kind, category, title, description, cause, solution) = *story;
    let kind: TicketType = kind.parse().map_err(|_| Error::internal("a kind"))?;
    let free = |index: &usize| busy.get(index).is_none_or(|until| *until < at);
    let thing = if !about.is_empty() {
        let fitting: Vec<usize> =
            (0..cast.things.len()).filter(|index| cast.things.get(*index).is_some_and(|thing| thing.kind == about)).filter(free).collect();
        fitting.get(rng.random_range(0..fitting.len().max(1))).copied()
    } else {
        None
    };
    let holder =
        thing.and_then(|index| cast.things.get(index)).map_or_else(|| rng.random_range(12..cast.staff.len()), |thing| thing.holder);
    let reporter = cast.staff.get(holder).cloned().ok_or_else(|| Error::internal("nobody reports"))?;
    let desk = with_role(cast, "service_desk", rng)?.clone();
    let technician = with_role(cast, "technician", rng)?.clone();
    let wide = kind == TicketType::Incident;
    let report = Report {
        kind,
        title: title.to_owned(),
        description: description.to_owned(),
        impact: if wide { if rng.random_bool(0.4) { Level::High } else { Level::Medium } } else { Level::Low },
        urgency: if wide || rng.random_bool(0.2) { Level::High } else { Level::Medium },
        category_id: cast.categories.get(category).copied(),
        place: company::PLACES.get(rng.random_range(0..company::PLACES.len())).map(|place| (*place).to_owned()),
        contact: None,
        equipment_ids: thing.and_then(|index| cast.things.get(index)).map(|thing| thing.id).into_iter().collect(),
        label_code: None,
        file_ids: Vec::new(),
        reporter_id: None,
    };
    let mut now = at;
    let mut act = |seconds: i64, by: &Staff, deed: Deed| {
        now = working(now.plus_seconds(seconds));
        acts.push(Act { at: now, ticket, by: by.clone(), deed });
        now
    };
    let step = |action: TicketAction, text: &str| Step { text: (!text.is_empty()).then(|| text.to_owned()), ..Step::of(action) };
    act(0, &reporter, Deed::Report(Box::new(report)));
    let luck = rng.random_range(0..100);
    if luck < 3 {
        act(20 * MINUTE, &desk, Deed::Do(step(TicketAction::Refuse, "不属于信息部职责，请联系行政部")));
        return Ok(());
    }
    if luck < 6 {
        act(30 * MINUTE, &reporter, Deed::Do(step(TicketAction::Cancel, "已自行解决")));
        return Ok(());
    }
    let dispatch = Step { unit_id: Some(technician.unit), assignee_id: Some(technician.id), ..Step::of(TicketAction::Dispatch) };
    act(rng.random_range(3..50) * MINUTE, &desk, Deed::Do(dispatch));
    act(rng.random_range(5..150) * MINUTE, &technician, Deed::Do(step(TicketAction::Start, "")));
    if rng.random_bool(0.18) {
        act(20 * MINUTE, &technician, Deed::Do(step(TicketAction::AskReporter, "请问是什么时候开始的？之前有没有做过什么操作？")));
        act(rng.random_range(1..20) * HOUR, &reporter, Deed::Do(step(TicketAction::Answer, "昨天下午开始的，没有做特别的操作。")));
    }
    if !cause.is_empty() {
        let arrived = act(
            rng.random_range(10..60) * MINUTE,
            &technician,
            Deed::Note(comment(&format!("已远程联系{}，稍后到现场。", reporter.name), false)),
        );
        let visit = NewNote {
            kind: NoteType::SiteNote,
            text: format!("现场检查：{cause}。"),
            internal: false,
            arrived_at: Some(arrived.plus_seconds(10 * MINUTE)),
            left_at: Some(arrived.plus_seconds(40 * MINUTE)),
            file_ids: Vec::new(),
        };
        act(45 * MINUTE, &technician, Deed::Note(visit));
    }
    if thing.is_some() && rng.random_bool(0.14) {
        let appraise =
            Step {
                cause: Some(cause.to_owned()), repairable: Some(false), ..step(TicketAction::Appraise, "需要专业设备，送外维修")
            };
        act(15 * MINUTE, &technician, Deed::Do(appraise));
        let vendor = match about {
            "computer" => "联想授权服务站",
            _ => "华宇办公设备服务部",
        };
        act(2 * HOUR, &technician, Deed::Do(Step { vendor: Some(vendor.to_owned()), ..Step::of(TicketAction::SendToVendor) }));
        let back = Step { repaired: Some(true), ..step(TicketAction::ReturnFromVendor, solution) };
        act(rng.random_range(3..12) * DAY, &technician, Deed::Do(back));
    } else if rng.random_bool(0.1) {
        act(10 * MINUTE, &technician, Deed::Note(comment("配件已下单，预计两天到货", true)));
        act(2 * DAY, &technician, Deed::Note(comment("配件已到货，安排更换。", false)));
    }
    act(rng.random_range(20..400) * MINUTE, &technician, Deed::Do(step(TicketAction::Resolve, solution)));
    if rng.random_bool(0.07) {
        act(5 * HOUR, &reporter, Deed::Do(step(TicketAction::Reopen, "又出现了同样的问题")));
        act(3 * HOUR, &technician, Deed::Do(step(TicketAction::Resolve, "再次处理并观察一天，未再出现")));
    }
    let confirm = Step {
        satisfaction: [5, 5, 5, 4, 4, 3].get(rng.random_range(0..6)).copied(),
        ..step(TicketAction::Confirm, ["处理及时，谢谢", "", "", "服务很好"].get(rng.random_range(0..4)).copied().unwrap_or_default())
    };
    let end = act(rng.random_range(1..50) * HOUR, &reporter, Deed::Do(confirm));
    if let Some(index) = thing {
        busy.insert(index, end);
    }
    Ok(())
}

fn comment(text: &str, internal: bool) -> NewNote {
    NewNote { kind: NoteType::Comment, text: text.to_owned(), internal, arrived_at: None, left_at: None, file_ids: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_lie_in_working_time_and_in_the_past_whenever_the_company_is_shown() {
        let monday = Ts::from_micros(1_795_363_200_000_000);
        for hour in 0..24 * 7 {
            let today = monday.plus_seconds(hour * HOUR);
            for back in [0, 5, 11, 40] {
                let at = working_before(today.plus_seconds(-back * HOUR), today);
                assert!(at < today && at > today.plus_seconds(-7 * DAY), "{today} {back}: {at}");
                assert_eq!(working(at), at);
            }
        }
    }
}
