//! The one table of codes: wire name, HTTP status, and the texts. A code is never renamed.

use std::fmt;

use crate::Params;

macro_rules! codes {
    ($($variant:ident = $wire:literal, $status:literal, $zh:literal, $en:literal;)+) => {
        /// Why something was refused. Clients translate it; the server's texts are here.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $(#[doc = $en] $variant),+ }

        impl Code {
            /// All codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// The stable name.
            #[must_use]
            pub const fn as_str(self) -> &'static str { match self { $(Self::$variant => $wire),+ } }
            /// The HTTP status; 0 for codes that only stand in `errors[]` or as reasons.
            #[must_use]
            pub const fn status(self) -> u16 { match self { $(Self::$variant => $status),+ } }
            /// The text with its parameters, in Chinese or English.
            #[must_use]
            pub fn text(self, chinese: bool, params: &Params) -> String {
                let template = match self { $(Self::$variant => if chinese { $zh } else { $en }),+ };
                params.iter().fold(template.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
            }
        }
    };
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Code {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.iter().copied().find(|code| code.as_str() == text).ok_or(())
    }
}

codes! {
    // The request as such.
    Malformed = "request.malformed", 400, "请求格式有误：{reason}", "The request is malformed: {reason}";
    NotFound = "not_found", 404, "没有找到，或您无权查看", "Not found, or not visible to you";
    MethodNotAllowed = "request.method_not_allowed", 405, "此地址不支持该方法", "This address does not support the method";
    TooLarge = "request.too_large", 413, "内容过大，上限为 {limit}", "Too large; the limit is {limit}";
    UnsupportedMediaType = "request.unsupported_media_type", 415, "不支持的内容类型，应为 {expected}", "Unsupported content type; expected {expected}";
    Invalid = "request.invalid", 422, "部分内容未通过检查", "Some of the content is invalid";
    VersionRequired = "version.required", 428, "缺少 If-Match 版本号", "If-Match with the version is required";
    Stale = "version.stale", 412, "内容已被他人修改，请刷新后重试", "Somebody else has changed it meanwhile; reload and try again";
    TooManyRequests = "request.too_many", 429, "请求过于频繁，请 {retry_after} 秒后再试", "Too many requests; try again in {retry_after} seconds";
    Unavailable = "unavailable", 503, "服务暂时不可用，请稍后再试", "The service is temporarily unavailable; try again shortly";
    Internal = "internal", 500, "系统内部错误，已记录", "An internal error; it has been logged";
    IdempotencyReused = "idempotency.reused", 422, "同一幂等键用于了不同的内容", "This idempotency key was used with other content";
    IdempotencyKeyInvalid = "idempotency.key_invalid", 422, "幂等键应为 1 至 64 个可见字符", "An idempotency key has 1 to 64 visible characters";
    SecretNotRepeatable = "idempotency.secret_not_repeatable", 409, "该请求已执行，一次性密钥不会再次显示", "It was done already; one-time secrets are not shown again";
    ForeignOrigin = "request.foreign_origin", 403, "不接受来自其他站点的请求", "Requests from other sites are not accepted";
    InsecureTransport = "request.insecure_transport", 403, "请使用 HTTPS 访问", "Use HTTPS";

    // Single fields.
    Required = "field.required", 0, "请填写", "Required";
    Unknown = "field.unknown", 0, "未知的字段", "Unknown field";
    WrongType = "field.wrong_type", 0, "类型有误：{reason}", "Wrong type: {reason}";
    TooLong = "field.too_long", 0, "不超过 {max} 个字符", "At most {max} characters";
    TooShort = "field.too_short", 0, "至少 {min} 个字符", "At least {min} characters";
    OutOfRange = "field.out_of_range", 0, "应在 {min} 与 {max} 之间", "Between {min} and {max}";
    BadFormat = "field.bad_format", 0, "格式有误", "Wrong format";
    ControlCharacter = "field.control_character", 0, "不能含有控制字符", "Control characters are not allowed";
    Duplicate = "field.duplicate", 0, "重复", "Given twice";
    CursorInvalid = "cursor.invalid", 0, "翻页位置无效", "This is not a cursor of this list";
    UnknownReference = "field.unknown_reference", 0, "所引用的对象不存在或不可见", "What this refers to does not exist or is not visible";
    AlreadyTaken = "field.already_taken", 0, "已被使用", "Already in use";
    NotAChoice = "field.not_a_choice", 0, "不在可选范围内", "Not one of the choices";
    FieldChanged = "field.changed", 0, "其他人刚修改了此项，请核对", "Somebody else has just changed this; look at it again";
    FieldReadOnly = "field.read_only", 0, "此处不能修改", "It cannot be changed here";
    InPast = "field.in_past", 0, "不能早于现在", "It must not be in the past";

    // Who is asking.
    Unauthenticated = "auth.required", 401, "请先登录", "Log in first";
    LoginFailed = "auth.failed", 401, "账号或密码不正确", "Wrong account or password";
    LoginLocked = "auth.locked", 429, "尝试次数过多，请 {retry_after} 秒后再试", "Too many attempts; try again in {retry_after} seconds";
    SessionEnded = "auth.session_ended", 401, "登录已失效，请重新登录", "The session has ended; log in again";
    PasswordMustChange = "auth.password_must_change", 403, "请先修改初始密码", "Change the initial password first";
    PasswordWrong = "auth.password_wrong", 0, "当前密码不正确", "The current password is wrong";
    PasswordWeak = "auth.password_weak", 0, "密码过于常见或包含账号信息", "Too common, or contains the account's name";
    PasswordClasses = "auth.password_classes", 0, "须包含大写字母、小写字母、数字、符号中的至少 {min} 类", "Use at least {min} of: capitals, small letters, digits, symbols";
    PasswordReused = "auth.password_reused", 0, "不能与最近使用过的密码相同", "Not one of the recent passwords";
    SetupClosed = "setup.closed", 409, "系统已完成初始化", "The set-up is already done";
    SetupTokenWrong = "setup.token_wrong", 403, "初始化链接无效", "This set-up link is not valid";
    Forbidden = "forbidden", 403, "您没有此项权限", "You do not have this permission";
    TokenScope = "auth.token_scope", 403, "此令牌的范围不含该权限", "The token's scope does not include this";

    // Organisation and people.
    UnitCycle = "org_unit.cycle", 409, "上级单位不能是自己的下级", "A unit cannot be below itself";
    UnitNotEmpty = "org_unit.not_empty", 409, "单位下仍有人员、下级单位或设备", "The unit still has people, units or equipment";
    UnitClosed = "org_unit.closed", 409, "该单位已撤销", "The unit is closed";
    PersonInactive = "person.inactive", 409, "该人员已停用", "The person is deactivated";
    PersonActive = "person.active", 409, "该人员未停用", "The person is active";
    PersonSelf = "person.self", 403, "不能对自己执行此操作", "You cannot do this to yourself";
    PersonHasWork = "person.has_work", 409, "该人员仍有在办工单、名下设备或保管的数据集，请先移交", "The person still has open tickets, equipment or data sets; hand them over first";
    LastAdministrator = "person.last_administrator", 409, "须至少保留一名系统管理员", "At least one system administrator must remain";
    PostLastMain = "person.last_main_post", 409, "须保留一个主岗", "A main post must remain";
    RoleExclusive = "role.exclusive", 409, "系统、安全、审计管理员三者互斥，不能由同一人担任", "System, security and audit administrator exclude each other";
    RoleBuiltIn = "role.built_in", 409, "内置角色不能修改", "A built-in role cannot be changed";
    RoleScope = "role.scope", 0, "此角色须指定单位", "This scope needs a unit";
    NotLocked = "person.not_locked", 409, "该账号未锁定", "The account is not locked";

    // Files.
    FileType = "file.type", 422, "不接受此类文件，或内容与类型不符", "This type of file is not accepted, or the content is of another type";
    FileName = "file.name", 422, "文件名无效", "The file name is not valid";
    FileQuota = "file.quota", 429, "未使用的上传文件过多，请稍后再试", "Too many unused uploads; try again later";

    // Tickets.
    TicketState = "ticket.wrong_state", 409, "工单处于“{state}”，不能执行此操作", "Not possible while the ticket is {state}";
    TicketNotAssignee = "ticket.not_assignee", 403, "只有处理人或派单员可以执行", "Only the assignee or the desk may do this";
    TicketNotReporter = "ticket.not_reporter", 403, "只有报告人可以执行", "Only the reporter may do this";
    AssigneeCannotHandle = "ticket.assignee_cannot_handle", 409, "该人员没有处理工单的权限", "This person may not handle tickets";
    AssigneeOutsideUnit = "ticket.assignee_outside_unit", 409, "该人员不在所选处理组内", "This person is not in the chosen unit";
    AppraisalRequired = "ticket.appraisal_required", 409, "送外维修前须先填写鉴定结果", "State the appraisal before external repair";
    AppraisedRepairable = "ticket.appraised_repairable", 409, "鉴定结果为可自行维修", "It was appraised as repairable here";
    ReopenPeriodOver = "ticket.reopen_period_over", 409, "已超过可重新打开的期限", "The period for reopening is over";
    TicketNeedsEquipment = "ticket.needs_equipment", 409, "工单未关联设备", "The ticket is linked to no equipment";
    TicketVendorPending = "ticket.vendor_pending", 409, "设备仍在外修，请先登记返回", "The equipment is still with the vendor";
    CategoryInactive = "ticket.category_inactive", 409, "该分类已停用", "The category is inactive";
    AlreadyLinked = "ticket.already_linked", 409, "已关联", "Already linked";
    NoChange = "no_change", 409, "没有变化", "Nothing would change";

    // Processes.
    ProcessNotPublishable = "process.not_publishable", 422, "流程尚有错误，不能发布", "The process has errors and cannot be published";
    ProcessFinding = "process.finding", 0, "{text}", "{text}";
    ProcessNotPublished = "process.not_published", 409, "流程没有可用的发布版本", "The process has no release that can be used";
    ProcessWithdrawn = "process.withdrawn", 409, "流程已停用", "The process has been withdrawn";
    ProcessKeyTaken = "process.key_taken", 0, "流程标识已被使用", "This key is taken";
    ProcessNoDraft = "process.no_changes", 409, "草稿与当前版本相同，没有可发布的内容", "The draft is the same as the current release";
    ProcessNoPilot = "process.no_pilot", 409, "没有试点版本", "There is no pilot";
    ProcessActionDenied = "process.action_denied", 403, "流程用到动作“{action}”，您没有相应的权限", "The process uses the action {action}, for which you have no permission";
    ProcessSecurity = "process.security_needed", 403, "动作“{action}”涉及账号或权限，发布须由安全管理员执行或共同确认", "The action {action} touches accounts or rights: the security administrator has to publish it or agree";
    ProcessStarter = "process.not_a_starter", 403, "您不能发起此流程", "You may not start this process";
    ProcessBroken = "process.broken", 409, "发布版本无法载入：{reason}", "The release cannot be loaded: {reason}";
    RecordPending = "record.pending", 409, "记录尚未编入日志，请稍候再试", "The record has no place in the log yet; try again in a moment";
    CosignatureUnknown = "log.cosignature_unknown", 0, "不是已登记的见证人对该检查点的签名", "Not the signature of a known witness under this checkpoint";
    DrivenByCase = "driven_by_case", 409, "此操作由流程 {case} 执行，请在该流程中办理", "The case {case} does this; it is dealt with there";
    CaseOver = "case.over", 409, "流程已结束", "The case is over";
    CaseNotYours = "case.not_starter", 403, "只有发起人可以执行", "Only the starter may do this";
    CaseCannotWithdraw = "case.cannot_withdraw", 409, "已有人处理，不能撤回", "It cannot be withdrawn any more; somebody has dealt with it";
    CaseActionDone = "case.action_done", 409, "已执行不可重复的动作“{action}”，不能退到它之前", "The action {action}, which cannot be repeated, has been done; it cannot go back before it";
    CaseCannotUndo = "case.cannot_undo", 409, "不能退回：动作“{action}”无法撤销，{reason}", "It cannot go back: the action {action} cannot be undone, {reason}";
    CaseNoIncident = "case.no_incident", 409, "此处没有异常", "There is no incident here";
    CaseReasonRequired = "case.reason_required", 0, "请填写原因", "Give a reason";
    CaseSecondPerson = "case.second_person", 403, "须由另一名有权限的人员确认", "A second person with the permission has to confirm";
    CaseChoosePeople = "case.choose_people", 0, "请选择步骤“{step}”的办理人", "Choose who does the step {step}";
    CaseEndless = "case.endless", 0, "流程在没有人工步骤的循环中一直运行", "It went round and round without anybody having to do anything";
    PeopleNone = "people.none", 0, "没有找到办理人", "Nobody was found to do it";
    ChildRefused = "child.refused", 0, "子流程未通过", "The called process was refused";
    ChildRevoked = "child.revoked", 0, "子流程已撤销", "The called process was taken away by its starter";
    ChildVoided = "child.voided", 0, "子流程已作废", "The called process was declared void";
    ChildTerminated = "child.terminated", 0, "子流程已终止", "The called process was ended by an administrator";
    CaseTooLarge = "case.too_large", 409, "流程实例过大", "The case has become too large";
    WorkItemDone = "work_item.done", 409, "已由{by}于 {at} 处理", "{by} dealt with it at {at}";
    WorkItemClosed = "work_item.closed", 409, "此待办已不需要处理", "This need not be dealt with any more";
    WorkItemWaiting = "work_item.waiting", 409, "此待办尚未轮到", "It is not yet its turn";
    WorkItemNotYours = "work_item.not_yours", 403, "此待办不由您处理", "This is not yours to deal with";
    WorkItemClaimed = "work_item.claimed", 409, "已由{by}认领", "{by} has taken it";
    WorkItemNotClaimed = "work_item.not_claimed", 409, "请先认领", "Take it first";
    WorkItemOutcome = "work_item.outcome", 0, "此处没有这个结果", "There is no such outcome here";
    OpinionRequired = "work_item.opinion_required", 0, "请填写意见", "Give an opinion";
    ReturnTarget = "work_item.return_target", 409, "不能退回到该步骤", "It cannot be sent back there";
    WorkItemFieldsChanged = "work_item.fields_changed", 409, "其他人刚修改了部分内容，请核对后再提交", "Somebody else has just changed some of it; look at it again and send it then";
    SeatHeld = "work_item.seat_held", 409, "{name} 已在办理人之中", "{name} is among them already";
    SeatLast = "work_item.last_seat", 409, "不能移除最后一位未处理的办理人", "The last one who has not answered cannot be removed";
    SeatPolicy = "work_item.policy", 409, "此步骤不支持此操作", "This step does not allow it";
    DelegationDeep = "work_item.delegation_depth", 409, "委派不能超过三层，也不能回到已委派过的人", "Delegation goes three deep at most, and never back to somebody";
    DelegatedOnly = "work_item.delegated", 409, "委派的待办请填写意见后交还", "What was delegated is given back with an opinion";
    TakeBackLate = "work_item.take_back", 409, "后续步骤已被打开或已有动作执行，不能拿回", "It cannot be taken back: what followed has been opened, or an action has run";
    SeparationOfDuties = "work_item.separation", 409, "经办与审批须分离，您已处理过相关步骤", "Duties are separated: you have dealt with a related step";
    DeputySelf = "deputy.self", 409, "不能委托自己代理", "Nobody is their own deputy";
    UrgedJustNow = "case.urged_just_now", 429, "刚刚催办过，请稍后", "It was urged just now; wait a while";
    PackUnknownProcess = "pack.unknown_process", 0, "制度包中没有该流程", "The pack has no such process";
    PackSignature = "pack.signature", 422, "签名与制度包内容不符", "The signature does not belong to what is in the pack";
    PackUnsigned = "pack.unsigned", 422, "制度包没有可信的签名", "The pack has no signature of somebody who is trusted here";
    PackUnreadable = "pack.unreadable", 422, "无法读取制度包：{reason}", "The pack cannot be read: {reason}";
    TargetForbidden = "webhook.target_forbidden", 0, "不允许的目标地址", "This address is not allowed as a target";

    // Equipment.
    EquipmentState = "equipment.wrong_state", 409, "设备处于“{state}”，不能执行此操作", "Not possible while the equipment is {state}";
    EquipmentUnregistered = "equipment.unregistered", 409, "设备尚未登记，请先指定单位和保管人", "The equipment is not registered yet; assign a unit and a custodian first";
    EquipmentRegistered = "equipment.already_registered", 409, "设备已登记", "Already registered";
    EquipmentHasTickets = "equipment.has_open_tickets", 409, "设备有未关闭的工单", "The equipment has open tickets";
    EquipmentHolderInactive = "equipment.holder_inactive", 409, "保管人已停用", "The custodian is deactivated";
    AttributeUnknown = "equipment.attribute_unknown", 0, "该类型没有此属性", "The type has no such attribute";
    TypeInUse = "equipment.type_in_use", 409, "该类型仍在使用", "The type is in use";

    // Data sets.
    DatasetRetired = "dataset.retired", 409, "数据集已停用", "The data set is retired";
    DatasetActive = "dataset.active", 409, "数据集在用", "The data set is in use";
    DatasetHasGrants = "dataset.has_grants", 409, "数据集仍有 {count} 项未到期的授权，请先收回", "{count} grants of the data set have not ended; revoke them first";
    DatasetLowered = "dataset.reason_needed", 0, "降低密级须说明理由", "A lower classification needs a reason";
    DatasetApprovedLower = "dataset.approved_lower", 409, "审批时按“{approved}”办理，而数据集的密级为“{actual}”", "It was approved as {approved}, but the data set is {actual}";
    DatasetGrantOver = "dataset_grant.over", 409, "授权已到期或已收回", "The grant has ended or was revoked";

    // Backups.
    BackupNotOwn = "backup.not_own", 409, "只有本系统自己的备份可以这样做", "Only backups of this product can be treated so";
    BackupOwn = "backup.own", 409, "本系统的备份由系统自己完成，不能登记结果", "This product makes its own backups; their results cannot be reported";
    BackupNotThere = "backup.not_there", 409, "该备份未完成或已到期删除", "The backup was not completed or is not there any more";
    BackupNotEncrypted = "backup.not_encrypted", 409, "备份未加密，不能下载；请设置接收者公钥", "The backup is not encrypted and is not handed out; name a recipient";
    BackupPlanInactive = "backup_plan.inactive", 409, "该备份计划已停用", "The plan rests";
    HandOverSamePerson = "handover.same_person", 409, "移交人和接收人不能是同一人", "Giver and receiver must be two people";
    HandOverNotReceiver = "handover.not_receiver", 403, "只有接收人可以签收", "Only the receiver signs";
    HandOverNotHolder = "handover.not_holder", 403, "介质只能由现保管人移交", "Only who holds the medium gives it away";
    HandOverNotGiver = "handover.not_giver", 403, "只有移交人可以撤回", "Only the giver withdraws it";
    HandOverOpen = "handover.open", 409, "该介质已在移交中，待签收", "The medium is being handed over already";
    HandOverUnsignable = "handover.unsignable", 409, "接收人没有查看备份的权限，无法签收", "The receiver may not read backups, and could not sign";
    HandOverAnswered = "handover.answered", 409, "该交接已办结", "It was answered already";

    // Imports and calendars.
    ImportHasErrors = "import.has_errors", 422, "有 {count} 行未通过检查，未导入任何内容", "{count} rows are wrong; nothing was imported";
    ImportColumnMissing = "import.column_missing", 0, "缺少列 {column}", "The column {column} is missing";
    ImportUnreadable = "import.unreadable", 422, "无法读取该表格：{reason}", "The sheet cannot be read: {reason}";
    ImportChangedSince = "import.changed_since", 409, "导入之后又被修改过", "It was changed after the import";
    ImportInUse = "import.in_use", 409, "已被使用", "It is in use";
    ImportUndone = "import.undone", 409, "该次导入已撤销", "The import has been taken back already";
    CalendarInvalid = "calendar.invalid", 422, "日历设置有误：{reason}", "The calendar is not valid: {reason}";

    // Compliance.
    ControlInvalid = "control.invalid", 0, "控制点 {control} 的 {field}：{zh}", "Control {control}, {field}: {en}";
    ControlsUnreadable = "control.unreadable", 422, "无法读取控制点：{reason}", "The controls cannot be read: {reason}";
    ControlUnknown = "control.unknown", 0, "没有这个控制点", "There is no such control";
    RegulationDecided = "regulation.decided", 409, "该版本已有结论", "This version has been decided on already";
    RegulationProposedTwice = "regulation.proposed_already", 409, "该制度已有待批准的版本", "A version of this regulation waits for a decision already";
    RegulationUnchanged = "regulation.unchanged", 409, "与现行版本内容相同", "It is the same as what is in force";
    RegulationNotInForce = "regulation.not_in_force", 409, "该版本不是现行版本", "This version is not in force";
    RegulationOther = "regulation.other", 0, "不是同一制度的版本", "It is a version of another regulation";
    RegulationFirst = "regulation.first", 0, "这是第一个版本，请指明与哪个版本比较", "This is the first version; say with which other to compare it";
    SecondPersonNeeded = "compliance.second_person", 409, "提出与批准须由不同的人办理", "Whoever proposed it does not decide on it";
    ClauseUnknown = "clause.unknown", 0, "制度中没有该条款", "The regulation has no such clause";
    AttestedByOwner = "clause.attested_by_owner", 409, "责任部门不能声明自己的执行情况", "The unit that answers for the clause does not attest it";
    EvidenceMissing = "attestation.evidence_missing", 0, "请附上能证明该条款得到执行的文件", "Attach a file that shows that the clause is kept";
    NotAFinding = "finding.none", 409, "该事项没有未按要求完成，无须整改", "Nothing was missed here; there is nothing to correct";
    FindingState = "finding.wrong_state", 409, "问题处于“{state}”，不能执行此操作", "Not possible while the finding is {state}";
    FindingNotYours = "finding.not_responsible", 409, "只有责任人可以报告整改结果", "Only the responsible person reports the correction";
    FindingVerifySelf = "finding.verify_self", 409, "整改结果须由责任人以外的人验证", "Somebody other than the responsible person verifies";
    FindingHasCase = "finding.has_case", 409, "该问题已由流程 {number} 整改", "Case {number} corrects this finding already";
    ProcessNotForFindings = "process.not_for_findings", 0, "该流程不能用于整改问题，或您不能发起", "This process corrects no findings, or you may not start it";
    WaiverTooLong = "waiver.too_long", 0, "豁免最长 {days} 天", "A waiver lasts {days} days at most";
    WaiverState = "waiver.wrong_state", 409, "豁免处于“{state}”，不能执行此操作", "Not possible while the waiver is {state}";
    InThePast = "time.in_the_past", 0, "时间已过", "This time has passed";

    // Reports.
    ReportUnknown = "report.unknown", 0, "没有这种报表", "There is no such report";
    ReportTooLong = "report.too_long", 409, "报表超过 {limit} 行，请缩短期间或选择较小的部门", "The report has more than {limit} rows; ask for a shorter time or a smaller unit";
    ReportNotMade = "report.not_made", 409, "报表处于“{state}”，没有可下载的内容", "The report is {state}; there is nothing to download";
    ReportAltered = "report.altered", 409, "保存的内容与日志中的哈希不符，不予提供", "What was kept does not fit the hash in the log; it is not handed out";
    ReportBeyondLog = "report.beyond_log", 0, "日志目前只有 {size} 条记录", "The log has {size} records so far";
    ReportByUnit = "report.whole_company", 0, "该报表不能按部门生成", "This report speaks of the whole company only";
    ReportMoment = "report.moment", 0, "该报表反映某一时刻，没有起始时间", "This report speaks of a moment; it has no beginning";
    ReportPlanNotYours = "report_plan.not_owner", 409, "只有建立人可以修改定期报表", "Only its owner changes a planned report";
    TimeOrder = "time.order", 0, "结束时间应晚于开始时间", "The end comes after the beginning";

    // Extractions.
    ExtractionState = "extraction.wrong_state", 409, "提取处于“{state}”，不能执行此操作", "Not possible while the extraction is {state}";
    ExtractionNotYours = "extraction.not_requester", 409, "只有申请人可以撤回", "Only whoever asked takes it back";
    ExtractionTooLong = "extraction.too_long", 409, "超过 {limit} 条记录，请缩小范围，或导出整个日志", "More than {limit} records; narrow it down, or export the whole log";
    ExtractionNotOver = "extraction.not_over", 0, "日志还没有记到这个时间之后，请稍后再试", "The log does not reach beyond this time yet; try again later";
    ExtractionEmpty = "extraction.empty", 0, "没有符合条件的记录", "No record fits";

    // Inventory door.
    InventoryUnreadable = "inventory.unreadable", 400, "无法读取采集数据：{reason}", "The inventory cannot be read: {reason}";
}
