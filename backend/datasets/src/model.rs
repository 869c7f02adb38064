//! Rows, words, and what is in force on which day. Pure.

use kernel::{Date, PersonId, Ts, UnitId, column::AnyId, kinds};

use crate::schema;

kinds! {
    /// A data set.
    DatasetKind, DatasetId = "dataset";
    /// Somebody's right to use a data set.
    GrantKind, GrantId = "dataset_grant";
}

kernel::text_enum! {
    /// How confidential a data set is, the least first.
    pub enum Classification {
        /// 公开
        Public = "public",
        /// 内部
        Internal = "internal",
        /// 秘密
        Confidential = "confidential",
        /// 机密
        Secret = "secret",
    }
}

impl Classification {
    /// The word people read.
    #[must_use]
    pub const fn title(self, chinese: bool) -> &'static str {
        match (self, chinese) {
            (Self::Public, true) => "公开",
            (Self::Internal, true) => "内部",
            (Self::Confidential, true) => "秘密",
            (Self::Secret, true) => "机密",
            (other, false) => other.as_str(),
        }
    }

    /// The class that a form names, by its word or its code.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|class| class.as_str() == text || class.title(true) == text)
    }
}

kernel::text_enum! {
    /// Whether a data set is in use.
    pub enum DatasetState {
        /// 在用
        Active = "active",
        /// 已停用
        Retired = "retired",
    }
}

kernel::text_enum! {
    /// What changes its state.
    pub enum DatasetAction {
        /// 停用
        Retire = "retire",
        /// 恢复使用
        Restore = "restore",
    }
}

kernel::text_enum! {
    /// What a grant allows.
    pub enum GrantMode {
        /// 查阅
        Read = "read",
        /// 导出
        Export = "export",
        /// 修改
        Change = "change",
    }
}

impl GrantMode {
    /// The word people read.
    #[must_use]
    pub const fn title(self, chinese: bool) -> &'static str {
        match (self, chinese) {
            (Self::Read, true) => "查阅",
            (Self::Export, true) => "导出",
            (Self::Change, true) => "修改",
            (other, false) => other.as_str(),
        }
    }

    /// The mode that a form names, by its word or its code.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|mode| mode.as_str() == text || mode.title(true) == text)
    }
}

kernel::text_enum! {
    /// How a grant stands on a day.
    pub enum GrantState {
        /// 未生效
        Upcoming = "upcoming",
        /// 有效
        InForce = "in_force",
        /// 已到期
        Ended = "ended",
        /// 已收回
        Revoked = "revoked",
    }
}

/// A row of the catalogue.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = schema::dataset)]
pub struct Dataset {
    pub id: DatasetId,
    pub number: String,
    pub name: String,
    pub classification: Classification,
    pub purpose: String,
    pub location: String,
    pub unit_id: UnitId,
    pub custodian_id: PersonId,
    pub state: DatasetState,
    pub created_at: Ts,
    pub updated_at: Ts,
    pub version: i32,
}

impl Dataset {
    /// How records name it.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{} {}", self.number, self.name)
    }
}

/// A grant's row.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = schema::dataset_grant, treat_none_as_default_value = false)]
pub struct Grant {
    pub id: GrantId,
    pub dataset_id: DatasetId,
    pub person_id: PersonId,
    pub mode: GrantMode,
    pub purpose: String,
    pub valid_from: Date,
    pub valid_until: Date,
    pub given_at: Ts,
    pub given_by: String,
    pub case_id: Option<AnyId>,
    pub case_number: Option<String>,
    pub revoked_at: Option<Ts>,
    pub revoked_by: Option<String>,
    pub revoked_reason: Option<String>,
    pub version: i32,
}

impl Grant {
    /// How it stands on this day; it is good on its last day still.
    #[must_use]
    pub fn state(&self, today: Date) -> GrantState {
        if self.revoked_at.is_some() {
            GrantState::Revoked
        } else if today < self.valid_from {
            GrantState::Upcoming
        } else if today > self.valid_until {
            GrantState::Ended
        } else {
            GrantState::InForce
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_grant_is_good_from_its_first_to_its_last_day() {
        let mut grant = Grant {
            id: GrantId::new(),
            dataset_id: DatasetId::new(),
            person_id: PersonId::new(),
            mode: GrantMode::Read,
            purpose: "编制年度报告".to_owned(),
            valid_from: day("2026-12-01"),
            valid_until: day("2026-12-31"),
            given_at: Ts::from_micros(0),
            given_by: "甲".to_owned(),
            case_id: None,
            case_number: None,
            revoked_at: None,
            revoked_by: None,
            revoked_reason: None,
            version: 1,
        };
        assert_eq!(grant.state(day("2026-11-30")), GrantState::Upcoming);
        assert_eq!(grant.state(day("2026-12-01")), GrantState::InForce);
        assert_eq!(grant.state(day("2026-12-31")), GrantState::InForce);
        assert_eq!(grant.state(day("2027-01-01")), GrantState::Ended);
        grant.revoked_at = Some(Ts::from_micros(1));
        assert_eq!(grant.state(day("2026-12-15")), GrantState::Revoked);
    }

    #[test]
    fn a_mode_is_known_by_its_word_and_by_its_code() {
        assert_eq!(GrantMode::named("导出"), Some(GrantMode::Export));
        assert_eq!(GrantMode::named("change"), Some(GrantMode::Change));
        assert_eq!(GrantMode::named("打印"), None);
        assert!(Classification::Public < Classification::Internal && Classification::Confidential < Classification::Secret);
    }
}
