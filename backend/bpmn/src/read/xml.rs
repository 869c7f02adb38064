//! An XML text as a tree: namespaces resolved, sizes bounded, no document types and no entities but the five.

use std::collections::BTreeMap;

use quick_xml::{
    NsReader,
    events::{BytesStart, Event},
    name::{PrefixDeclaration, ResolveResult},
};

use crate::finding::{Finding, Rule};

/// Elements at most.
const MAX_ELEMENTS: usize = 20_000;
/// Elements inside each other at most.
const MAX_DEPTH: usize = 64;
/// Bytes at most.
pub const MAX_BYTES: usize = 4 << 20;

/// One element.
#[derive(Clone, Debug, Default)]
pub struct Element {
    /// The namespace; empty if none.
    pub namespace: String,
    /// The name without its prefix.
    pub name: String,
    /// Attributes by name; those of a namespace as `{namespace}name`.
    pub attributes: BTreeMap<String, String>,
    /// What is inside.
    pub children: Vec<Element>,
    /// The text directly inside.
    pub text: String,
}

impl Element {
    /// An attribute without namespace.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }
}

fn bad(text: &str, position: u64, reason: impl std::fmt::Display) -> Finding {
    let before = text.get(..usize::try_from(position).unwrap_or(usize::MAX).min(text.len())).unwrap_or(text);
    Finding::of_file(Rule::NotXml).with("line", before.matches('\n').count() + 1).with("reason", reason)
}

/// Reads a text into its root element.
pub fn parse(text: &str) -> Result<Element, Finding> {
    if text.len() > MAX_BYTES {
        return Err(Finding::of_file(Rule::TooLarge).with("what", "MiB").with("limit", MAX_BYTES >> 20));
    }
    let mut reader = NsReader::from_str(text.trim_start_matches('\u{feff}'));
    let mut open: Vec<Element> = Vec::new();
    let mut root: Option<Element> = None;
    let mut count = 0;
    loop {
        let at = reader.buffer_position();
        let event = reader.read_event().map_err(|error| bad(text, reader.error_position(), error))?;
        match event {
            Event::Start(start) => {
                count += 1;
                if count > MAX_ELEMENTS || open.len() >= MAX_DEPTH {
                    return Err(Finding::of_file(Rule::TooLarge).with("what", "elements").with("limit", MAX_ELEMENTS));
                }
                if root.is_some() {
                    return Err(bad(text, at, "a second root"));
                }
                open.push(element(&reader, &start).map_err(|reason| bad(text, at, reason))?);
            }
            Event::Empty(start) => {
                count += 1;
                if count > MAX_ELEMENTS {
                    return Err(Finding::of_file(Rule::TooLarge).with("what", "elements").with("limit", MAX_ELEMENTS));
                }
                let element = element(&reader, &start).map_err(|reason| bad(text, at, reason))?;
                match open.last_mut() {
                    Some(parent) => parent.children.push(element),
                    None if root.is_none() => root = Some(element),
                    None => return Err(bad(text, at, "a second root")),
                }
            }
            Event::End(_) => match (open.pop(), open.last_mut()) {
                (Some(done), Some(parent)) => parent.children.push(done),
                (Some(done), None) => root = Some(done),
                (None, _) => return Err(bad(text, at, "an end without a start")),
            },
            Event::Text(words) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&words.decode().map_err(|error| bad(text, at, error))?);
                }
            }
            Event::CData(words) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&words.decode().map_err(|error| bad(text, at, error))?);
                }
            }
            Event::GeneralRef(name) => {
                let named = name.decode().map_err(|error| bad(text, at, error))?;
                let known = match name.resolve_char_ref().map_err(|error| bad(text, at, error))? {
                    Some(character) => Some(character.to_string()),
                    None => quick_xml::escape::resolve_xml_entity(&named).map(str::to_owned),
                };
                match (known, open.last_mut()) {
                    (Some(known), Some(element)) => element.text.push_str(&known),
                    _ => return Err(bad(text, at, format!("the entity {named}"))),
                }
            }
            Event::DocType(_) => return Err(bad(text, at, "a document type")),
            Event::Eof if open.is_empty() => return root.ok_or_else(|| bad(text, at, "there is no element")),
            Event::Eof => return Err(bad(text, at, "it ends too early")),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
}

fn element(reader: &NsReader<&[u8]>, start: &BytesStart<'_>) -> Result<Element, String> {
    let (namespace, name) = reader.resolver().resolve_element(start.name());
    let mut element = Element { namespace: uri(namespace)?, name: words(name.as_ref())?, ..Element::default() };
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        if matches!(attribute.key.as_namespace_binding(), Some(PrefixDeclaration::Default | PrefixDeclaration::Named(_))) {
            continue;
        }
        let (namespace, name) = reader.resolver().resolve_attribute(attribute.key);
        let value = attribute
            .decoded_and_normalized_value(quick_xml::XmlVersion::Implicit1_0, reader.decoder())
            .map_err(|error| error.to_string())?
            .into_owned();
        let (namespace, name) = (uri(namespace)?, words(name.as_ref())?);
        let key = if namespace.is_empty() { name } else { format!("{{{namespace}}}{name}") };
        element.attributes.insert(key, value);
    }
    Ok(element)
}

fn uri(namespace: ResolveResult<'_>) -> Result<String, String> {
    match namespace {
        ResolveResult::Bound(namespace) => words(namespace.as_ref()),
        ResolveResult::Unbound => Ok(String::new()),
        ResolveResult::Unknown(prefix) => Err(format!("the prefix {} is not declared", String::from_utf8_lossy(&prefix))),
    }
}

fn words(bytes: &[u8]) -> Result<String, String> {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|error| error.to_string())
}
