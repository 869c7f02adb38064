//! Sections of a report as maps of texts, whichever format they came in.

use std::collections::BTreeMap;

use kernel::{Code, Error};
use quick_xml::{Reader, events::Event};

/// One entry of a section: lower-case names, texts.
pub type Entry = BTreeMap<String, String>;
/// Named sections with their entries.
pub type Sections = BTreeMap<String, Vec<Entry>>;

/// What is looked at. Everything else an agent sends (environment, processes, users, …) is dropped unread.
const WANTED: &[&str] = &["hardware", "bios", "cpus", "memories", "storages", "networks", "operatingsystem", "softwares", "versionclient"];
/// Entries of one section.
const MAX_ENTRIES: usize = 20_000;
const MAX_TEXT: usize = 300;
const MAX_DEPTH: usize = 32;

pub(super) fn unreadable(reason: impl std::fmt::Display) -> Error {
    Error::new(Code::InventoryUnreadable).with("reason", reason)
}

fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MAX_TEXT).collect::<String>().trim().to_owned()
}

/// The query, the device and the sections of an XML message. No DTD is followed, no entity expanded.
pub fn from_xml(text: &str) -> Result<(String, String, Sections), Error> {
    let mut reader = Reader::from_str(text);
    let (mut query, mut device) = (String::new(), String::new());
    let mut sections = Sections::new();
    let mut path: Vec<String> = Vec::new();
    let mut value = String::new();
    loop {
        match reader.read_event().map_err(unreadable)? {
            Event::DocType(_) => return Err(unreadable("a document type is not accepted")),
            Event::Start(start) => {
                path.push(String::from_utf8_lossy(start.name().as_ref()).to_lowercase());
                if path.len() > MAX_DEPTH {
                    return Err(unreadable("nested too deeply"));
                }
                value.clear();
                if let [_, content, section] = path.as_slice()
                    && content == "content"
                    && WANTED.contains(&section.as_str())
                {
                    let entries = sections.entry(section.clone()).or_default();
                    if entries.len() >= MAX_ENTRIES {
                        return Err(unreadable("too many entries"));
                    }
                    entries.push(Entry::new());
                }
            }
            Event::Text(text) => value.push_str(&text.decode().map_err(unreadable)?),
            Event::CData(text) => value.push_str(&text.decode().map_err(unreadable)?),
            Event::GeneralRef(reference) => {
                let name = reference.decode().map_err(unreadable)?;
                value.push_str(match name.as_ref() {
                    "amp" => "&",
                    "lt" => "<",
                    "gt" => ">",
                    "quot" => "\"",
                    "apos" => "'",
                    _ => " ",
                });
            }
            Event::End(_) => {
                match path.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
                    ["request", "query"] => query = short(&value),
                    ["request", "deviceid"] => device = short(&value),
                    ["request", "content", "versionclient"] => {
                        sections.insert("versionclient".to_owned(), vec![Entry::from([("name".to_owned(), short(&value))])]);
                    }
                    ["request", "content", section, field] => {
                        if let Some(entry) = sections.get_mut(*section).and_then(|entries| entries.last_mut())
                            && !value.trim().is_empty()
                        {
                            entry.entry((*field).to_owned()).or_insert_with(|| short(&value));
                        }
                    }
                    _ => {}
                }
                path.pop();
                value.clear();
            }
            Event::Eof => break,
            _ => {}
        }
    }
    if !path.is_empty() {
        return Err(unreadable("the document ends early"));
    }
    Ok((query, device, sections))
}

/// The same of a JSON message.
pub fn from_json(text: &str) -> Result<(String, String, Sections), Error> {
    let value: serde_json::Value = serde_json::from_str(text).map_err(unreadable)?;
    let text_of = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => Some(short(text)),
        serde_json::Value::Number(number) => Some(number.to_string()),
        serde_json::Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    };
    let entry_of = |value: &serde_json::Value| -> Entry {
        let fields = value.as_object().into_iter().flatten();
        fields.filter_map(|(name, value)| Some((name.to_lowercase(), text_of(value)?))).filter(|(_, text)| !text.is_empty()).collect()
    };
    let mut sections = Sections::new();
    for (name, section) in value.get("content").and_then(|content| content.as_object()).into_iter().flatten() {
        if !WANTED.contains(&name.as_str()) {
            continue;
        }
        let entries: Vec<Entry> = match section {
            serde_json::Value::Array(items) if items.len() > MAX_ENTRIES => return Err(unreadable("too many entries")),
            serde_json::Value::Array(items) => items.iter().map(entry_of).collect(),
            serde_json::Value::String(text) => vec![Entry::from([("name".to_owned(), short(text))])],
            other => vec![entry_of(other)],
        };
        sections.insert(name.clone(), entries);
    }
    let action = value.get("action").and_then(|action| action.as_str()).unwrap_or("inventory").to_owned();
    let device = value.get("deviceid").and_then(|device| device.as_str()).map(short).unwrap_or_default();
    Ok((action, device, sections))
}
