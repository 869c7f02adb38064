//! What is said of a model: one table of rules, with texts.

use std::{collections::BTreeMap, fmt};

use serde::Serialize;

/// Values for the text of a finding.
pub type Params = BTreeMap<&'static str, String>;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Not published with it.
    Error,
    /// Published, but probably not what was meant.
    Warning,
}

/// Something that a model breaks, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which rule.
    pub rule: Rule,
    /// The id of the element; none if it is about the file.
    pub element: Option<String>,
    /// Values for the text.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub params: Params,
    /// A run that shows it, step by step: the ids of the elements that act, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub run: Vec<String>,
}

impl Finding {
    /// About an element.
    #[must_use]
    pub fn at(rule: Rule, element: &str) -> Self {
        Self { rule, element: Some(element.to_owned()), params: Params::new(), run: Vec::new() }
    }

    /// About the file.
    #[must_use]
    pub const fn of_file(rule: Rule) -> Self {
        Self { rule, element: None, params: Params::new(), run: Vec::new() }
    }

    /// With a value for the text.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.params.insert(name, value.to_string());
        self
    }

    /// With what is wrong with an expression, and where.
    #[must_use]
    pub fn of(self, problem: &feel::Problem) -> Self {
        let said = self.with("line", problem.at.line).with("column", problem.at.column);
        said.with("reason_zh", problem.text(true)).with("reason_en", problem.text(false))
    }

    /// With the run that shows it.
    #[must_use]
    pub fn shown_by(mut self, run: Vec<String>) -> Self {
        self.run = run;
        self
    }

    /// The sentence for a reader.
    #[must_use]
    pub fn text(&self, chinese: bool) -> String {
        self.params.iter().fold(self.rule.template(chinese).to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }
}

macro_rules! rules {
    ($($variant:ident = $id:literal, $severity:ident, $zh:literal, $en:literal;)+) => {
        /// A rule for models. Where bpmnlint has the same rule, its name is used.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        pub enum Rule { $(#[doc = $en] #[serde(rename = $id)] $variant),+ }

        impl Rule {
            /// All rules.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// The stable name.
            #[must_use]
            pub const fn id(self) -> &'static str { match self { $(Self::$variant => $id),+ } }
            /// How bad it is to break it.
            #[must_use]
            pub const fn severity(self) -> Severity { match self { $(Self::$variant => Severity::$severity),+ } }
            const fn template(self, chinese: bool) -> &'static str { match self { $(Self::$variant => if chinese { $zh } else { $en }),+ } }
        }
    };
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

rules! {
    // The file.
    NotXml = "not-xml", Error, "不是有效的 XML（第 {line} 行）：{reason}", "Not valid XML (line {line}): {reason}";
    TooLarge = "too-large", Error, "内容过大：{what} 超过 {limit}", "Too large: more than {limit} {what}";
    NotBpmn = "not-bpmn", Error, "不是 BPMN 2.0 文件：根元素应为 definitions", "Not a BPMN 2.0 file: the root must be definitions";
    OneProcess = "one-process", Error, "一个文件应恰好有一个含内容的流程（多个时，恰有一个标为可执行），这里有 {count} 个", "A file has exactly one process with content, or of several exactly one that is marked as executable; this one has {count}";
    DrawnOnly = "drawn-only", Warning, "泳池“{name}”只作图示，不会执行", "The pool {name} is drawn only and not executed";
    IdMissing = "id-missing", Error, "元素 {name} 缺少 id", "The element {name} has no id";
    IdDuplicate = "id-duplicate", Error, "id 重复：{id}", "The id {id} is used twice";
    ReferenceUnknown = "reference-unknown", Error, "{attribute} 指向不存在的元素 {id}", "{attribute} refers to {id}, which does not exist";
    NotExecuted = "not-executed", Error, "不支持 {what}{named}，请改用 {instead}", "{what}{named} is not executed; use {instead}";
    ForeignExtension = "foreign-extension", Warning, "其他工具的扩展 {name}（{count} 处）会保留，但不起作用", "The extension {name} of another tool ({count} times) is kept, but has no effect";
    TimerInvalid = "timer-invalid", Error, "定时器应恰有一个 ISO 8601 时长、日期或循环", "A timer has exactly one ISO 8601 duration, date or cycle";

    // Structure.
    StartMissing = "start-event-required", Error, "缺少开始事件", "There is no start event";
    StartSingle = "single-blank-start-event", Error, "只能有一个无触发条件的开始事件", "There may be only one start event without a trigger";
    SubStartBlank = "sub-process-blank-start-event", Error, "子流程的开始事件不能有触发条件", "The start event of a subprocess has no trigger";
    EventSubStart = "event-sub-process-typed-start-event", Error, "事件子流程应恰有一个带触发条件的开始事件", "An event subprocess has exactly one start event, with a trigger";
    EventSubFlow = "event-sub-process-no-flows", Error, "事件子流程不能有进出的连线", "No sequence flow enters or leaves an event subprocess";
    EndMissing = "end-event-required", Error, "缺少结束事件", "There is no end event";
    StartIncoming = "start-event-no-incoming", Error, "开始事件不能有进入的连线", "No sequence flow enters a start event";
    EndOutgoing = "end-event-no-outgoing", Error, "结束事件不能有离开的连线", "No sequence flow leaves an end event";
    Disconnected = "no-disconnected", Error, "没有连线进入或离开", "Nothing leads here, or nothing leads on";
    Unreachable = "unreachable", Error, "从开始事件无法到达这里", "It cannot be reached from the start";
    NoWayOut = "no-way-out", Error, "从这里无法到达任何结束事件", "No end event can be reached from here";
    ImplicitSplit = "no-implicit-split", Error, "一个步骤只能有一条离开的连线；请用网关明确分支", "A step has one outgoing flow; say by a gateway how it goes on";
    GatewayJoinFork = "no-gateway-join-fork", Error, "网关不能同时合并和分支，请拆成两个", "A gateway either joins or splits; use two";
    SuperfluousGateway = "superfluous-gateway", Warning, "网关只有一进一出，没有作用", "The gateway has one way in and one way out, and does nothing";
    DuplicateFlow = "no-duplicate-sequence-flows", Error, "两个元素之间有重复的连线", "Two sequence flows connect the same elements";
    ScopeCrossed = "flow-crosses-scope", Error, "连线不能穿过子流程的边界", "A sequence flow does not cross the border of a subprocess";
    ConditionMissing = "conditional-flows", Error, "排他或包容网关的每条分支都要有条件，或设为默认", "Each flow out of an exclusive or inclusive gateway has a condition or is the default";
    ConditionInvalid = "condition-invalid", Error, "条件有误（第 {line} 行第 {column} 个字符）：{reason_zh}", "The condition is wrong (line {line}, character {column}): {reason_en}";
    ConditionNoTruth = "condition-no-truth", Error, "条件的结果应为真或假，这里是{type}", "A condition is true or false; this one is {type}";
    ConditionUnexpected = "condition-unexpected", Error, "只有排他和包容网关之后的连线可以有条件", "Only flows out of exclusive and inclusive gateways have conditions";
    DefaultMissing = "default-flow-required", Error, "条件都不成立时无路可走，请设置默认分支", "When no condition holds there is no way on; set a default flow";
    DefaultConditional = "default-flow-conditional", Error, "默认分支不能再有条件", "The default flow has no condition";
    EventGatewayTarget = "event-based-gateway", Error, "事件网关之后只能直接连接定时或消息中间事件，且每个事件只能由它进入", "After an event-based gateway come timer or message events, which only it leads to";
    BoundaryHost = "boundary-event-host", Error, "边界事件要附着在任务、子流程或调用活动上", "A boundary event is attached to a task, a subprocess or a call activity";
    BoundaryIncoming = "boundary-event-no-incoming", Error, "边界事件不能有进入的连线", "No sequence flow enters a boundary event";
    BoundaryError = "boundary-error-interrupts", Error, "错误边界事件总是中断的", "A boundary event for an error always interrupts";
    SideMerges = "side-branch-merges", Error, "非中断边界事件的分支不能并入其他路径（在“{other}”处），请让它自己结束", "The branch of a non-interrupting boundary event merges at {other}; end it by an end event of its own";
    ErrorUncaught = "error-uncaught", Warning, "没有边界事件或事件子流程接住错误 {code}，案例将停在异常状态", "Nothing catches the error {code}; the case will stop with an incident";

    // What the extension elements say.
    SettingUnknown = "setting-unknown", Error, "不认识的设置 {name}", "The setting {name} is not known";
    SettingInvalid = "setting-invalid", Error, "设置 {name} 的值有误：{value}", "The setting {name} has a wrong value: {value}";
    SettingMissing = "setting-missing", Error, "缺少设置 {name}", "The setting {name} is missing";
    PeopleMissing = "people-missing", Error, "没有说明由谁办理", "It is not said who does this";
    ApplicationFirst = "application-first", Error, "流程的第一步应是由发起人填写的用户任务（办理人为“发起人”）", "The first step must be a user task of the starter, who fills in the form";
    StepUnknown = "step-unknown", Error, "{name} 指向的步骤 {id} 不存在", "{name} refers to the step {id}, which does not exist";
    FormInvalid = "form-invalid", Error, "表单有误（{pointer}）：{reason_zh}", "The form is wrong ({pointer}): {reason_en}";
    FieldUnknown = "field-unknown", Error, "表单中没有字段“{field}”", "The form has no field {field}";
    FieldNeverFilled = "field-never-filled", Error, "字段“{field}”在此必填，但没有任何步骤可以填写", "The field {field} is required here, but no step may fill it in";
    FieldShared = "field-written-at-once", Error, "字段“{field}”可被同时进行的步骤“{other}”填写，请只留一处，或声明 x-shared", "The field {field} may be written at the same time by {other}; leave it to one, or declare it x-shared";
    TitleHidden = "title-shows-hidden", Error, "标题使用了字段“{field}”，而步骤“{other}”不可见它", "The title shows the field {field}, which is hidden in {other}";
    ExpressionInvalid = "expression-invalid", Error, "{name} 的表达式有误（第 {line} 行第 {column} 个字符）：{reason_zh}", "The expression of {name} is wrong (line {line}, character {column}): {reason_en}";
    ActionUnknown = "action-unknown", Error, "没有名为 {name} 的动作", "There is no action {name}";
    ActionMissing = "action-missing", Error, "服务任务没有动作", "The service task has no action";
    DecisionUnknown = "decision-unknown", Error, "没有决策表 {name}", "There is no decision table {name}";
    DecisionInvalid = "decision-invalid", Error, "决策表 {table} 有误（{place}）：{reason_zh}", "The decision table {table} is wrong ({place}): {reason_en}";
    DecisionTestFailed = "decision-test-failed", Error, "决策表 {table} 的第 {row} 个测试未通过：{reason}", "Test {row} of the decision table {table} fails: {reason}";
    CalledUnknown = "called-unknown", Error, "被调用的流程 {name} 不存在或未发布", "The called process {name} does not exist or is not published";
    TestFailed = "test-failed", Error, "测试“{test}”未通过：{reason}", "The test {test} fails: {reason}";
    TestInvalid = "test-invalid", Error, "测试有误：{reason}", "A test is wrong: {reason}";

    // Behaviour.
    InclusivePair = "inclusive-gateway-pair", Error, "包容网关必须成对使用，一个分支一个合并，中间没有路径进出", "Inclusive gateways come in pairs, a split and its join, with no way in or out between";
    EndsBesideJoin = "ends-beside-join", Error, "并行分支有的汇合、有的结束或跳出。请让所有分支汇合；要提前结束，用结果“拒绝”“退回”，或放进带中断边界事件的子流程", "Of branches that run at the same time some join and some end or leave. Let all of them join; to stop early use the outcome refuse or return, or a subprocess with an interrupting boundary event";
    Deadlock = "deadlock", Error, "案例会在这里永远等待：{waits}", "A case would wait here for ever: {waits}";
    LackOfSynchronisation = "lack-of-synchronisation", Error, "同一条路径会被走两次，后面的步骤会重复产生", "The same way would be walked twice, and what follows would be done twice";
    NoOptionToEnd = "no-option-to-end", Error, "走到这里之后，再也无法结束", "Once here, it can never end";
    NotDecided = "not-decided", Error, "结构过于复杂，{limit} 种状态之内无法判定是否总能结束，请简化", "Too complex: within {limit} states it cannot be decided whether it always ends; simplify it";
    EndlessLoop = "endless-automatic-loop", Warning, "这个循环中没有人工步骤或等待，会一直运行", "In this loop nobody does anything and nothing is waited for; with a wrong condition it would run for ever";
}
