//! Sections of a report as maps of texts, whichever format they came in.

use std::collections::BTreeMap;

use kernel::{Code, Error};
use quick_xml::{Reader, events::Event};

/// One entry of a section: lower-case names, texts.
pub type Entry = BTreeMap<String, String>;
/// Named sections with their entries.
pub type Sections = BTreeMap<String, Vec<Entry>>;

/// What is looked at. Everything else an agent sends (environment, processes, users, …) is dropped unread.
const WANTED: &[&str] =
    &["hardware", "bios", "cpus", "memories", "storages", "networks", "operatingsystem", "softwares", "versionclient", "network_device"];
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

/// A message, read.
#[derive(Debug, Default)]
pub struct Read {
    /// What it is: `PROLOG`, `INVENTORY`, `netinventory`…
    pub query: String,
    /// Which device, by the agent's name for it.
    pub device: String,
    /// GLPI's word for the type of the device; empty if it is silent.
    pub item: String,
    /// Whether it speaks only of what changed.
    pub partial: bool,
    /// What it says.
    pub sections: Sections,
}

/// Reads an XML message. No DTD is followed, no entity expanded.
pub fn from_xml(text: &str) -> Result<Read, Error> {
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
    Ok(Read { query, device, sections, ..Read::default() })
}

/// Reads a JSON message.
pub fn from_json(text: &str) -> Result<Read, Error> {
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
    // The addresses of a network device stand in a list beside its MAC address; those of a computer with its interfaces.
    if let Some(device) = value.pointer("/content/network_device") {
        let mac = device.get("mac").and_then(text_of);
        let addresses = device.get("ips").and_then(serde_json::Value::as_array).into_iter().flatten().take(MAX_ENTRIES).filter_map(text_of);
        let entry = |address: Option<String>| -> Entry {
            let fields = [("mac", mac.clone()), ("ipaddress", address)];
            fields.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?))).collect()
        };
        let entries = std::iter::once(None).chain(addresses.map(Some)).map(entry).collect();
        sections.insert("networks".to_owned(), entries);
    }
    let word = |name: &str| value.get(name).and_then(serde_json::Value::as_str).map(short);
    Ok(Read {
        query: word("action").unwrap_or_else(|| "inventory".to_owned()),
        device: word("deviceid").unwrap_or_default(),
        item: word("itemtype").unwrap_or_default(),
        partial: value.get("partial").and_then(serde_json::Value::as_bool).unwrap_or(false),
        sections,
    })
}
