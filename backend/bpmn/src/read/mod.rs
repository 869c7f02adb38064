//! From a BPMN 2.0 text to the model; what is not executed is refused here, element by element.

mod elements;
mod xml;

use std::collections::{BTreeMap, BTreeSet};

use xml::Element;

use crate::{
    finding::{Finding, Rule, Severity},
    model::{Definition, Extension},
};

/// The namespace of BPMN 2.0.
const BPMN: &str = "http://www.omg.org/spec/BPMN/20100524/MODEL";
/// The namespace of our extensions.
pub const ZHIDU: &str = "urn:zhidu:bpmn:1";

/// Reads a file. The findings are what it breaks; with an error among them there is no definition.
#[must_use]
pub fn read(text: &str) -> (Option<Definition>, Vec<Finding>) {
    let mut reader = Reader::default();
    let definition = reader.definition(text);
    for (name, count) in std::mem::take(&mut reader.foreign) {
        reader.say(Finding::of_file(Rule::ForeignExtension).with("name", name).with("count", count));
    }
    reader.findings.sort_by(|a, b| (a.rule.severity(), a.rule, &a.element).cmp(&(b.rule.severity(), b.rule, &b.element)));
    let broken = reader.findings.iter().any(|finding| finding.rule.severity() == Severity::Error);
    (definition.filter(|_| !broken), reader.findings)
}

/// What is found while reading.
#[derive(Default)]
struct Reader {
    findings: Vec<Finding>,
    /// All ids of the file.
    ids: BTreeSet<String>,
    /// Codes of errors and names of messages, by the ids of their elements.
    errors: BTreeMap<String, Option<String>>,
    messages: BTreeMap<String, Option<String>>,
    /// Extensions of other tools, by name, with how often.
    foreign: BTreeMap<String, usize>,
    /// Our own extensions and English names, by element.
    extensions: BTreeMap<String, Vec<Extension>>,
    english: BTreeMap<String, String>,
}

impl Reader {
    fn say(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    fn definition(&mut self, text: &str) -> Option<Definition> {
        let root = match xml::parse(text) {
            Ok(root) if root.namespace == BPMN && root.name == "definitions" => root,
            Ok(_) => {
                self.say(Finding::of_file(Rule::NotBpmn));
                return None;
            }
            Err(finding) => {
                self.say(finding);
                return None;
            }
        };
        for element in root.children.iter().filter(|element| element.namespace == BPMN) {
            let Some(id) = element.get("id") else { continue };
            let said = |name: &str| element.get(name).map(str::to_owned);
            match element.name.as_str() {
                "error" => drop(self.errors.insert(id.to_owned(), said("errorCode").or_else(|| said("name")))),
                "message" => drop(self.messages.insert(id.to_owned(), said("name"))),
                _ => {}
            }
        }
        let process = self.process(&root)?;
        let id = self.id_of(process)?;
        let scope = self.scope(process);
        let (extensions, english) = (std::mem::take(&mut self.extensions), std::mem::take(&mut self.english));
        Some(Definition { source: text.to_owned(), id, name: elements::name_of(process), scope, extensions, english })
    }

    /// The process of the file: the only one with content, or of several the only one that says it is to be executed. Pools beside it
    /// are drawing.
    fn process<'a>(&mut self, root: &'a Element) -> Option<&'a Element> {
        let with_content =
            |element: &&Element| element.namespace == BPMN && element.name == "process" && element.children.iter().any(elements::is_node);
        let all: Vec<&Element> = root.children.iter().filter(with_content).collect();
        let executed: Vec<&Element> = all.iter().copied().filter(|process| process.get("isExecutable") == Some("true")).collect();
        let chosen = match (all.as_slice(), executed.as_slice()) {
            ([one], _) | (_, [one]) => *one,
            _ => {
                self.say(Finding::of_file(Rule::OneProcess).with("count", all.len()));
                return None;
            }
        };
        for other in all.into_iter().filter(|process| process.get("id") != chosen.get("id")) {
            let id = other.get("id").unwrap_or_default();
            self.say(Finding::at(Rule::DrawnOnly, id).with("name", other.get("name").unwrap_or(id)));
        }
        Some(chosen)
    }

    /// The id of an element, which must be its alone.
    fn id_of(&mut self, element: &Element) -> Option<String> {
        let Some(id) = element.get("id").filter(|id| !id.is_empty()) else {
            self.say(Finding::of_file(Rule::IdMissing).with("name", &element.name));
            return None;
        };
        if !self.ids.insert(id.to_owned()) {
            self.say(Finding::at(Rule::IdDuplicate, id).with("id", id));
        }
        if let Some(english) = element.attributes.get(&format!("{{{ZHIDU}}}en")) {
            self.english.insert(id.to_owned(), english.clone());
        }
        Some(id.to_owned())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
mod tests;
