//! Handlers, requests, views.

pub mod plans;
pub mod runs;

use kernel::{Error, Page, may};
use serde::Serialize;
use utoipa::ToSchema;
use web::{ApiError, Fine, Guard};

use crate::{
    kinds::{self, Kind, Span},
    policy,
};

/// A report that can be asked for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReportView {
    /// Its stable name.
    pub key: String,
    /// What it is called, in the reader's language.
    pub title: String,
    /// What it says.
    pub about: String,
    /// `period`: what happened within a time; `moment`: how things stood.
    #[schema(pattern = "^(period|moment)$")]
    pub span: String,
    /// Whether it can speak of a part of the company.
    pub by_unit: bool,
    /// Whether the reader may ask for it of the whole company.
    pub whole_company: bool,
    /// The clauses for which it is evidence.
    pub clauses: Vec<String>,
}

fn view(kind: &Kind, actor: &kernel::Actor) -> ReportView {
    let word = |(zh, en): (&str, &str)| if actor.chinese { zh } else { en }.to_owned();
    ReportView {
        key: kind.key.to_owned(),
        title: word(kind.title),
        about: word(kind.about),
        span: if kind.span == Span::Period { "period" } else { "moment" }.to_owned(),
        by_unit: kind.by_unit,
        whole_company: actor.may_in(kind.permission, None),
        clauses: kind.clauses.iter().map(|clause| (*clause).to_owned()).collect(),
    }
}

/// GET /reports
pub async fn list(call: Guard<may::UseAccount>) -> Result<Fine<Page<ReportView>>, ApiError> {
    call.read(|tx| {
        let actor = tx.actor();
        let items = kinds::ALL.iter().filter(|kind| policy::may_ask_somewhere(actor, kind)).map(|kind| view(kind, actor)).collect();
        Ok::<_, Error>(Page { items, next_cursor: None })
    })
    .await
}
