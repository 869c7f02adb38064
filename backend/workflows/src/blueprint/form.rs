//! The form of a process: JSON Schema 2020-12 with our keywords, rights on its fields, and what people send.

use std::collections::{BTreeMap, BTreeSet};

use feel::{Context, Expression, Type, Value};
use jsonschema::{Validator, error::ValidationErrorKind};
use kernel::{Code, FieldError, Params};
use serde_json::{Map, Value as Json, json};

use super::words::FieldRight;

/// The data of a case.
pub type Data = Map<String, Json>;
/// What a step may do with each field.
pub type Rights = BTreeMap<String, FieldRight>;

/// A form that was read.
#[derive(Clone, Debug)]
pub struct Form {
    /// As it was written.
    pub schema: Json,
    /// Groups and their order.
    pub ui: Json,
    /// By name.
    pub fields: BTreeMap<String, Field>,
    /// The names in the order in which people read them.
    pub order: Vec<String>,
    /// For conditions.
    pub types: BTreeMap<String, Type>,
}

/// One field.
#[derive(Clone, Debug)]
pub struct Field {
    /// What people read.
    pub title: String,
    /// The same in English.
    pub english: Option<String>,
    /// Its schema.
    pub schema: Json,
    /// How it is filled in.
    pub widget: Option<String>,
    /// Filled in by the server.
    pub computed: Option<Expression>,
    /// Shown only if this holds.
    pub show: Option<Expression>,
    /// May be written by steps that run at the same time.
    pub shared: bool,
}

impl Field {
    /// A choice as people read it; anything else as it is.
    #[must_use]
    pub fn choice<'t>(&'t self, value: &'t str, chinese: bool) -> &'t str {
        let named = || {
            let place = self.schema.get("enum")?.as_array()?.iter().position(|choice| choice == value)?;
            self.schema.get("x-en-enum")?.get(place)?.as_str()
        };
        if chinese { value } else { named().unwrap_or(value) }
    }
}

/// What is wrong with a form.
#[derive(Clone, Debug)]
pub struct FormProblem {
    pub pointer: String,
    pub zh: String,
    pub en: String,
}

/// Widgets that the page knows.
const WIDGETS: &[&str] =
    &["textarea", "radio", "money", "person", "people", "unit", "units", "equipment", "files", "rows", "switch", "date", "select"];
/// Fields at most.
const MAX_FIELDS: usize = 200;
/// Bytes of the data of a case at most.
pub const MAX_DATA: usize = 512 * 1024;

impl Form {
    /// A form without fields.
    #[must_use]
    pub fn empty() -> Json {
        json!({ "schema": { "type": "object", "properties": {} }, "ui": { "groups": [] } })
    }

    /// Reads a form.
    pub fn read(form: &Json) -> Result<Self, Vec<FormProblem>> {
        let mut problems = Vec::new();
        let mut bad = |pointer: String, zh: &str, en: &str| problems.push(FormProblem { pointer, zh: zh.to_owned(), en: en.to_owned() });
        let schema = form.get("schema").cloned().unwrap_or_else(|| json!({ "type": "object", "properties": {} }));
        let ui = form.get("ui").cloned().unwrap_or_else(|| json!({ "groups": [] }));
        if let Err(error) = checker(&schema) {
            bad("/schema".to_owned(), &error, &error);
        }
        let types = match feel::Schema::from_json(&schema).map(|schema| schema.as_type()) {
            Ok(Type::Context(types)) => types,
            Ok(_) => BTreeMap::new(),
            Err(error) => {
                bad("/schema".to_owned(), &error.text(true), &error.text(false));
                BTreeMap::new()
            }
        };
        let mut fields = BTreeMap::new();
        for (name, field) in schema.get("properties").and_then(Json::as_object).into_iter().flatten() {
            let pointer = format!("/schema/properties/{}", escaped(name));
            let text = |keyword: &str| field.get(keyword).and_then(Json::as_str).map(str::to_owned);
            let mut expression = |keyword: &str| {
                let source = text(keyword)?;
                Expression::parse(&source)
                    .map_err(|problem| bad(format!("{pointer}/{keyword}"), &problem.text(true), &problem.text(false)))
                    .ok()
            };
            let (computed, show) = (expression("x-computed"), expression("x-show"));
            let widget = text("x-widget");
            if let Some(widget) = widget.as_deref().filter(|widget| !WIDGETS.contains(widget)) {
                bad(format!("{pointer}/x-widget"), &format!("不认识的控件 {widget}"), &format!("the widget {widget} is not known"));
            }
            if name.is_empty() || name.len() > 120 || name.contains(['`', '/', '~']) {
                bad(pointer.clone(), "字段名无效", "this is no name for a field");
            }
            fields.insert(
                name.clone(),
                Field {
                    title: text("title").unwrap_or_else(|| name.clone()),
                    english: text("x-en"),
                    schema: field.clone(),
                    widget,
                    computed,
                    show,
                    shared: field.get("x-shared") == Some(&Json::Bool(true)),
                },
            );
        }
        if fields.len() > MAX_FIELDS {
            bad("/schema/properties".to_owned(), "字段过多（上限 200）", "too many fields (at most 200)");
        }
        let mut order: Vec<String> = Vec::new();
        let layouts = ui.get("steps").and_then(Json::as_object).into_iter().flatten();
        let layouts = layouts.map(|(step, layout)| (format!("/ui/steps/{}", escaped(step)), layout));
        let groups = std::iter::once(("/ui".to_owned(), &ui)).chain(layouts).flat_map(|(at, layout)| {
            let groups = layout.get("groups").and_then(Json::as_array).into_iter().flatten().enumerate();
            groups.map(move |(place, group)| (format!("{at}/groups/{place}/fields"), group)).collect::<Vec<_>>()
        });
        for (pointer, group) in groups.collect::<Vec<_>>() {
            for name in group.get("fields").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str) {
                if !fields.contains_key(name) {
                    let pointer = pointer.clone();
                    bad(pointer, &format!("表单中没有字段“{name}”"), &format!("the form has no field {name}"));
                } else if !order.iter().any(|known| known == name) {
                    order.push(name.to_owned());
                }
            }
        }
        let rest: Vec<String> = fields.keys().filter(|name| !order.contains(name)).cloned().collect();
        order.extend(rest);
        let form = Self { schema, ui, fields, order, types };
        for (name, field) in &form.fields {
            for (keyword, expression) in [("x-computed", &field.computed), ("x-show", &field.show)] {
                let Some(expression) = expression else { continue };
                for problem in expression.check(&form.feel()).err().into_iter().flatten() {
                    let pointer = format!("/schema/properties/{}/{keyword}", escaped(name));
                    problems.push(FormProblem { pointer, zh: problem.text(true), en: problem.text(false) });
                }
            }
        }
        if problems.is_empty() { Ok(form) } else { Err(problems) }
    }

    /// The columns of a list, in their order (`x-columns`).
    #[must_use]
    pub fn columns(&self, list: &str) -> Vec<&String> {
        let schema = self.fields.get(list).map(|field| &field.schema);
        let items = schema.and_then(|schema| schema.get("items")?.get("properties")?.as_object());
        let order = schema.and_then(|schema| schema.get("x-columns")?.as_array());
        let place = |name: &str| order.and_then(|order| order.iter().position(|known| known == name)).unwrap_or(usize::MAX);
        let mut columns: Vec<&String> = items.into_iter().flatten().map(|(name, _)| name).collect();
        columns.sort_by_key(|name| place(name));
        columns
    }

    /// Columns that each line must have.
    #[must_use]
    pub fn demanded_columns(&self, list: &str) -> Vec<&str> {
        let demanded = self.fields.get(list).and_then(|field| field.schema.get("items")?.get("required")?.as_array());
        demanded.into_iter().flatten().filter_map(Json::as_str).collect()
    }

    /// The form as somebody fills it in who writes one line of a list: the columns are fields, where the list stood.
    #[must_use]
    pub fn with_line(&self, list: &str) -> Option<Self> {
        let columns: Vec<String> = self.columns(list).into_iter().cloned().collect();
        let items = self.fields.get(list)?.schema.get("items")?.get("properties")?.as_object()?.clone();
        let (mut schema, mut ui) = (self.schema.clone(), self.ui.clone());
        schema.get_mut("properties")?.as_object_mut()?.extend(items);
        let place = |layout: &mut Json| {
            for group in layout.get_mut("groups").and_then(Json::as_array_mut).into_iter().flatten() {
                if let Some(fields) = group.get_mut("fields").and_then(Json::as_array_mut)
                    && let Some(at) = fields.iter().position(|name| name == list)
                {
                    fields.splice(at..=at, columns.iter().cloned().map(Json::String));
                }
            }
        };
        place(&mut ui);
        ui.get_mut("steps").and_then(Json::as_object_mut).into_iter().flatten().for_each(|(_, layout)| place(layout));
        Self::read(&json!({ "schema": schema, "ui": ui })).ok()
    }

    /// The fields as expressions see them.
    #[must_use]
    pub fn feel(&self) -> feel::Schema {
        feel::Schema::new(self.types.clone())
    }

    /// The rights of every field, from what a step says of some and of `*`. What is computed is never written, and is as visible as the
    /// least visible of what it is computed from.
    #[must_use]
    pub fn rights(&self, said: &BTreeMap<String, FieldRight>) -> Rights {
        let otherwise = said.get("*").copied().unwrap_or(FieldRight::Hidden);
        let mut rights: Rights = self
            .fields
            .iter()
            .map(|(name, field)| {
                let right = said.get(name).copied().unwrap_or(otherwise);
                (name.clone(), if field.computed.is_some() { right.min(FieldRight::Read) } else { right })
            })
            .collect();
        let hidden: Vec<String> = self
            .fields
            .iter()
            .filter_map(|(name, field)| Some((name, field.computed.as_ref()?)))
            .filter(|(_, computed)| {
                let from = computed.names();
                from.iter().filter_map(|path| path.first()).any(|name| rights.get(name) == Some(&FieldRight::Hidden))
            })
            .map(|(name, _)| name.clone())
            .collect();
        for name in hidden {
            rights.insert(name, FieldRight::Hidden);
        }
        rights
    }

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

    /// The form as somebody with these rights may know it: what is hidden is not there.
    #[must_use]
    pub fn view(&self, rights: &Rights, step: Option<&str>) -> (Json, Json) {
        let known = |name: &str| rights.get(name).is_some_and(|right| *right != FieldRight::Hidden);
        let properties: Map<String, Json> = self
            .fields
            .iter()
            .filter(|(name, _)| known(name))
            .map(|(name, field)| {
                let mut schema = field.schema.clone();
                let names_hidden = field.show.as_ref().is_some_and(|show| show.names().iter().flatten().any(|name| !known(name)));
                if let (true, Some(schema)) = (names_hidden, schema.as_object_mut()) {
                    schema.remove("x-show");
                }
                (name.clone(), schema)
            })
            .collect();
        let mut schema = self.schema.clone();
        if let Some(schema) = schema.as_object_mut() {
            schema.insert("properties".to_owned(), Json::Object(properties));
            schema.remove("required");
        }
        // A step may have a layout of its own.
        let own = step.and_then(|step| self.ui.get("steps")?.get(step)?.get("groups"));
        let groups: Vec<Json> = own
            .or_else(|| self.ui.get("groups"))
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
            .filter_map(|group| {
                let fields = group.get("fields")?.as_array()?;
                let fields: Vec<Json> = fields.iter().filter(|name| name.as_str().is_some_and(known)).cloned().collect();
                let mut group = group.clone();
                group.as_object_mut()?.insert("fields".to_owned(), Json::Array(fields.clone()));
                (!fields.is_empty()).then_some(group)
            })
            .collect();
        (schema, json!({ "groups": groups }))
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
        let Ok(validator) = checker(&schema) else { return Vec::new() };
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

/// A validator of 2020-12 that fetches nothing.
fn checker(schema: &Json) -> Result<Validator, String> {
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .should_validate_formats(true)
        .build(schema)
        .map_err(|error| error.to_string())
}

/// A part of a JSON pointer.
#[must_use]
pub fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
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
