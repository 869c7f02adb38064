//! Which events there are, and which facts they carry.

use std::collections::BTreeMap;

use feel::{Schema, Type, Value};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use utoipa::ToSchema;

/// An event that something can emit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EventKind {
    /// `noun.participle`
    pub name: String,
    /// What people call it.
    #[serde(default)]
    pub title: String,
    /// In English.
    #[serde(default)]
    pub en: String,
    /// Its impersonal attributes with their types: string, number, boolean, date.
    #[serde(default)]
    pub facts: BTreeMap<String, String>,
}

/// All of them, by name.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    events: BTreeMap<String, EventKind>,
}

impl Catalogue {
    /// These events; where a name comes twice the facts are put together, the first title stays.
    #[must_use]
    pub fn of(all: impl IntoIterator<Item = EventKind>) -> Self {
        let mut events: BTreeMap<String, EventKind> = BTreeMap::new();
        for event in all {
            match events.get_mut(&event.name) {
                Some(known) => known.facts.extend(event.facts),
                None => drop(events.insert(event.name.clone(), event)),
            }
        }
        Self { events }
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&EventKind> {
        self.events.get(name)
    }

    /// All.
    pub fn all(&self) -> impl Iterator<Item = &EventKind> {
        self.events.values()
    }
}

impl EventKind {
    /// What a condition on it may read.
    pub(crate) fn schema(&self) -> Result<Schema, feel::EvalError> {
        let property = |kind: &str| match kind {
            "number" => json!({ "type": "number" }),
            "boolean" => json!({ "type": "boolean" }),
            "date" => json!({ "type": "string", "format": "date" }),
            _ => json!({ "type": "string" }),
        };
        let properties: Map<String, Json> = self.facts.iter().map(|(name, kind)| (name.clone(), property(kind))).collect();
        Schema::from_json(&json!({ "properties": properties }))
    }

    /// The facts of a record, as a condition reads them: a text that is not of its type is no value.
    pub(crate) fn typed(&self, facts: &BTreeMap<String, String>) -> impl Iterator<Item = (String, Value)> {
        let value = |kind: &str, text: &str| match kind {
            "number" => Value::from_json_text(text, &Type::Number),
            "boolean" => Value::from_json_text(text, &Type::Boolean),
            "date" => Value::from_json_text(&Json::from(text).to_string(), &Type::Date),
            _ => Ok(Value::text(text)),
        };
        let of = move |(name, text): (&String, &String)| Some((name.clone(), value(self.facts.get(name)?, text).unwrap_or(Value::Null)));
        facts.iter().filter_map(of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_not_of_its_type_is_no_value() {
        let texts =
            |all: &[(&str, &str)]| all.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect::<BTreeMap<_, _>>();
        let kinds = texts(&[("amount", "number"), ("urgent", "boolean"), ("due", "date"), ("kind", "string")]);
        let event = EventKind { name: "thing.done".to_owned(), facts: kinds, ..EventKind::default() };
        let typed =
            |all: &[(&str, &str)]| event.typed(&texts(all)).map(|(name, value)| (name, value.to_json())).collect::<BTreeMap<_, _>>();
        let right = typed(&[("amount", "12.50"), ("urgent", "true"), ("due", "2026-11-28"), ("kind", "5"), ("other", "5")]);
        let expected = [("amount", json!(12.5)), ("due", json!("2026-11-28")), ("kind", json!("5")), ("urgent", json!(true))];
        assert_eq!(right, expected.map(|(name, value)| (name.to_owned(), value)).into());
        for wrong in ["much", "1e400", "\"5\"", "[1]", "", "2026-02-30", "null"] {
            let found = typed(&[("amount", wrong), ("urgent", wrong), ("due", wrong)]);
            assert_eq!(found.len(), 3, "{wrong}");
            assert!(found.values().all(Json::is_null), "{wrong}: {found:?}");
        }
    }
}
