//! A demonstration company: half a year of work, lived through by the same rules as any other.

mod cases;
mod catalogue;
mod company;
mod months;

use std::{collections::BTreeMap, sync::Arc};

use equipment::service::{Destination, Facts, Step};
use identity::{
    Hasher, PostType, RoleScope, UnitType, bootstrap, initial_password,
    service::{
        people::{self, NewPerson},
        roles,
        units::{self, NewUnit, UnitChange},
    },
};
use kernel::{Actor, ActorKind, Error, Permission, PersonId, Reach, Ts, UnitId};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use tickets::CategoryId;

use crate::Application;

/// How long ago the company began to use Zhidu.
const DAYS: i64 = 185;
/// Pieces of equipment.
const EQUIPMENT: usize = 120;
/// What the mail addresses of its people end with. No real one does: the domain `example` belongs to nobody.
pub const MAIL: &str = "@yuanshan.example";
/// Whose log-ins are printed.
const SHOWN: &[&str] = &["chen.li", "fang.jing", "wu.shen", "sun.ming", "he.min", "li.qiang", "zhou.jie", "wang.fang"];

/// Somebody of the company.
#[derive(Clone, Debug)]
struct Staff {
    id: PersonId,
    name: String,
    unit: UnitId,
    role: &'static str,
}

/// A thing that somebody has.
#[derive(Clone, Debug)]
struct Thing {
    id: equipment::EquipmentId,
    holder: usize,
    /// Code of its type.
    kind: &'static str,
}

/// What the story is made of.
struct Cast {
    staff: Vec<Staff>,
    categories: BTreeMap<&'static str, CategoryId>,
    things: Vec<Thing>,
    units: BTreeMap<&'static str, UnitId>,
    datasets: Vec<datasets::DatasetId>,
}

/// Sets the clock of an empty database to where the story begins, before anything is recorded: the log of a demonstration begins with it.
pub async fn begin(db: &db::Database) -> Result<(), Error> {
    if bootstrap::is_new(db).await? {
        let clock = db.clock();
        clock.set(months::working(clock.now().plus_seconds(-DAYS * 86_400)));
    }
    Ok(())
}

/// Fills an empty database; the text of the log-ins, or none if somebody is there already.
pub async fn seed(app: &Application, hasher: &Hasher) -> Result<Option<String>, Error> {
    if bootstrap::open_setup(&app.db).await?.is_none() {
        return Ok(None);
    }
    tracing::info!("making the demonstration company");
    let clock = app.db.clock().clone();
    clock.reset();
    let today = clock.now();
    // Whatever happens, the clock goes right again.
    let result = live(app, today).await;
    clock.reset();
    let cast = result?;
    log_ins(app, &cast, hasher).await.map(Some)
}

/// Lives the company, and walks every test of every pack with its people; what did not end as the test says.
#[cfg(feature = "testing")]
pub async fn walk_everything(app: &Application) -> Result<Vec<String>, Error> {
    let clock = app.db.clock().clone();
    let today = clock.now();
    let cast = live(app, today).await?;
    let mut rng = StdRng::seed_from_u64(7);
    clock.set(today.plus_seconds(-30 * 86_400));
    let failed = cases::walk_everything(app, &cast, today.plus_seconds(3_650 * 86_400), &mut rng).await;
    clock.reset();
    failed
}

async fn live(app: &Application, today: Ts) -> Result<Cast, Error> {
    let mut rng = StdRng::seed_from_u64(20_260_523);
    app.db.clock().set(months::working(today.plus_seconds(-DAYS * 86_400)));
    let mut cast = people_and_units(app).await?;
    regulations(app, &cast).await?;
    register(app, &mut cast, &mut rng).await?;
    catalogue::fill(app, &mut cast).await?;
    months::tickets(app, &cast, today, &mut rng).await?;
    cases::live(app, &cast, today, &mut rng).await?;
    Ok(cast)
}

/// Somebody with all that their role allows, as the API would have it.
fn acting(person: &Staff) -> Arc<Actor> {
    use Permission::{DispatchTickets, HandleTickets, ManageEquipment, ManageTickets, ReadEquipment, ReadOrg, ReadTickets, ReportTickets};
    let everything = Reach { all: true, ..Reach::default() };
    let own = Reach { own: true, ..Reach::default() };
    let mut grants: kernel::Grants =
        [ReportTickets, ReadTickets, ReadEquipment, ReadOrg].into_iter().map(|permission| (permission, own.clone())).collect();
    let more: &[Permission] = match person.role {
        "service_desk" => &[ReadTickets, DispatchTickets, HandleTickets, ManageTickets, ReadEquipment],
        "technician" => &[ReadTickets, HandleTickets, ReadEquipment],
        "asset_keeper" => &[ReadEquipment, ManageEquipment],
        _ => &[],
    };
    grants.extend(more.iter().map(|permission| (*permission, everything.clone())));
    let mut actor = Actor::of_kind(ActorKind::Person, "demo");
    actor.id = Some(person.id.uuid());
    actor.name.clone_from(&person.name);
    actor.unit = Some(person.unit);
    actor.grants = Arc::new(grants);
    Arc::new(actor)
}

/// Who sets the company up, before anybody is there.
fn founder() -> Arc<Actor> {
    let mut actor = Actor::of_kind(ActorKind::Bootstrap, "演示数据");
    let everything = Reach { all: true, ..Reach::default() };
    actor.grants = Arc::new(Permission::ALL.iter().map(|permission| (*permission, everything.clone())).collect());
    Arc::new(actor)
}

/// A role for everything.
async fn give(app: &Application, person: PersonId, code: &'static str) -> Result<(), Error> {
    app.db
        .write(&founder(), move |tx| {
            let role = roles::list(tx)?.into_iter().find(|role| role.code == code).ok_or_else(|| Error::internal(code))?;
            let version = people::show(tx, person)?.person.version;
            roles::assign(tx, person, version, role.id, RoleScope::All, None)
        })
        .await
}

async fn people_and_units(app: &Application) -> Result<Cast, Error> {
    let founder = founder();
    let mut units = BTreeMap::new();
    for (code, name, parent, own) in company::UNITS {
        let parent = parent.and_then(|code| units.get(code).copied());
        let kind = if *own { UnitType::Company } else { UnitType::Unit };
        let new = NewUnit { parent, code: (*code).to_owned(), name: (*name).to_owned(), kind };
        let id = app.db.write(&founder, move |tx| units::create(tx, &new)).await?;
        units.insert(*code, id);
    }
    let mut staff = Vec::new();
    let mut headed: Vec<UnitId> = Vec::new();
    for (index, (name, login, unit, title, role)) in company::PEOPLE.iter().enumerate() {
        let unit = *units.get(unit).ok_or_else(|| Error::internal(*unit))?;
        let new = NewPerson {
            name: (*name).to_owned(),
            login: (*login).to_owned(),
            employee_number: Some(format!("YS{:04}", index + 1)),
            email: Some(format!("{login}{MAIL}")),
            phone: Some(format!("8{:03}", 100 + index)),
            unit,
            title: (*title).to_owned(),
            password_hash: None,
        };
        let id = app.db.write(&founder, move |tx| people::create(tx, &new)).await?;
        if !headed.contains(&unit) {
            headed.push(unit);
            let change = UnitChange { head: Some(Some(id)), ..UnitChange::default() };
            app.db
                .write(&founder, move |tx| {
                    let version = units::show(tx, unit)?.version;
                    units::change(tx, unit, version, &change)
                })
                .await?;
        }
        if !role.is_empty() {
            give(app, id, role).await?;
        }
        staff.push(Staff { id, name: (*name).to_owned(), unit, role });
    }
    // Two who help out elsewhere.
    for (login, unit, title) in [("xie.jun", "MFG-EQ", "兼任系统支持"), ("luo.dan", "HR", "兼任培训助理")] {
        let index = company::PEOPLE.iter().position(|person| person.1 == login).unwrap_or_default();
        let (Some(person), Some(unit)) = (staff.get(index).map(|person| person.id), units.get(unit).copied()) else { continue };
        app.db
            .write(&founder, move |tx| {
                let version = people::show(tx, person)?.person.version;
                people::add_post(tx, person, version, unit, title, PostType::Side)
            })
            .await?;
    }
    let mut categories = BTreeMap::new();
    for (name, kind, unit) in company::CATEGORIES {
        let kind = kind.map(str::parse).transpose().map_err(|_| Error::internal("a kind of tickets"))?;
        let unit = units.get(unit).copied();
        categories.insert(*name, app.db.write(&founder, move |tx| tickets::add_category(tx, name, kind, unit)).await?);
    }
    Ok(Cast { staff, categories, things: Vec::new(), units, datasets: Vec::new() })
}

/// Puts the regulations that ship into force, so that everything that happens is measured by them.
async fn regulations(app: &Application, cast: &Cast) -> Result<(), Error> {
    let everything = Reach { all: true, ..Reach::default() };
    let officer = async |login: &str| {
        let index = company::PEOPLE.iter().position(|person| person.1 == login);
        let person = index.and_then(|index| cast.staff.get(index)).ok_or_else(|| Error::internal(login))?;
        give(app, person.id, "compliance_officer").await?;
        let mut actor = Actor::clone(&acting(person));
        actor.grants = Arc::new([(Permission::ManageCompliance, everything.clone())].into());
        Ok::<_, Error>(Arc::new(actor))
    };
    let (proposer, approver) = (officer("sun.ming").await?, officer("fang.jing").await?);
    for pack in workflows::packs::shipped()?.values() {
        let id = app.db.write(&proposer, move |tx| compliance::regulations::propose(tx, pack, None)).await?;
        let office = app.compliance.clone().into_inner();
        app.db.write(&approver, move |tx| compliance::regulations::approve(tx, &office, id, 1)).await?;
    }
    Ok(())
}

/// Buys what the company has: most in somebody's hands, some in stock, lent, retired.
async fn register(app: &Application, cast: &mut Cast, rng: &mut StdRng) -> Result<(), Error> {
    let keeper = cast.staff.iter().find(|person| person.role == "asset_keeper").ok_or_else(|| Error::internal("no keeper"))?;
    let actor = acting(keeper);
    let types: BTreeMap<String, _> = app.db.read(&actor, |tx| Ok(equipment::service::types_by_code(tx)?.into_iter().collect())).await?;
    let today = app.db.clock().now();
    for index in 0..EQUIPMENT {
        // Everybody has a computer; the rest is spread.
        let model = if index < 60 { index % 4 } else { 4 + index % (company::MODELS.len() - 4) };
        let (kind, name, manufacturer, model_name, price, serial) =
            *company::MODELS.get(model).ok_or_else(|| Error::internal("a model"))?;
        let holder = index % cast.staff.len();
        let person = cast.staff.get(holder).ok_or_else(|| Error::internal("a holder"))?;
        let (unit, place) = (person.unit, company::PLACES.get(rng.random_range(0..company::PLACES.len())).map(|place| (*place).to_owned()));
        let bought = today.plus_seconds(-rng.random_range(30..1400) * 86_400);
        let held = index < 60 || index % 3 != 0;
        let facts = Facts {
            number: None,
            name: name.to_owned(),
            type_id: types.get(kind).copied(),
            serial: Some(format!("{serial}{:06}", rng.random_range(100_000..999_999) + index)),
            manufacturer: Some(manufacturer.to_owned()),
            model: Some(model_name.to_owned()),
            place: None,
            purchased_on: Some(months::date(bought)),
            price_cents: Some(price * 100),
            warranty_until: Some(months::date(bought.plus_seconds(3 * 365 * 86_400))),
            attributes: Default::default(),
        };
        let to = Destination { unit: Some(unit), holder: held.then_some(person.id), place };
        app.db.clock().advance(rng.random_range(20..90));
        let id = app.db.write(&actor, move |tx| equipment::service::create(tx, &facts, &to)).await?;
        if held {
            cast.things.push(Thing { id, holder, kind });
        } else {
            let lent = index % 12 == 0;
            let borrower = cast.staff.get((index * 7) % cast.staff.len()).map(|person| person.id);
            let action = if lent { equipment::EquipmentAction::Lend } else { equipment::EquipmentAction::Retire };
            if lent || index % 18 == 6 {
                let to = Destination { unit: None, holder: borrower.filter(|_| lent), place: None };
                let until = lent.then(|| months::date(today.plus_seconds((DAYS + 30) * 86_400)));
                let step =
                    Step {
                        action, to, until, reason: Some(if lent { "出差借用" } else { "超过使用年限" }.to_owned()), ticket: None
                    };
                app.db.write(&actor, move |tx| equipment::service::transition(tx, id, 1, &step)).await?;
            }
        }
    }
    Ok(())
}

/// Gives a few an initial password, now, so that it is still good.
async fn log_ins(app: &Application, cast: &Cast, hasher: &Hasher) -> Result<String, Error> {
    let founder = founder();
    let mut text = String::from(
        "\n  The demonstration company is ready. These log-ins are shown once; each password is changed at the first log-in.\n\n",
    );
    for (index, (name, login, _, title, _)) in company::PEOPLE.iter().enumerate() {
        let (true, Some(person)) = (SHOWN.contains(login), cast.staff.get(index)) else { continue };
        let (id, password) = (person.id, initial_password());
        let hash = hasher.hash(&password).await?;
        app.db
            .write(&founder, move |tx| {
                let version = people::show(tx, id)?.person.version;
                people::reset_password(tx, id, version, &hash)
            })
            .await?;
        text.push_str(&format!("    {login:<12} {password:<24} {name} · {title}\n"));
    }
    Ok(text)
}
