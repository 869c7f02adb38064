//! What a role may hold. The wire name is stable; the title is what people read.

macro_rules! permissions {
    ($($variant:ident = $name:tt, $zh:literal, $en:literal;)+) => {
        kernel::text_enum! {
            /// The verb of an operation. Which rows it reaches is the scope of the role's assignment.
            pub enum Permission { $($variant = $name),+ }
        }
        impl Permission {
            /// What people read, in Chinese or English.
            #[must_use]
            pub const fn title(self, chinese: bool) -> &'static str {
                match self { $(Self::$variant => if chinese { $zh } else { $en }),+ }
            }
        }
        /// One type for each permission, so that a handler's signature names what it demands.
        pub mod may {
            use super::Permission;
            /// A demand on the caller.
            pub trait Demand: 'static {
                /// None: it is enough to be logged in.
                const PERMISSION: Option<Permission>;
                /// Whether it is open to somebody who still has the initial password.
                const BEFORE_PASSWORD_CHANGE: bool = false;
            }
            /// Whoever is logged in, about themselves.
            pub enum UseAccount {}
            impl Demand for UseAccount { const PERMISSION: Option<Permission> = None; }
            /// Whoever is logged in, even with the initial password: it opens its own change and nothing else.
            pub enum ChangePassword {}
            impl Demand for ChangePassword {
                const PERMISSION: Option<Permission> = None;
                const BEFORE_PASSWORD_CHANGE: bool = true;
            }
            $(
                #[doc = $en]
                pub enum $variant {}
                impl Demand for $variant { const PERMISSION: Option<Permission> = Some(Permission::$variant); }
            )+
        }
    };
}

permissions! {
    ReportTickets = "tickets.report", "提交工单", "Report tickets";
    ReadTickets = "tickets.read", "查看工单", "Read tickets";
    DispatchTickets = "tickets.dispatch", "派单", "Dispatch tickets";
    HandleTickets = "tickets.handle", "处理工单", "Handle tickets";
    ManageTickets = "tickets.manage", "管理工单", "Manage tickets";
    ConfigureTickets = "tickets.configure", "设置工单分类、时限与日历", "Configure categories, service levels and the calendar";
    ReadEquipment = "equipment.read", "查看设备", "Read equipment";
    ManageEquipment = "equipment.manage", "管理设备", "Manage equipment";
    ConfigureEquipment = "equipment.configure", "设置设备类型与采集凭据", "Configure equipment types and inventory credentials";
    ReadDatasets = "datasets.read", "查看数据集与授权", "Read data sets and their grants";
    ManageDatasets = "datasets.manage", "管理数据集与授权", "Manage data sets and their grants";
    ReadOrg = "org.read", "查看组织与人员", "Read units and people";
    ManageOrg = "org.manage", "管理组织", "Manage units";
    ManagePeople = "people.manage", "管理人员与账号", "Manage people and accounts";
    ManageRoles = "roles.manage", "管理角色", "Manage roles";
    AssignRoles = "roles.assign", "分配角色", "Assign roles";
    ReadRecords = "records.read", "查看审计记录", "Read audit records";
    ApproveExtractions = "extractions.approve", "批准提取日志", "Approve extractions of the log";
    UseProcesses = "processes.use", "发起与办理流程", "Start cases and do work";
    DesignProcesses = "processes.design", "设计流程", "Design processes";
    PublishProcesses = "processes.publish", "发布流程", "Publish processes";
    ReadCases = "cases.read", "查看流程实例", "Read cases";
    ManageCases = "cases.manage", "管理流程实例", "Manage cases";
    ManageWebhooks = "webhooks.manage", "设置外部系统通知", "Set up webhooks";
    ReadBackups = "backups.read", "查看备份", "Read backups";
    ManageBackups = "backups.manage", "管理备份", "Manage backups";
    ReadCompliance = "compliance.read", "查看制度执行情况", "Read compliance";
    ManageCompliance = "compliance.manage", "管理制度、控制点与问题", "Manage regulations, controls and findings";
    ManageSecurity = "security.manage", "安全管理（解锁、结束会话、依法删除明细）", "Manage security (unlock, end sessions, erase details)";
}
