//! The reports that there are: what each says, who may ask for it, what it is made of.

mod accounts;
mod approvals;
mod backups;
mod compliance;
mod equipment;
mod extracts;
mod logins;
mod mlps;
mod service_levels;

use kernel::{Error, Permission};

use crate::{source::Source, table::Table};

/// What a report speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// What happened within a time.
    Period,
    /// How things stood at a moment.
    Moment,
}

/// One report.
pub struct Kind {
    /// Its stable name.
    pub key: &'static str,
    /// What it is called, in Chinese and English.
    pub title: (&'static str, &'static str),
    /// What it says, in Chinese and English.
    pub about: (&'static str, &'static str),
    /// What whoever asks for it must hold where it speaks of.
    pub permission: Permission,
    pub span: Span,
    /// Whether it can speak of a part of the company.
    pub by_unit: bool,
    /// The clauses for which it is evidence.
    pub clauses: &'static [&'static str],
    /// Makes it.
    pub make: fn(&mut Source<'_, '_>) -> Result<Table, Error>,
}

/// All of them.
pub static ALL: &[Kind] = &[
    Kind {
        key: "compliance",
        title: ("制度执行情况", "Compliance by regulation and unit"),
        about: (
            "每项制度、条款、部门：按时完成、逾期完成、未完成、待完成的事项数",
            "For each regulation, clause and unit: what was met, met late, missed, and is open",
        ),
        permission: Permission::ReadCompliance,
        span: Span::Moment,
        by_unit: true,
        clauses: &["X3"],
        make: compliance::make,
    },
    Kind {
        key: "service_levels",
        title: ("工单服务水平", "Ticket service levels"),
        about: (
            "期间内报告的工单：响应与解决是否及时、用时、重开、满意度",
            "Tickets reported in the time: whether answered and resolved in time, how long it took, reopened, satisfaction",
        ),
        permission: Permission::ReadTickets,
        span: Span::Period,
        by_unit: true,
        clauses: &["G3.3"],
        make: service_levels::make,
    },
    Kind {
        key: "equipment_register",
        title: ("设备台帐", "Equipment register"),
        about: (
            "某一时刻的全部设备：编号、状态、部门、保管人、使用年限、保修",
            "All equipment at a moment: number, state, unit, holder, age, warranty",
        ),
        permission: Permission::ReadEquipment,
        span: Span::Moment,
        by_unit: true,
        clauses: &["G6.5"],
        make: equipment::register,
    },
    Kind {
        key: "equipment_movements",
        title: ("设备变动记录", "Equipment movements"),
        about: (
            "期间内的领用、调拨、借还、维修、退役与处置",
            "What was handed out, moved, lent, repaired, retired and disposed of in the time",
        ),
        permission: Permission::ReadEquipment,
        span: Span::Period,
        by_unit: true,
        clauses: &["G6.5"],
        make: equipment::movements,
    },
    Kind {
        key: "accounts",
        title: ("账号与权限清单", "Accounts and rights"),
        about: ("某一时刻谁拥有什么角色、在什么范围、能做什么", "Who held which role, how far, and what it allowed, at a moment"),
        permission: Permission::ReadRecords,
        span: Span::Moment,
        by_unit: true,
        clauses: &["E4.5"],
        make: accounts::rights,
    },
    Kind {
        key: "stale_accounts",
        title: ("长期未用账号", "Stale accounts"),
        about: (
            "某一时刻启用但从未登录或 90 天以上未登录的账号",
            "Accounts that were active at a moment and never used, or not for 90 days",
        ),
        permission: Permission::ReadRecords,
        span: Span::Moment,
        by_unit: true,
        clauses: &["E4.5"],
        make: accounts::stale,
    },
    Kind {
        key: "logins",
        title: ("登录与拒绝记录", "Log-ins and refusals"),
        about: ("期间内的登录、登录失败与越权被拒", "Log-ins, failed log-ins, and what was refused in the time"),
        permission: Permission::ReadRecords,
        span: Span::Period,
        by_unit: false,
        clauses: &["E4.5"],
        make: logins::make,
    },
    Kind {
        key: "approvals",
        title: ("流程办理情况", "Approvals by process"),
        about: (
            "期间内发起的流程：办结、撤销、用时、超期",
            "Processes started in the time: completed, revoked, how long they took, overdue work",
        ),
        permission: Permission::ReadCases,
        span: Span::Period,
        by_unit: true,
        clauses: &["X3"],
        make: approvals::make,
    },
    Kind {
        key: "extracts",
        title: ("数据导出记录", "Exports and downloads"),
        about: ("期间内谁把什么数据导出或下载到系统之外", "Who took which data out of the system in the time"),
        permission: Permission::ReadRecords,
        span: Span::Period,
        by_unit: true,
        clauses: &["G5.3"],
        make: extracts::make,
    },
    Kind {
        key: "backups",
        title: ("备份与恢复演练", "Backups and drills"),
        about: (
            "期间内的备份、恢复演练、异地副本、交接与场所检查",
            "Backups, restore drills, second copies, hand-overs and inspections of places in the time",
        ),
        permission: Permission::ReadBackups,
        span: Span::Period,
        by_unit: false,
        clauses: &["G6.2", "B2.1", "B2.2", "B2.3", "B2.4", "B2.5"],
        make: backups::make,
    },
    Kind {
        key: "mlps",
        title: ("等级保护证据", "MLPS evidence (GB/T 22239-2019)"),
        about: (
            "按等保 2.0 条款列出日志中的证据条数、最近一次时间；编号请与所购标准核对",
            "By clause of MLPS 2.0: how many records are evidence for it, and the latest; compare the numbers with the standard that you bought",
        ),
        permission: Permission::ReadRecords,
        span: Span::Period,
        by_unit: false,
        clauses: &["X3"],
        make: mlps::make,
    },
];

/// One of them.
#[must_use]
pub fn find(key: &str) -> Option<&'static Kind> {
    ALL.iter().find(|kind| kind.key == key)
}

/// What one is called, in the reader's language; its name if it is of another version of the product.
#[must_use]
pub fn title(key: &str, chinese: bool) -> String {
    find(key).map_or(key, |kind| if chinese { kind.title.0 } else { kind.title.1 }).to_owned()
}
