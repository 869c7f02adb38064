//! The log as an object-centric event log (OCEL 2.0, JSON), for tools of process mining.
//!
//! A record is an event; what it is about and what it touches are its objects, with the role as qualifier. Refusals are left out: nothing
//! happened to the object.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Error, Ts, Uuid, may};
use serde_json::{Value, json};
use web::{ApiError, Download, Guard};

use super::{Pieces, Whole};
use crate::ledger::Entry;

/// What is told of an event beside its type and time.
const ATTRIBUTES: [&str; 3] = ["actor", "actor_kind", "leaf"];

/// What was seen so far.
#[derive(Default)]
struct Seen {
    events: BTreeMap<String, BTreeSet<String>>,
    /// Kind, name and when it was first named.
    objects: BTreeMap<Uuid, (String, String, Ts)>,
}

impl Seen {
    fn object(&mut self, id: Uuid, kind: &str, label: &str, at: Ts) {
        let known = self.objects.entry(id).or_insert_with(|| (kind.to_owned(), String::new(), at));
        if known.1.is_empty() {
            label.clone_into(&mut known.1);
        }
    }

    fn event(&mut self, entry: &Entry) -> Value {
        let facts = self.events.entry(entry.action.clone()).or_default();
        facts.extend(entry.facts.keys().cloned());
        let said = [
            ("actor", entry.actor.map(|id| id.to_string()).unwrap_or_default()),
            ("actor_kind", entry.actor_kind.clone()),
            ("leaf", entry.index.to_string()),
        ];
        let own = said.iter().map(|(name, value)| json!({ "name": name, "value": value }));
        let facts = entry.facts.iter().filter(|(name, _)| !ATTRIBUTES.contains(&name.as_str()));
        let attributes: Vec<Value> = own.chain(facts.map(|(name, value)| json!({ "name": name, "value": value }))).collect();
        let mut related = vec![json!({ "objectId": entry.subject, "qualifier": "subject" })];
        self.object(entry.subject, &entry.subject_kind, &entry.label, entry.time);
        for touched in &entry.related {
            related.push(json!({ "objectId": touched.id, "qualifier": touched.role }));
            self.object(touched.id, &touched.kind, &touched.label, entry.time);
        }
        json!({
            "id": entry.id,
            "type": entry.action,
            "time": entry.happened(),
            "attributes": attributes,
            "relationships": related,
        })
    }

    /// What comes after the events: the objects, and the types of both.
    fn rest(self) -> [(&'static str, Vec<Value>); 3] {
        let string = |name: &str| json!({ "name": name, "type": "string" });
        let events = self.events.into_iter().map(|(name, facts)| {
            let facts = facts.into_iter().filter(|name| !ATTRIBUTES.contains(&name.as_str()));
            let attributes: Vec<Value> = ATTRIBUTES.iter().map(|name| string(name)).chain(facts.map(|name| string(&name))).collect();
            json!({ "name": name, "attributes": attributes })
        });
        let events = events.collect();
        let mut kinds: Vec<&str> = self.objects.values().map(|(kind, ..)| kind.as_str()).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let kinds = kinds.into_iter().map(|kind| json!({ "name": kind, "attributes": [string("label")] })).collect();
        let objects = self.objects.iter().map(|(id, (kind, label, at))| {
            let attributes = if label.is_empty() { json!([]) } else { json!([{ "name": "label", "time": at, "value": label }]) };
            json!({ "id": id, "type": kind, "attributes": attributes, "relationships": [] })
        });
        [("objects", objects.collect()), ("objectTypes", kinds), ("eventTypes", events)]
    }
}

/// Pieces of the file.
async fn write(log: Whole, pieces: Pieces) -> Result<(), Error> {
    let send = async |text: String| pieces.send(Ok(text.into())).await.map_err(|_| Error::internal("the reader has gone"));
    let (mut seen, mut from, mut first) = (Seen::default(), 0, true);
    send("{\"events\":[".to_owned()).await?;
    loop {
        let entries = log.from(from).await?;
        let Some(last) = entries.last() else { break };
        from = last.index + 1;
        let mut text = String::new();
        for entry in entries.iter().filter(|entry| entry.outcome == "success") {
            if !std::mem::take(&mut first) {
                text.push(',');
            }
            text.push_str(&seen.event(entry).to_string());
        }
        send(text).await?;
    }
    send("]".to_owned()).await?;
    for (name, list) in seen.rest() {
        send(format!(",\"{name}\":[")).await?;
        for (place, part) in list.chunks(1_000).enumerate() {
            let part: Vec<String> = part.iter().map(Value::to_string).collect();
            send(format!("{}{}", if place > 0 { "," } else { "" }, part.join(","))).await?;
        }
        send("]".to_owned()).await?;
    }
    send("}".to_owned()).await
}

/// GET /log/ocel
pub async fn export(call: Guard<may::ReadRecords>) -> Result<Download, ApiError> {
    super::whole_log(&call, "ocel", "application/json", "ocel.json", write).await
}
