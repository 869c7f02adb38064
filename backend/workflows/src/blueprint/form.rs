//! The form of a process: JSON Schema 2020-12 with our keywords, and rights on its fields. What stands in it is in [`super::values`].

use std::collections::BTreeMap;

use feel::{Expression, Type};
use jsonschema::Validator;
use serde_json::{Map, Value as Json, json};

use super::words::FieldRight;

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
const WIDGETS: &[&str] = &[
    "textarea",
    "radio",
    "money",
    "person",
    "people",
    "unit",
    "units",
    "equipment",
    "dataset",
    "files",
    "rows",
    "switch",
    "date",
    "select",
];
/// Fields at most.
const MAX_FIELDS: usize = 200;

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
}

/// A validator of 2020-12 that fetches nothing.
pub(super) fn checker(schema: &Json) -> Result<Validator, String> {
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
