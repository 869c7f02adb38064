//! Actions that service tasks may call: typed operations of slices, registered by name. They run in the transaction of the case, in a
//! savepoint of their own, so that a failure undoes the action and nothing else.

use std::{collections::BTreeMap, sync::Arc};

use db::{Event, Recorded, WriteTx};
use kernel::{Code, Error, Permission, PersonId};
use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use utoipa::ToSchema;

use crate::{
    blueprint::Known,
    model::{CaseId, CaseKind, DeliveryId, Told},
    store,
};

kernel::text_enum! {
    /// What happens when an action's element is reached again.
    pub enum Repeat {
        /// It gives what it gave, without being done again.
        Idempotent = "idempotent",
        /// It is undone when the case goes back across it, in the same transaction; then it is done anew.
        Reversible = "reversible",
        /// It cannot be undone: nothing goes back across it.
        Once = "once",
    }
}

/// For which case an action runs.
#[derive(Clone, Debug)]
pub struct ActionCall {
    pub case: CaseId,
    pub number: String,
    pub element: String,
    pub starter: PersonId,
    /// Who has handled each step so far, the last round last.
    pub handlers: BTreeMap<String, Vec<PersonId>>,
    pub input: Map<String, Json>,
}

impl ActionCall {
    /// A text that was given.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.input.get(name).and_then(Json::as_str).map(str::trim).filter(|text| !text.is_empty())
    }

    /// A text without which the action means nothing.
    pub fn demanded(&self, name: &str) -> Result<&str, Error> {
        self.text(name).ok_or_else(|| Error::invalid(format!("/{name}"), Code::Required))
    }

    /// Who handled the step that this names, the last one of several.
    pub fn handler(&self, name: &str) -> Result<PersonId, Error> {
        let found = self.handlers.get(self.demanded(name)?).and_then(|people| people.last());
        found.copied().ok_or_else(|| Error::invalid(format!("/{name}"), Code::UnknownReference))
    }

    /// Whether something was said to be true.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        self.input.get(name) == Some(&Json::Bool(true))
    }
}

/// A typed operation of a slice.
pub trait Action: Send + Sync {
    /// Its name: `noun.verb`.
    fn name(&self) -> &'static str;
    /// What people read, in Chinese and English.
    fn title(&self) -> (&'static str, &'static str);
    /// Whoever publishes a process with it must hold this.
    fn permission(&self) -> Option<Permission>;
    /// Whether it may be done again.
    fn repeat(&self) -> Repeat;
    /// JSON Schema of what it takes.
    fn input(&self) -> Json;
    /// JSON Schema of what it gives.
    fn output(&self) -> Json;
    /// Whether it touches accounts or rights: publishing a process with it always needs the security administrator.
    fn security(&self) -> bool {
        false
    }
    /// Does it.
    fn run(&self, tx: &mut WriteTx<'_>, call: &ActionCall) -> Result<Recorded<Json>, Error>;
    /// Undoes what gave this, if it is reversible. An error stops the case from going back.
    fn undo(&self, _tx: &mut WriteTx<'_>, _call: &ActionCall, _given: &Json) -> Result<(), Error> {
        Err(Error::internal(format!("{} cannot be undone", self.name())))
    }
}

/// The actions that there are.
#[derive(Clone, Default)]
pub struct Actions(BTreeMap<&'static str, Arc<dyn Action>>);

/// An action as the catalogue shows it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ActionView {
    /// Its name.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// Whoever publishes a process with it must hold this permission.
    pub permission: Option<Permission>,
    /// Whether it may be done again.
    pub repeat: Repeat,
    /// Whether publishing a process with it always needs the security administrator.
    pub security: bool,
    /// JSON Schema of what it takes.
    #[schema(value_type = Object)]
    pub input: Json,
    /// JSON Schema of what it gives.
    #[schema(value_type = Object)]
    pub output: Json,
}

impl Actions {
    /// Those of this slice and these.
    #[must_use]
    pub fn of(others: Vec<Arc<dyn Action>>) -> Self {
        let own: [Arc<dyn Action>; 3] = [Arc::new(Notify), Arc::new(DocumentNumber), Arc::new(SendWebhook)];
        Self(own.into_iter().chain(others).map(|action| (action.name(), action)).collect())
    }

    /// One by name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<dyn Action>> {
        self.0.get(name)
    }

    /// What definitions may refer to.
    #[must_use]
    pub fn known(&self) -> Known {
        let schemas = self.0.values().map(|action| (action.name().to_owned(), (action.input(), action.output())));
        Known { actions: schemas.collect(), ..Known::default() }
    }

    /// What one is called; its name if it is not there any more.
    #[must_use]
    pub fn title(&self, name: &str, chinese: bool) -> String {
        let words = |action: &Arc<dyn Action>| if chinese { action.title().0 } else { action.title().1 };
        self.get(name).map_or(name, words).to_owned()
    }

    /// What happens when each is reached again.
    #[must_use]
    pub fn repeats(&self) -> BTreeMap<String, Repeat> {
        self.0.values().map(|action| (action.name().to_owned(), action.repeat())).collect()
    }

    /// The catalogue.
    #[must_use]
    pub fn catalogue(&self, chinese: bool) -> Vec<ActionView> {
        let view = |action: &Arc<dyn Action>| ActionView {
            name: action.name().to_owned(),
            title: if chinese { action.title().0 } else { action.title().1 }.to_owned(),
            permission: action.permission(),
            repeat: action.repeat(),
            security: action.security(),
            input: action.input(),
            output: action.output(),
        };
        self.0.values().map(view).collect()
    }
}

/// A schema of texts, of which those with `!` must be given.
#[must_use]
pub fn texts(fields: &[(&str, &str)]) -> Json {
    let properties: Map<String, Json> =
        fields.iter().map(|(name, title)| (name.trim_end_matches('!').to_owned(), json!({ "type": "string", "title": title }))).collect();
    let required: Vec<&str> = fields.iter().filter_map(|(name, _)| name.strip_suffix('!')).collect();
    json!({ "type": "object", "properties": properties, "required": required })
}

/// People by id or log-in: one, several, or a list of either.
pub fn people_of(tx: &mut db::ReadTx<'_>, given: Option<&Json>) -> Result<Vec<PersonId>, Error> {
    let texts: Vec<String> = match given {
        Some(Json::String(text)) => text.split([' ', ',', '，', '、']).filter(|text| !text.is_empty()).map(str::to_owned).collect(),
        Some(Json::Array(items)) => items.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    let mut found = Vec::new();
    for text in texts {
        let person = match text.parse::<PersonId>() {
            Ok(id) => Some(identity::directory::active_person(tx, id, "/people")?.id),
            Err(_) => identity::directory::find_person(tx, &text)?.map(|person| person.id),
        };
        found.push(person.ok_or_else(|| Error::invalid("/people", Code::UnknownReference))?);
    }
    Ok(found)
}

/// Tells people something.
struct Notify;

impl Action for Notify {
    fn name(&self) -> &'static str {
        "notify"
    }
    fn title(&self) -> (&'static str, &'static str) {
        ("通知人员", "Tell people")
    }
    fn permission(&self) -> Option<Permission> {
        None
    }
    fn repeat(&self) -> Repeat {
        Repeat::Idempotent
    }
    fn input(&self) -> Json {
        json!({ "type": "object", "required": ["text"], "properties": {
            "people": { "title": "人员", "type": ["string", "array"] }, "text": { "title": "内容", "type": "string" } } })
    }
    fn output(&self) -> Json {
        json!({ "type": "object", "properties": { "count": { "type": "integer" } } })
    }
    fn run(&self, tx: &mut WriteTx<'_>, call: &ActionCall) -> Result<Recorded<Json>, Error> {
        let text: String = call.demanded("text")?.chars().take(500).collect();
        let mut people = people_of(tx, call.input.get("people"))?;
        if people.is_empty() {
            people.push(call.starter);
        }
        let event = Event::new::<CaseKind>("notification.sent", call.case, call.number.clone()).fact("count", people.len());
        tx.record(event, |rows| {
            people.iter().try_for_each(|person| store::notify(rows, *person, Told::Process, &text, Some(call.case), None))
        })
        .map(|recorded| recorded.map(|()| json!({ "count": people.len() })))
    }
}

/// Gives a number out of a series of the year: 信息〔2026〕1号.
struct DocumentNumber;

impl Action for DocumentNumber {
    fn name(&self) -> &'static str {
        "document.number"
    }
    fn title(&self) -> (&'static str, &'static str) {
        ("编制文号", "Give a document number")
    }
    fn permission(&self) -> Option<Permission> {
        None
    }
    fn repeat(&self) -> Repeat {
        Repeat::Idempotent
    }
    fn input(&self) -> Json {
        texts(&[("kind!", "字头")])
    }
    fn output(&self) -> Json {
        texts(&[("number", "文号")])
    }
    fn run(&self, tx: &mut WriteTx<'_>, call: &ActionCall) -> Result<Recorded<Json>, Error> {
        let kind: String = call.demanded("kind")?.chars().take(20).collect();
        let year = tx.now().office_year();
        let next = store::last_number(tx, &kind, i32::from(year))? + 1;
        let number = format!("{kind}〔{year}〕{next}号");
        let event = Event::new::<CaseKind>("document.numbered", call.case, call.number.clone()).set("number", &number);
        tx.record(event, |rows| {
            store::set_last_number(rows, &kind, i32::from(year), next)?;
            Ok(json!({ "number": number }))
        })
    }
}

/// Sends a message to the webhooks that are set up.
struct SendWebhook;

impl Action for SendWebhook {
    fn name(&self) -> &'static str {
        "webhook.send"
    }
    fn title(&self) -> (&'static str, &'static str) {
        ("发送到外部系统", "Send to another system")
    }
    fn permission(&self) -> Option<Permission> {
        Some(Permission::ManageWebhooks)
    }
    fn repeat(&self) -> Repeat {
        Repeat::Reversible
    }
    fn input(&self) -> Json {
        json!({ "type": "object", "required": ["type"], "properties": {
            "type": { "title": "事件类型", "type": "string" }, "data": { "title": "数据" } } })
    }
    fn output(&self) -> Json {
        json!({ "type": "object", "properties": {
            "count": { "type": "integer" }, "deliveries": { "type": "array", "items": { "type": "string" } } } })
    }
    fn run(&self, tx: &mut WriteTx<'_>, call: &ActionCall) -> Result<Recorded<Json>, Error> {
        let body = json!({
            "type": call.demanded("type")?,
            "timestamp": tx.now().to_string(),
            "data": { "case": call.case, "number": call.number, "step": call.element, "data": call.input.get("data") },
        });
        let webhooks = store::webhooks(tx)?;
        let event = Event::new::<CaseKind>("webhook.queued", call.case, call.number.clone()).fact("count", webhooks.len());
        let body = body.to_string();
        tx.record(event, |rows| {
            let queued = webhooks.iter().map(|webhook| store::queue(rows, webhook.id, Some(call.case), &body));
            let deliveries = queued.collect::<Result<Vec<_>, _>>()?;
            Ok(json!({ "count": webhooks.len(), "deliveries": deliveries }))
        })
    }
    /// What has not left is not sent; what may have left is followed by a message that says so.
    fn undo(&self, tx: &mut WriteTx<'_>, call: &ActionCall, given: &Json) -> Result<(), Error> {
        let ids: Vec<DeliveryId> = given
            .get("deliveries")
            .map(|ids| serde_json::from_value(ids.clone()))
            .transpose()
            .map_err(Error::internal)?
            .unwrap_or_default();
        let event = Event::new::<CaseKind>("webhook.superseded", call.case, call.number.clone()).fact("count", ids.len());
        let at = tx.now().to_string();
        tx.record(event, |rows| {
            for sent in ids.iter().map(|id| store::cancel_delivery(rows, *id)).collect::<Result<Vec<_>, _>>()?.into_iter().flatten() {
                let body = json!({
                    "type": "superseded",
                    "timestamp": at,
                    "data": { "case": call.case, "number": call.number, "step": call.element, "message": sent.id },
                });
                store::queue(rows, sent.webhook_id, Some(call.case), &body.to_string())?;
            }
            Ok(())
        })
        .map(Recorded::into_inner)
    }
}
