//! The words of process files.

kernel::text_enum! {
    /// What a user task is.
    pub enum WorkKind {
        /// Agree or refuse (审批).
        Approve = "approve",
        /// Do something (办理).
        Do = "do",
        /// Take note (传阅).
        Read = "read",
    }
}
kernel::text_enum! {
    /// When several people's answers make a result.
    pub enum SeatPolicy {
        /// Whoever takes it does it.
        Claim = "claim",
        /// Everybody (会签).
        All = "all",
        /// The first (或签).
        Any = "any",
        /// A part of them.
        Ratio = "ratio",
        /// A part of their weights (票签).
        Weight = "weight",
        /// One after the other (顺序会签).
        Sequential = "sequential",
    }
}
kernel::text_enum! {
    /// What a refusal does.
    pub enum RefusePolicy {
        /// The case ends as refused.
        End = "end",
        /// It goes back to the starter.
        Return = "return",
        /// It goes on; a gateway looks at the outcome.
        Continue = "continue",
    }
}
kernel::text_enum! {
    /// When a return by one of several signers takes effect.
    pub enum ReturnPolicy {
        /// At once; the others are not asked any more.
        Immediately = "immediately",
        /// When everybody has been heard.
        AfterAll = "after_all",
    }
}
kernel::text_enum! {
    /// What happens when nobody is found.
    pub enum EmptyPolicy {
        /// The step is passed, and recorded as such.
        Skip = "skip",
        /// The administrators of processes do it.
        Administrator = "administrator",
        /// The case stops visibly.
        Refuse = "refuse",
    }
}
kernel::text_enum! {
    /// What happens when work is due.
    pub enum OverduePolicy {
        /// Who has it is reminded.
        Remind = "remind",
        /// It counts as agreed.
        Agree = "agree",
        /// It counts as refused.
        Refuse = "refuse",
        /// The head of the unit gets it.
        Transfer = "transfer",
        /// The head of the unit is told.
        Escalate = "escalate",
    }
}
kernel::text_enum! {
    /// What a step may do with a field.
    pub enum FieldRight {
        /// It does not leave the server.
        Hidden = "hidden",
        /// It is shown.
        Read = "read",
        /// It may be written.
        Edit = "edit",
        /// It must be there when the step is done.
        Required = "required",
    }
}
kernel::text_enum! {
    /// Until when the starter may withdraw a case.
    pub enum WithdrawUntil {
        /// Until somebody has given an opinion.
        FirstOpinion = "first_opinion",
        /// As long as it runs.
        BeforeEnd = "before_end",
        /// Not at all.
        Never = "never",
    }
}
kernel::text_enum! {
    /// When an approver need not be asked again.
    pub enum DedupRule {
        /// Who started the case.
        Starter = "starter",
        /// Who agreed in the step before.
        Previous = "previous",
        /// Who agreed before.
        Any = "any",
    }
}
kernel::text_enum! {
    /// How people are found.
    pub enum PeopleRule {
        /// Who started the case.
        Starter = "starter",
        /// The head of a unit.
        Head = "head",
        /// The heads of a unit and of those above.
        Heads = "heads",
        /// The holders of a role.
        Role = "role",
        /// The holders of a post.
        Post = "post",
        /// One person.
        Person = "person",
        /// Whoever stands in a field of the form.
        Field = "field",
        /// Whom the starter chose.
        Chosen = "chosen",
        /// Who handled a step.
        Handler = "handler",
        /// Everybody in a unit.
        Members = "members",
    }
}

impl FieldRight {
    /// Whether the step may write it.
    #[must_use]
    pub const fn writes(self) -> bool {
        matches!(self, Self::Edit | Self::Required)
    }
}

impl PeopleRule {
    /// Whether it makes sense only with a value.
    #[must_use]
    pub const fn needs_value(self) -> bool {
        matches!(self, Self::Role | Self::Post | Self::Person | Self::Field | Self::Handler)
    }
}
