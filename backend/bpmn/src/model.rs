//! A process as it is executed: elements and flows in scopes. Drawing is not in it.

use std::collections::BTreeMap;

use feel::Expression;
use serde::Serialize;

/// The id of an element, as it stands in the file.
pub type ElementId = String;

/// A file that was read.
#[derive(Clone, Debug)]
pub struct Definition {
    /// The text as it came, byte for byte: what designers open.
    pub source: String,
    /// The id of the process.
    pub id: ElementId,
    /// What people call it.
    pub name: Option<String>,
    /// The process itself; subprocesses are inside.
    pub scope: Scope,
    /// Our extension elements, by the element that they stand in.
    pub extensions: BTreeMap<ElementId, Vec<Extension>>,
    /// English names of elements.
    pub english: BTreeMap<ElementId, String>,
}

/// An extension element of the namespace [`ZHIDU`](crate::read::ZHIDU), as it stands in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extension {
    /// Its name without the prefix.
    pub name: String,
    /// Attributes by name.
    pub attributes: BTreeMap<String, String>,
    /// What is inside.
    pub children: Vec<Extension>,
}

impl Extension {
    /// An attribute that is not blank.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }
}

/// A process or a subprocess: what runs until nothing in it is under way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scope {
    /// By id.
    pub nodes: BTreeMap<ElementId, Node>,
    /// By id.
    pub flows: BTreeMap<ElementId, Flow>,
}

/// An element that tokens come to.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Its id.
    pub id: ElementId,
    /// What people call it.
    pub name: Option<String>,
    /// What it does.
    pub kind: NodeKind,
    /// How often it is done, for activities.
    pub repeated: Option<Repeated>,
}

impl Node {
    /// The name, or else the id: what a sentence calls it.
    #[must_use]
    pub fn label(&self) -> &str {
        self.name.as_deref().filter(|name| !name.trim().is_empty()).unwrap_or(&self.id)
    }

    /// Whether work is done or waited for here, so that a boundary event can be attached.
    #[must_use]
    pub const fn is_activity(&self) -> bool {
        use NodeKind::{BusinessRuleTask, CallActivity, ServiceTask, SubProcess, UserTask};
        matches!(self.kind, UserTask | ServiceTask | BusinessRuleTask | CallActivity { .. } | SubProcess(_))
    }

    /// Whether a token may stay here until somebody or something comes.
    #[must_use]
    pub const fn waits(&self) -> bool {
        use NodeKind::{CallActivity, Catch, EventGateway, SubProcess, UserTask};
        matches!(self.kind, UserTask | CallActivity { .. } | SubProcess(_) | Catch(_) | EventGateway)
    }
}

/// What an element does (BPMN 2.0, chapter 10).
#[derive(Clone, Debug, PartialEq)]
pub enum NodeKind {
    /// Begins; without a trigger, when somebody starts the case.
    Start(Option<Trigger>),
    /// Ends.
    End(End),
    /// People work.
    UserTask,
    /// A registered action runs.
    ServiceTask,
    /// A decision table is asked.
    BusinessRuleTask,
    /// Another process runs.
    CallActivity {
        /// Its id.
        called: Option<ElementId>,
    },
    /// A scope of its own inside this one.
    SubProcess(Scope),
    /// A scope that an event starts while the scope around it runs.
    EventSubProcess {
        /// What is inside.
        scope: Scope,
        /// Whether it takes the place of what runs.
        interrupting: bool,
    },
    /// One way of several.
    Exclusive,
    /// All ways at once, or until all have come.
    Parallel,
    /// Each way whose condition holds, or until those have come.
    Inclusive,
    /// The way whose event comes first.
    EventGateway,
    /// Waits for something.
    Catch(Trigger),
    /// Something happens while an activity runs.
    Boundary {
        /// The activity.
        host: ElementId,
        /// What happens.
        trigger: Trigger,
        /// Whether the activity ends by it.
        interrupting: bool,
    },
}

/// How a scope is left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// This token ends.
    None,
    /// Everything in the scope ends.
    Terminate,
    /// The scope ends with an error, which somebody around it may catch.
    Error {
        /// The code by which it is caught.
        code: Option<String>,
    },
}

/// What is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// A time.
    Timer(Timer),
    /// A message.
    Message {
        /// Its name.
        name: Option<String>,
    },
    /// An error from inside.
    Error {
        /// Only this code; none catches all.
        code: Option<String>,
    },
}

/// When a timer fires: the text of ISO 8601, or an expression that gives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Timer {
    /// So long after.
    Duration(String),
    /// At that time.
    Date(String),
    /// Again and again.
    Cycle(String),
}

/// An activity done several times (BPMN 2.0, section 10.3.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeated {
    /// One after the other.
    Sequentially,
    /// All at once.
    InParallel,
}

/// A sequence flow.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// Its id.
    pub id: ElementId,
    /// What people call it.
    pub name: Option<String>,
    /// From where.
    pub source: ElementId,
    /// To where.
    pub target: ElementId,
    /// Taken if this holds.
    pub condition: Option<Expression>,
    /// Taken if nothing else holds.
    pub default: bool,
}

impl Definition {
    /// What an element is called in a sentence, wherever it stands.
    #[must_use]
    pub fn label<'a>(&'a self, id: &'a str) -> &'a str {
        self.scope.find(id).map_or(id, Node::label)
    }
}

impl Scope {
    /// An element here or in a subprocess.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Node> {
        self.nodes.get(id).or_else(|| {
            self.nodes.values().find_map(|node| match &node.kind {
                NodeKind::SubProcess(scope) | NodeKind::EventSubProcess { scope, .. } => scope.find(id),
                _ => None,
            })
        })
    }

    /// The flows out of an element.
    pub fn outgoing<'a, 'b>(&'a self, node: &'b str) -> impl Iterator<Item = &'a Flow> + use<'a, 'b> {
        self.flows.values().filter(move |flow| flow.source == node)
    }

    /// The flows into an element.
    pub fn incoming<'a, 'b>(&'a self, node: &'b str) -> impl Iterator<Item = &'a Flow> + use<'a, 'b> {
        self.flows.values().filter(move |flow| flow.target == node)
    }

    /// The boundary events of an activity.
    pub fn boundary<'a, 'b>(&'a self, of: &'b str) -> impl Iterator<Item = &'a Node> + use<'a, 'b> {
        self.nodes.values().filter(move |node| matches!(&node.kind, NodeKind::Boundary { host, .. } if host == of))
    }

    /// The scopes inside, however deep, and this one.
    pub fn each(&self, look: &mut dyn FnMut(&Self)) {
        look(self);
        for node in self.nodes.values() {
            if let NodeKind::SubProcess(inner) | NodeKind::EventSubProcess { scope: inner, .. } = &node.kind {
                inner.each(look);
            }
        }
    }

    /// What an element is called in a sentence.
    #[must_use]
    pub fn label<'a>(&'a self, id: &'a str) -> &'a str {
        self.nodes.get(id).map_or(id, Node::label)
    }
}
