//! What stands in a form: what is computed, shown and seen of it, and what people and actions may write.

use std::collections::{BTreeMap, BTreeSet};

use feel::{Context, Type, Value};
use jsonschema::error::ValidationErrorKind;
use kernel::{Code, FieldError, Params};
use serde_json::{Map, Value as Json, json};

use super::{
    form::{Form, Rights, checker, escaped},
    words::FieldRight,
};

/// The data of a case.
pub type Data = Map<String, Json>;

/// Bytes of the data of a case at most.
pub const MAX_DATA: usize = 512 * 1024;

impl Form {
    /// Whether a field is shown, given the others.
    fn shown(&self, name: &str, context: &Context<'_>) -> bool {
        let show = self.fields.get(name).and_then(|field| field.show.as_ref());
        show.is_none_or(|show| show.evaluate(context).is_ok_and(|value| value.is_true()))
    }

    /// The data as expressions see them.
    #[must_use]
    pub fn context(&self, data: &Data) -> Context<'static> {
        context_of(data.clone(), &self.types)
    }

    /// Writes what came from elsewhere than people; null takes a value away. Which value a field refuses, and why.
    pub fn written(&self, data: &Data, values: Data) -> Result<Data, String> {
        let mut next = data.clone();
        let names: Vec<String> = values.keys().cloned().collect();
        for (name, value) in values {
            if value.is_null() { drop(next.remove(&name)) } else { drop(next.insert(name, value)) }
        }
        let refused = self.wrong_values(&next, &names.iter().collect());
        if refused.is_empty() {
            return Ok(self.computed(next));
        }
        Err(crate::said::both(|chinese| {
            let said = refused.iter().map(|refused| {
                format!("{}: {}", refused.pointer.trim_start_matches("/data/"), refused.code.text(chinese, &refused.params))
            });
            said.collect::<Vec<_>>().join("; ")
        }))
    }

    /// Fills in what is computed, in as many rounds as there are fields that depend on each other.
    #[must_use]
    pub fn computed(&self, mut data: Data) -> Data {
        for _ in 0..self.fields.len() {
            let context = self.context(&data);
            let mut changed = false;
            for (name, field) in &self.fields {
                let Some(computed) = &field.computed else { continue };
                let value = computed.evaluate(&context).map_or(Json::Null, |value| value.to_json());
                let before = data.get(name).cloned().unwrap_or(Json::Null);
                if before != value {
                    changed = true;
                    if value.is_null() { drop(data.remove(name)) } else { drop(data.insert(name.clone(), value)) }
                }
            }
            if !changed {
                break;
            }
        }
        data
    }

    /// What somebody with these rights sees of the data.
    #[must_use]
    pub fn visible(&self, data: &Data, rights: &Rights) -> Data {
        let context = self.context(data);
        let seen = |name: &String| rights.get(name).is_some_and(|right| *right != FieldRight::Hidden) && self.shown(name, &context);
        data.iter().filter(|(name, _)| seen(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// Takes what somebody sends: only what the rights allow, each value by its schema; null takes a value away. With `whole`, what is
    /// required must be there then. The refusals point below `/data`.
    pub fn patched(&self, data: &Data, patch: &Data, rights: &Rights, whole: bool) -> Result<Data, Vec<FieldError>> {
        let mut refused = Vec::new();
        let mut say = |pointer: String, code: Code, params: Params| refused.push(FieldError { pointer, code, params });
        let mut next = data.clone();
        for (name, value) in patch {
            match rights.get(name) {
                Some(right) if right.writes() => {
                    if value.is_null() {
                        drop(next.remove(name))
                    } else {
                        drop(next.insert(name.clone(), value.clone()))
                    }
                }
                // Sending back unchanged what may be read does no harm.
                Some(FieldRight::Read) if data.get(name).unwrap_or(&Json::Null) == value => {}
                Some(FieldRight::Read) => say(format!("/data/{}", escaped(name)), Code::FieldReadOnly, Params::new()),
                _ => say(format!("/data/{}", escaped(name)), Code::Unknown, Params::new()),
            }
        }
        let next = self.computed(next);
        if Json::Object(next.clone()).to_string().len() > MAX_DATA {
            say("/data".to_owned(), Code::TooLong, [("max", MAX_DATA.to_string())].into());
        }
        let context = self.context(&next);
        let written: BTreeSet<&String> = rights.iter().filter(|(_, right)| right.writes()).map(|(name, _)| name).collect();
        for name in &written {
            let empty = match next.get(*name) {
                None | Some(Json::Null) => true,
                Some(Json::String(text)) => text.trim().is_empty(),
                Some(Json::Array(items)) => items.is_empty(),
                Some(_) => false,
            };
            if empty && whole && rights.get(*name) == Some(&FieldRight::Required) && self.shown(name, &context) {
                say(format!("/data/{}", escaped(name)), Code::Required, Params::new());
            }
        }
        refused.extend(self.wrong_values(&next, &written));
        if refused.is_empty() { Ok(next) } else { Err(refused) }
    }

    /// What of these fields has a value that its schema refuses.
    fn wrong_values(&self, data: &Data, fields: &BTreeSet<&String>) -> Vec<FieldError> {
        let properties: Map<String, Json> =
            fields.iter().filter_map(|name| Some(((*name).clone(), self.fields.get(*name)?.schema.clone()))).collect();
        let mut schema = json!({ "type": "object", "properties": properties });
        if let (Some(definitions), Some(schema)) = (self.schema.get("$defs"), schema.as_object_mut()) {
            schema.insert("$defs".to_owned(), definitions.clone());
        }
        let validator = match checker(&schema) {
            Ok(validator) => validator,
            Err(reason) => {
                return vec![FieldError { pointer: "/data".to_owned(), code: Code::WrongType, params: [("reason", reason)].into() }];
            }
        };
        let given: Data =
            data.iter().filter(|(name, _)| fields.contains(name)).map(|(name, value)| (name.clone(), value.clone())).collect();
        validator.iter_errors(&Json::Object(given)).take(50).map(|error| field_error(&error)).collect()
    }

    /// People, units and so on that stand in fields of a widget.
    pub fn values_of<'a>(&'a self, data: &'a Data, widgets: &'a [&str]) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.fields
            .iter()
            .filter(|(_, field)| field.widget.as_deref().is_some_and(|widget| widgets.contains(&widget)))
            .filter_map(|(name, _)| Some((name.as_str(), data.get(name)?)))
            .flat_map(|(name, value)| {
                let several: Vec<&str> = match value {
                    Json::String(one) => vec![one.as_str()],
                    Json::Array(items) => items.iter().filter_map(Json::as_str).collect(),
                    _ => Vec::new(),
                };
                several.into_iter().map(move |one| (name, one))
            })
    }
}

/// What expressions see of these values. A value that its field's type refuses, as a form that changed meanwhile may, is not seen;
/// the others are.
pub fn context_of(mut data: Data, types: &BTreeMap<String, Type>) -> Context<'static> {
    let read = |data: &Data| Value::from_json(&Json::Object(data.clone()), &Type::Context(types.clone()));
    let value = read(&data).or_else(|_| {
        data.retain(|name, value| types.get(name).is_some_and(|of| Value::from_json(value, of).is_ok()));
        read(&data)
    });
    value.map(|value| Context::of(&value)).unwrap_or_default()
}

fn field_error(error: &jsonschema::ValidationError<'_>) -> FieldError {
    use ValidationErrorKind as Kind;
    let mut pointer = format!("/data{}", error.instance_path());
    let mut params = Params::new();
    let mut between = |min: &dyn std::fmt::Display, max: &dyn std::fmt::Display| {
        params.insert("min", min.to_string());
        params.insert("max", max.to_string());
    };
    let code = match error.kind() {
        Kind::MaxLength { limit } => {
            params.insert("max", limit.to_string());
            Code::TooLong
        }
        Kind::MinLength { limit } => {
            params.insert("min", limit.to_string());
            Code::TooShort
        }
        Kind::Minimum { limit } | Kind::ExclusiveMinimum { limit } => {
            between(limit, &"∞");
            Code::OutOfRange
        }
        Kind::Maximum { limit } | Kind::ExclusiveMaximum { limit } => {
            between(&"-∞", limit);
            Code::OutOfRange
        }
        Kind::MaxItems { limit } => {
            between(&0, limit);
            Code::OutOfRange
        }
        Kind::MinItems { limit } => {
            between(limit, &"∞");
            Code::OutOfRange
        }
        Kind::Enum { .. } | Kind::Constant { .. } => Code::NotAChoice,
        Kind::Required { property } => {
            pointer = format!("{pointer}/{}", escaped(property.as_str().unwrap_or_default()));
            Code::Required
        }
        Kind::AdditionalProperties { .. } | Kind::UnevaluatedProperties { .. } => Code::Unknown,
        Kind::UniqueItems => Code::Duplicate,
        Kind::Type { .. } => {
            params.insert("reason", error.to_string());
            Code::WrongType
        }
        _ => Code::BadFormat,
    };
    FieldError { pointer, code, params }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    fn form() -> Form {
        Form::read(&json!({
            "schema": { "type": "object", "properties": {
                "名称": { "type": "string", "maxLength": 10 },
                "数量": { "type": "integer", "minimum": 1 },
                "单价": { "type": "number" },
                "金额": { "type": "number", "x-computed": "数量 * 单价" },
                "紧急": { "type": "boolean" },
                "理由": { "type": "string", "x-show": "紧急" },
                "明细": { "type": "array", "x-widget": "rows",
                          "items": { "type": "object", "properties": { "型号": { "type": "string" } }, "required": ["型号"] } },
            } },
            "ui": { "groups": [{ "title": "基本", "fields": ["数量", "名称"] }] },
        }))
        .unwrap()
    }

    fn object(json: Json) -> Data {
        json.as_object().unwrap().clone()
    }

    fn rights(said: &[(&str, FieldRight)]) -> Rights {
        form().rights(&said.iter().map(|(name, right)| ((*name).to_owned(), *right)).collect())
    }

    #[test]
    fn what_is_not_named_is_hidden_both_ways() {
        let rights = rights(&[("名称", FieldRight::Edit)]);
        let data = object(json!({ "名称": "甲", "数量": 2 }));
        assert_eq!(form().visible(&data, &rights), object(json!({ "名称": "甲" })));
        let refused = form().patched(&data, &object(json!({ "数量": 3 })), &rights, true).unwrap_err();
        assert_eq!((refused[0].pointer.as_str(), refused[0].code), ("/data/数量", Code::Unknown));
        let (schema, ui) = form().view(&rights, None);
        assert_eq!(schema["properties"].as_object().unwrap().keys().collect::<Vec<_>>(), ["名称"]);
        assert_eq!(ui["groups"][0]["fields"], json!(["名称"]));
    }

    #[test]
    fn a_computed_field_is_as_visible_as_the_least_visible_of_its_inputs() {
        assert_eq!(rights(&[("*", FieldRight::Edit)])["金额"], FieldRight::Read);
        assert_eq!(rights(&[("*", FieldRight::Edit), ("单价", FieldRight::Hidden)])["金额"], FieldRight::Hidden);
    }

    #[test]
    fn what_is_computed_follows_and_cannot_be_sent() {
        let all = rights(&[("*", FieldRight::Edit)]);
        let data = form().patched(&Data::new(), &object(json!({ "数量": 3, "单价": 0.1 })), &all, true).unwrap();
        assert_eq!(data["金额"], json!(0.3));
        let refused = form().patched(&data, &object(json!({ "金额": 9 })), &all, true).unwrap_err();
        assert_eq!(refused[0].code, Code::FieldReadOnly);
    }

    #[test]
    fn what_is_not_shown_is_not_demanded() {
        let all = rights(&[("*", FieldRight::Edit), ("理由", FieldRight::Required)]);
        assert!(form().patched(&Data::new(), &object(json!({ "紧急": false })), &all, true).is_ok());
        let refused = form().patched(&Data::new(), &object(json!({ "紧急": true })), &all, true).unwrap_err();
        assert_eq!((refused[0].pointer.as_str(), refused[0].code), ("/data/理由", Code::Required));
        // A draft may lack it.
        assert!(form().patched(&Data::new(), &object(json!({ "紧急": true })), &all, false).is_ok());
    }

    #[test]
    fn wrong_values_are_named_where_they_stand() {
        let all = rights(&[("*", FieldRight::Edit)]);
        let sent = json!({ "名称": "一二三四五六七八九十十一", "数量": 0, "明细": [{ "型号": 1 }, {}], "单价": "x" });
        let refused = form().patched(&Data::new(), &object(sent), &all, true).unwrap_err();
        let mut found: Vec<(&str, Code)> = refused.iter().map(|error| (error.pointer.as_str(), error.code)).collect();
        found.sort_unstable();
        let expected = [
            ("/data/单价", Code::WrongType),
            ("/data/名称", Code::TooLong),
            ("/data/数量", Code::OutOfRange),
            ("/data/明细/0/型号", Code::WrongType),
            ("/data/明细/1/型号", Code::Required),
        ];
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(found, expected);
    }
}
