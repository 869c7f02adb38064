//! What a store answers: small XML documents without attributes that matter.

use quick_xml::{Reader, escape::resolve_xml_entity, events::Event};

/// An element.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// Without what is before a colon.
    pub name: String,
    text: String,
    /// What is in it, in order.
    pub children: Vec<Element>,
}

impl Element {
    /// The root of a document; nothing if it is none.
    pub fn parse(document: &str) -> Option<Self> {
        let mut reader = Reader::from_str(document);
        let mut open = vec![Self::default()];
        loop {
            match reader.read_event().ok()? {
                Event::Start(start) => open.push(Self::named(start.local_name().into_inner())),
                Event::Empty(empty) => {
                    let element = Self::named(empty.local_name().into_inner());
                    open.last_mut()?.children.push(element);
                }
                Event::End(_) => {
                    let closed = open.pop()?;
                    open.last_mut()?.children.push(closed);
                }
                Event::Text(text) => open.last_mut()?.text.push_str(&text.decode().ok()?),
                Event::CData(text) => open.last_mut()?.text.push_str(&text.decode().ok()?),
                Event::GeneralRef(name) => match name.resolve_char_ref().ok()? {
                    Some(character) => open.last_mut()?.text.push(character),
                    None => open.last_mut()?.text.push_str(resolve_xml_entity(&name.decode().ok()?)?),
                },
                Event::Eof => break,
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
        match open.as_mut_slice() {
            [document] => document.children.pop(),
            _ => None,
        }
    }

    fn named(name: &[u8]) -> Self {
        Self { name: String::from_utf8_lossy(name).into_owned(), ..Self::default() }
    }

    /// The text of a child; empty if it has none.
    pub fn text(&self, child: &str) -> &str {
        self.children.iter().find(|element| element.name == child).map(|element| element.text.trim()).unwrap_or_default()
    }

    /// The children of a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |element| element.name == name)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_by_the_names_of_their_elements() {
        let document =
            "<?xml version=\"1.0\"?>\n<a:List xmlns:a=\"x\"><Key>a&amp;b&#33;</Key><Version><Id>1</Id></Version><Version/></a:List>\n";
        let list = Element::parse(document).unwrap();
        assert_eq!((list.name.as_str(), list.text("Key"), list.text("None")), ("List", "a&b!", ""));
        assert_eq!(list.all("Version").map(|version| version.text("Id")).collect::<Vec<_>>(), ["1", ""]);
        for wrong in ["", "no xml", "<a><b></a>", "<a>"] {
            assert_eq!(Element::parse(wrong), None, "{wrong}");
        }
    }
}
