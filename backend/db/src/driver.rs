//! Records that a case drives: the slice says what is *ever* legal for a record, the case says when and by whom. A record has one driver
//! at most. Steps that the case owns are refused to everybody else; the others are told to the case in the same transaction.

use diesel::{pg::Pg, prelude::*, sqlite::Sqlite};
use kernel::{Code, Error, Id, Kind, Uuid, column::AnyId};

use crate::{ReadTx, Rows, WriteTx, schema::driver};

/// The case that drives a record.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = driver, check_for_backend(Pg, Sqlite), treat_none_as_default_value = false)]
pub struct Driver {
    subject_id: AnyId,
    subject_kind: String,
    case_id: AnyId,
    case_number: String,
    steps: String,
}

/// Takes what happened to a driven record to its case.
pub type TellDriver = dyn Fn(&mut WriteTx<'_>, Uuid, &str) -> Result<(), Error> + Send + Sync;

impl Driver {
    /// Of a record, by a case that owns these steps; all of them if there are none.
    #[must_use]
    pub fn of<R: Kind, C: Kind>(record: Id<R>, case: Id<C>, number: &str, steps: &[&str]) -> Self {
        Self {
            subject_id: record.into(),
            subject_kind: R::NAME.to_owned(),
            case_id: case.into(),
            case_number: number.to_owned(),
            steps: steps.join(" "),
        }
    }

    /// Which case.
    #[must_use]
    pub const fn case_id(&self) -> Uuid {
        self.case_id.0
    }

    /// Its number, for people.
    #[must_use]
    pub fn case_number(&self) -> &str {
        &self.case_number
    }

    /// Refused where only the case takes this step.
    pub fn check(&self, step: &str) -> Result<(), Error> {
        if self.steps.is_empty() || self.steps.split(' ').any(|owned| owned == step) { Err(self.refusal()) } else { Ok(()) }
    }

    fn refusal(&self) -> Error {
        Error::new(Code::DrivenByCase).with("case", &self.case_number).with("case_id", self.case_id.0)
    }
}

impl ReadTx<'_> {
    /// The case that drives a record, if one does.
    pub fn driver<K: Kind>(&mut self, record: Id<K>) -> Result<Option<Driver>, Error> {
        Ok(driver::table.find(AnyId::from(record)).select(Driver::as_select()).first(self.conn()).optional()?)
    }
}

impl WriteTx<'_> {
    /// Refuses a step that belongs to the case which drives the record, unless it is that case which takes it.
    pub fn check_driver<K: Kind>(&mut self, record: Id<K>, step: &str) -> Result<(), Error> {
        match self.driver(record)? {
            Some(driver) if self.case() != Some(driver.case_id()) => driver.check(step),
            _ => Ok(()),
        }
    }

    /// Tells the case that drives a record what happened to it, unless it was the case itself.
    pub fn tell_driver<K: Kind>(&mut self, record: Id<K>, event: &str) -> Result<(), Error> {
        let Some(driver) = self.driver(record)?.filter(|driver| self.case() != Some(driver.case_id())) else { return Ok(()) };
        match self.teller() {
            Some(tell) => tell(self, driver.case_id(), event),
            None => Ok(()),
        }
    }
}

impl Rows<'_> {
    /// A case takes a record over, or changes which steps it owns; refused if another has it.
    pub fn drive(&mut self, new: &Driver) -> Result<(), Error> {
        let known = driver::table.find(new.subject_id).select(Driver::as_select()).first(self.conn()).optional()?;
        match known {
            Some(known) if known.case_id != new.case_id => Err(known.refusal()),
            Some(_) => {
                let row = diesel::update(driver::table.find(new.subject_id)).set(driver::steps.eq(&new.steps));
                row.execute(self.conn()).map(drop).map_err(Error::from)
            }
            None => diesel::insert_into(driver::table).values(new).execute(self.conn()).map(drop).map_err(Error::from),
        }
    }

    /// A record is free again.
    pub fn free_record<K: Kind>(&mut self, record: Id<K>) -> Result<(), Error> {
        diesel::delete(driver::table.find(AnyId::from(record))).execute(self.conn()).map(drop).map_err(Error::from)
    }

    /// A case lets go of what it drove; the records stay as they are.
    pub fn free_driven<C: Kind>(&mut self, case: Id<C>) -> Result<(), Error> {
        diesel::delete(driver::table.filter(driver::case_id.eq(AnyId::from(case)))).execute(self.conn()).map(drop).map_err(Error::from)
    }
}
