//! The types of the fields that an expression can read, taken from a form's JSON Schema (2020-12).

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::{Code, EvalError, Type};

/// Nested deeper, a schema is refused.
const MAX_DEPTH: usize = 32;
/// So many types at most, however often definitions are used.
const MAX_TYPES: usize = 10_000;

/// The fields that an expression can read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schema {
    pub(crate) fields: BTreeMap<String, Type>,
}

impl Schema {
    /// These fields.
    #[must_use]
    pub fn new<K: Into<String>>(fields: impl IntoIterator<Item = (K, Type)>) -> Self {
        Self { fields: fields.into_iter().map(|(name, of)| (name.into(), of)).collect() }
    }

    /// The fields of a JSON Schema of an object: `type`, `format`, `properties`, `items`, `enum`, `const`, and `$ref` to
    /// its own `$defs`. What it says beyond that makes no difference to the types.
    pub fn from_json(schema: &Json) -> Result<Self, EvalError> {
        match (Reader { root: schema, types: 0, references: Vec::new() }).read(schema, 0)? {
            Type::Context(fields) => Ok(Self { fields }),
            _ => Err(bad("an object with properties is needed")),
        }
    }

    /// The type of all fields together.
    #[must_use]
    pub fn as_type(&self) -> Type {
        Type::Context(self.fields.clone())
    }
}

fn bad(reason: &str) -> EvalError {
    EvalError::new(Code::BadSchema).with("reason", reason)
}

struct Reader<'a> {
    root: &'a Json,
    types: usize,
    /// Those that are being followed, so that a definition that contains itself ends.
    references: Vec<&'a str>,
}

impl<'a> Reader<'a> {
    fn read(&mut self, schema: &'a Json, depth: usize) -> Result<Type, EvalError> {
        self.types += 1;
        if depth > MAX_DEPTH || self.types > MAX_TYPES {
            return Err(bad("too large or nested too deeply"));
        }
        if let Some(reference) = schema.get("$ref").and_then(Json::as_str) {
            return self.follow(reference, depth);
        }
        if let Some(values) = schema.get("enum").and_then(Json::as_array) {
            return Ok(choice(values));
        }
        if let Some(value) = schema.get("const") {
            return Ok(choice(std::slice::from_ref(value)));
        }
        if let Some(options) = ["anyOf", "oneOf", "allOf"].iter().find_map(|word| schema.get(word)).and_then(Json::as_array) {
            return self.one_of(options, depth);
        }
        match kind(schema) {
            Some("boolean") => Ok(Type::Boolean),
            Some("number" | "integer") => Ok(Type::Number),
            Some("null") => Ok(Type::Null),
            Some("string") => Ok(text(schema.get("format").and_then(Json::as_str))),
            Some("array") => match schema.get("items") {
                Some(items) => Ok(Type::list(self.read(items, depth + 1)?)),
                None => Ok(Type::list(Type::Any)),
            },
            _ => self.object(schema, depth),
        }
    }

    fn object(&mut self, schema: &'a Json, depth: usize) -> Result<Type, EvalError> {
        let Some(properties) = schema.get("properties").and_then(Json::as_object) else { return Ok(Type::Any) };
        let mut fields = BTreeMap::new();
        for (name, property) in properties {
            fields.insert(name.clone(), self.read(property, depth + 1)?);
        }
        Ok(Type::Context(fields))
    }

    /// What the options have in common; if nothing, any.
    fn one_of(&mut self, options: &'a [Json], depth: usize) -> Result<Type, EvalError> {
        let mut common = Some(Type::Null);
        for option in options {
            let option = self.read(option, depth + 1)?;
            common = common.and_then(|common| common.or(option));
        }
        Ok(common.unwrap_or(Type::Any))
    }

    fn follow(&mut self, reference: &'a str, depth: usize) -> Result<Type, EvalError> {
        if self.references.contains(&reference) {
            return Ok(Type::Any);
        }
        let local = reference.strip_prefix('#').filter(|pointer| pointer.starts_with("/$defs/"));
        let root = self.root;
        let target = local.and_then(|pointer| root.pointer(pointer)).ok_or_else(|| bad(reference))?;
        self.references.push(reference);
        let found = self.read(target, depth + 1);
        self.references.pop();
        found
    }
}

/// `"string"` and `["string", "null"]` are the same: any field can be missing. Several types are any.
fn kind(schema: &Json) -> Option<&str> {
    match schema.get("type")? {
        Json::String(kind) => Some(kind),
        Json::Array(kinds) => {
            let mut kinds = kinds.iter().filter_map(Json::as_str).filter(|kind| *kind != "null");
            kinds.next().filter(|_| kinds.next().is_none())
        }
        _ => None,
    }
}

fn text(format: Option<&str>) -> Type {
    match format {
        Some("date") => Type::Date,
        Some("time") => Type::Time,
        Some("date-time") => Type::DateTime,
        Some("duration") => Type::DaysDuration,
        _ => Type::String,
    }
}

/// The type of a value that is one of these.
fn choice(values: &[Json]) -> Type {
    let texts: Vec<String> = values.iter().filter_map(Json::as_str).map(str::to_owned).collect();
    if !texts.is_empty() && values.iter().all(|value| value.is_string() || value.is_null()) {
        return Type::Choice(texts);
    }
    let types = values.iter().map(|value| match value {
        Json::Null => Type::Null,
        Json::Bool(_) => Type::Boolean,
        Json::Number(_) => Type::Number,
        Json::String(_) => Type::String,
        Json::Array(_) | Json::Object(_) => Type::Any,
    });
    types.map(Some).reduce(|left, right| left?.or(right?)).flatten().unwrap_or(Type::Any)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_form_becomes_fields_with_types() {
        let schema = json!({
            "type": "object",
            "properties": {
                "金额": { "type": "number" },
                "部门": { "enum": ["信息中心", "财务部", null] },
                "日期": { "type": ["string", "null"], "format": "date" },
                "明细": { "type": "array", "items": { "$ref": "#/$defs/行" } },
                "其他": {},
            },
            "$defs": { "行": { "type": "object", "properties": { "单价": { "type": "integer" }, "下级": { "$ref": "#/$defs/行" } } } },
        });
        let row = Type::Context([("单价".to_owned(), Type::Number), ("下级".to_owned(), Type::Any)].into());
        let expected = Schema::new([
            ("金额", Type::Number),
            ("部门", Type::Choice(vec!["信息中心".to_owned(), "财务部".to_owned()])),
            ("日期", Type::Date),
            ("明细", Type::list(row)),
            ("其他", Type::Any),
        ]);
        assert_eq!(Schema::from_json(&schema).unwrap(), expected);
    }

    #[test]
    fn references_outside_and_explosions_are_refused() {
        let outside = json!({ "properties": { "a": { "$ref": "https://example.org/x" } } });
        assert_eq!(Schema::from_json(&outside).unwrap_err().code, Code::BadSchema);
        let mut definitions = serde_json::Map::new();
        for level in 0..12 {
            let next = json!({ "$ref": format!("#/$defs/d{}", level + 1) });
            definitions.insert(format!("d{level}"), json!({ "properties": { "a": next, "b": next, "c": next } }));
        }
        definitions.insert("d12".to_owned(), json!({ "type": "string" }));
        // Twelve definitions, half a million fields.
        let bomb = json!({ "properties": { "a": { "$ref": "#/$defs/d0" } }, "$defs": definitions });
        assert_eq!(Schema::from_json(&bomb).unwrap_err().code, Code::BadSchema);
    }
}
