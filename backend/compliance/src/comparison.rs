//! Two versions of a regulation beside each other: what came, what went, what is said differently.

use std::collections::{BTreeMap, BTreeSet};

use controls::Definition;
use kernel::Error;
use serde::Serialize;
use serde_json::Value;
use similar::{Algorithm, ChangeTag};
use utoipa::ToSchema;

kernel::text_enum! {
    /// What became of something from one version to the other.
    pub enum Difference {
        /// Only the later one has it.
        Added = "added",
        /// Only the earlier one has it.
        Removed = "removed",
        /// Both have it, and not the same.
        Changed = "changed",
        /// Both have the same.
        Unchanged = "unchanged",
    }
}
kernel::text_enum! {
    /// Which version a piece of a text stands in.
    pub enum StandsIn {
        /// In both.
        Both = "both",
        /// Only in the earlier one: it was taken out.
        Before = "before",
        /// Only in the later one: it was put in.
        After = "after",
    }
}

/// A piece of a text. Those of `both` and `before` put together are the earlier text, those of `both` and `after` the later one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Piece {
    pub stands_in: StandsIn,
    pub text: String,
}

/// A part of a control that is not the same.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PartDifference {
    /// The key in `controls.toml`.
    pub part: String,
    #[schema(required)]
    pub before: Option<Value>,
    #[schema(required)]
    pub after: Option<Value>,
}

/// Something of the earlier version, of the later one, or of both.
pub type Pair<'a, T> = (Option<&'a T>, Option<&'a T>);

/// Puts together what has the same key, in the order of the later version; what went stands where it stood.
pub fn pairs<'a, T>(before: &'a [T], after: &'a [T], key: impl Fn(&T) -> &str) -> Vec<Pair<'a, T>> {
    let earlier: BTreeMap<&str, &T> = before.iter().map(|one| (key(one), one)).collect();
    let mut pairs: Vec<Pair<'a, T>> = after.iter().map(|one| (earlier.get(key(one)).copied(), Some(one))).collect();
    let mut next = 0;
    for one in before {
        let place = pairs.iter().position(|(earlier, _)| earlier.is_some_and(|earlier| key(earlier) == key(one)));
        if place.is_none() {
            pairs.insert(next, (Some(one), None));
        }
        next = place.unwrap_or(next) + 1;
    }
    pairs
}

/// What became of it.
pub fn difference<T: PartialEq>(pair: &Pair<'_, T>) -> Difference {
    match pair {
        (Some(before), Some(after)) if before == after => Difference::Unchanged,
        (Some(_), Some(_)) => Difference::Changed,
        (None, _) => Difference::Added,
        (_, None) => Difference::Removed,
    }
}

/// The parts of a control that differ: all of them if only one version has it.
pub fn parts((before, after): &Pair<'_, Definition>) -> Result<Vec<PartDifference>, Error> {
    let written = |definition: &Option<&Definition>| match definition.map(serde_json::to_value).transpose() {
        Ok(Some(Value::Object(parts))) => Ok(parts),
        Ok(_) => Ok(serde_json::Map::new()),
        Err(error) => Err(Error::internal(error)),
    };
    let (before, after) = (written(before)?, written(after)?);
    // By its id it is known to be the same: that is no part of what it says.
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).filter(|name| *name != "id").collect();
    let parts = names.into_iter().map(|name| PartDifference {
        part: name.clone(),
        before: before.get(name).cloned(),
        after: after.get(name).cloned(),
    });
    Ok(parts.filter(|part| part.before != part.after).collect())
}

/// A stretch of two texts: the same in both, or this in the place of that.
enum Stretch {
    Same(String),
    Other { before: String, after: String },
}

/// What was taken out of a text and put into it, by words; by characters where, as in Chinese, no space parts words.
pub fn pieces(before: &str, after: &str) -> Vec<Piece> {
    let mut stretches: Vec<Stretch> = Vec::new();
    for (tag, text) in similar::utils::diff_unicode_words(Algorithm::Myers, before, after) {
        let (taken, put) = match tag {
            ChangeTag::Equal => {
                stretches.push(Stretch::Same(text.to_owned()));
                continue;
            }
            ChangeTag::Delete => (text, ""),
            ChangeTag::Insert => ("", text),
        };
        match stretches.last_mut() {
            Some(Stretch::Other { before, after }) => {
                before.push_str(taken);
                after.push_str(put);
            }
            _ => stretches.push(Stretch::Other { before: taken.to_owned(), after: put.to_owned() }),
        }
        join_islands(&mut stretches);
    }
    let piece = |stands_in, text| Piece { stands_in, text };
    let all = stretches.into_iter().flat_map(|stretch| match stretch {
        Stretch::Same(text) => vec![piece(StandsIn::Both, text)],
        Stretch::Other { before, after } => vec![piece(StandsIn::Before, before), piece(StandsIn::After, after)],
    });
    all.filter(|piece| !piece.text.is_empty()).collect()
}

/// What two other wordings share by chance, and is no longer than either, only cuts them up: it is read as a part of both.
fn join_islands(stretches: &mut Vec<Stretch>) {
    let size = |before: &str, after: &str| before.chars().count().max(after.chars().count());
    while let [.., Stretch::Other { before: a, after: b }, Stretch::Same(island), Stretch::Other { before: c, after: d }] =
        stretches.as_slice()
    {
        if island.chars().count() > size(a, b).min(size(c, d)) {
            return;
        }
        let joined = Stretch::Other { before: [a.as_str(), island, c].concat(), after: [b.as_str(), island, d].concat() };
        stretches.truncate(stretches.len() - 3);
        stretches.push(joined);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// `[-taken-]` and `{+put+}`.
    fn marked(before: &str, after: &str) -> String {
        let pieces = pieces(before, after);
        let without = |side| pieces.iter().filter(|piece| piece.stands_in != side).map(|piece| piece.text.as_str()).collect::<String>();
        assert_eq!((without(StandsIn::After), without(StandsIn::Before)), (before.to_owned(), after.to_owned()));
        let mark = |piece: &Piece| match piece.stands_in {
            StandsIn::Both => piece.text.clone(),
            StandsIn::Before => format!("[-{}-]", piece.text),
            StandsIn::After => format!("{{+{}+}}", piece.text),
        };
        pieces.iter().map(mark).collect()
    }

    #[test]
    fn words_that_were_changed_are_marked_and_the_others_are_not() {
        assert_eq!(marked("公文须于三日内办结。", "公文须于五个工作日内办结。"), "公文须于[-三-]{+五个工作+}日内办结。");
        assert_eq!(marked("Answered within 3 days.", "Answered within 10 days."), "Answered within [-3-]{+10+} days.");
        assert_eq!(marked("设备由部门保管", "设备由部门保管，每年盘点"), "设备由部门保管{+，每年盘点+}");
        assert_eq!(marked("同", "同"), "同");
        assert_eq!(marked("", "新"), "{+新+}");
    }

    #[test]
    fn what_two_wordings_share_by_chance_does_not_cut_them_up() {
        assert_eq!(marked("由信息部门的人员负责", "由运营中心的主管负责"), "由[-信息部门的人员-]{+运营中心的主管+}负责");
        assert_eq!(marked("the old red car stops", "the new blue car stops"), "the [-old red-]{+new blue+} car stops");
    }

    #[test]
    fn what_went_stands_where_it_stood() {
        let (before, after) = (["a", "b", "c", "d"], ["x", "a", "d", "c"]);
        let pairs = pairs(&before, &after, |one| one);
        let said: Vec<(&str, Difference)> = pairs.iter().map(|pair| ((*pair.1.or(pair.0).unwrap()), difference(pair))).collect();
        use Difference::{Added, Removed, Unchanged};
        assert_eq!(said, [("x", Added), ("a", Unchanged), ("b", Removed), ("d", Unchanged), ("c", Unchanged)]);
    }

    #[test]
    fn a_control_says_which_of_its_parts_are_others() {
        let written = |within: &str| {
            let text = format!(
                "[[control]]\nid = \"a\"\nclause = \"1\"\ntitle = \"甲\"\ntemplate = \"response\"\nwhen = {{ event = \"b\" }}\n\
                 then = {{ event = \"c\" }}\n{within}"
            );
            controls::read(&text).unwrap().remove(0)
        };
        let (before, after) = (written("within = \"PT4H\"\n"), written("within = \"PT8H\"\nseverity = \"minor\"\n"));
        let parts = |pair: Pair<'_, Definition>| super::parts(&pair).unwrap();
        let changed = |part: &str, before: &str, after: &str| PartDifference {
            part: part.to_owned(),
            before: Some(before.into()),
            after: Some(after.into()),
        };
        assert_eq!(parts((Some(&before), Some(&after))), [changed("severity", "major", "minor"), changed("within", "PT4H", "PT8H")]);
        assert_eq!(parts((Some(&before), Some(&before))), []);
        let added = parts((None, Some(&after)));
        assert!(added.iter().all(|part| part.part != "id" && part.before.is_none() && part.after.is_some()));
        assert!(added.iter().any(|part| part.part == "when"));
    }
}
