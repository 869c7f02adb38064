//! How regulations were kept, as assessment results of OSCAL 1.1 (NIST), for tools of auditors.
//!
//! A clause is a control; each unit that has duties under it is an observation; a clause of which something was missed, breached or
//! late is not satisfied. Ids are hashes of what they name: the same run gives the same file.

use std::collections::BTreeMap;

use kernel::{Error, Ts, Uuid};
use serde_json::{Value, json};

use crate::{kinds, model::Run, table::Content};

const OSCAL: &str = "1.1.2";

/// An id for something within a run: OSCAL wants those of RFC 9562, version 4 or 5.
fn id(run: &Run, of: &str) -> Uuid {
    Uuid::new_v5(&run.id.uuid(), of.as_bytes())
}

/// What one unit did under a clause.
struct Seen {
    unit: String,
    numbers: BTreeMap<String, i64>,
}

impl Seen {
    fn count(&self, what: &str) -> i64 {
        self.numbers.get(what).copied().unwrap_or_default()
    }

    fn failed(&self) -> bool {
        self.count("missed") + self.count("late") > 0
    }
}

/// The rows by regulation and clause.
fn clauses(content: &Content) -> BTreeMap<(String, String), Vec<Seen>> {
    let mut all: BTreeMap<(String, String), Vec<Seen>> = BTreeMap::new();
    for row in &content.table.rows {
        let named: BTreeMap<&str, &Value> = content.table.columns.iter().map(|column| column.key.as_str()).zip(row).collect();
        let text = |key: &str| named.get(key).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
        let numbers = named.iter().filter_map(|(key, value)| Some(((*key).to_owned(), value.as_i64()?))).collect();
        all.entry((text("regulation"), text("clause"))).or_default().push(Seen { unit: text("unit"), numbers });
    }
    all
}

/// The file.
pub fn make(run: &Run, content: &Content, chinese: bool) -> Result<Vec<u8>, Error> {
    let at: Ts = run.finished_at.unwrap_or(run.requested_at);
    let end = content.parameters.to.or(content.log_time).unwrap_or(at);
    let title = kinds::title(&content.report, chinese);
    let clauses = clauses(content);
    let mut controls: Vec<&str> = clauses.keys().map(|(_, clause)| clause.as_str()).collect();
    controls.sort_unstable();
    controls.dedup();
    let (mut observations, mut findings) = (Vec::new(), Vec::new());
    for ((regulation, clause), seen) in &clauses {
        let mut related = Vec::new();
        for one in seen {
            let observation = id(run, &format!("observation {}", observations.len()));
            related.push(json!({ "observation-uuid": observation }));
            let numbers = ["met", "late", "missed", "open", "vacated"].map(|what| format!("{what}={}", one.count(what))).join(" ");
            let unit = if one.unit.is_empty() { "-" } else { &one.unit };
            observations.push(json!({
                "uuid": observation,
                "title": format!("{regulation} {clause} {unit}"),
                "description": numbers,
                "methods": ["TEST"],
                "collected": end,
                "relevant-evidence": [{
                    "href": format!("urn:uuid:{}", run.id),
                    "description": format!("log_size={} content_sha256={}", content.log_size, run.content_hash.as_deref().unwrap_or_default()),
                }],
            }));
        }
        let state = if seen.iter().any(Seen::failed) { "not-satisfied" } else { "satisfied" };
        findings.push(json!({
            "uuid": id(run, &format!("finding {regulation} {clause}")),
            "title": format!("{regulation} {clause}"),
            "description": format!("{regulation} {clause}"),
            "target": { "type": "objective-id", "target-id": clause, "status": { "state": state } },
            "related-observations": related,
        }));
    }
    let plan = id(run, "plan");
    let selection = if controls.is_empty() {
        json!({ "description": "no control had anything to say", "include-all": {} })
    } else {
        json!({ "include-controls": controls.iter().map(|clause| json!({ "control-id": clause })).collect::<Vec<_>>() })
    };
    let mut result = json!({
        "uuid": id(run, "result"),
        "title": title,
        "description": format!("log_size={}", content.log_size),
        "start": end,
        "end": end,
        "reviewed-controls": { "control-selections": [selection] },
    });
    if let Some(result) = result.as_object_mut() {
        // What is empty is left out, as the schema wants it.
        let lists = [("observations", observations), ("findings", findings)].into_iter().filter(|(_, list)| !list.is_empty());
        result.extend(lists.map(|(name, list)| (name.to_owned(), Value::Array(list))));
    }
    let document = json!({ "assessment-results": {
        "uuid": id(run, "results"),
        "metadata": { "title": title, "last-modified": at, "version": content.log_size.to_string(), "oscal-version": OSCAL },
        "import-ap": { "href": format!("#{plan}") },
        "results": [result],
        "back-matter": { "resources": [{
            "uuid": plan,
            "title": "Controls in force",
            "description": "The controls are those that the log names in its records controls.adopted.",
        }] },
    } });
    serde_json_canonicalizer::to_vec(&document).map_err(Error::internal)
}
