//! The data sets of the demonstration company, and who may use them.

use std::sync::Arc;

use datasets::{
    Classification::{self, Confidential, Internal, Public, Secret},
    DatasetAction,
    GrantMode::{self, Change, Export, Read},
    service::{self, Facts, Giving},
};
use kernel::{Actor, Error, Permission, Reach};

use super::{Cast, acting, give, months};
use crate::Application;

/// Who manages them.
const MANAGER: &str = "he.min";
/// Name, class, unit, custodian, purpose, location. What cases of the demonstration are about comes first.
const DATASETS: &[(&str, Classification, &str, &str, &str, &str)] = &[
    ("产品质量检验记录", Internal, "QA", "cao.yang", "质量追溯、统计分析和客户投诉处理", "质量管理系统，数据库 qms-01"),
    ("客户与合同台帐", Confidential, "SALES", "jiang.xin", "合同履行、回款跟踪和销售分析", "ERP 销售模块；纸质合同在销售部 3 号柜"),
    ("员工人事与薪酬档案", Secret, "HR", "zhu.lin", "人事管理和薪酬发放", "人事系统；纸质档案在人力资源部档案室"),
    ("会计凭证与财务报表", Confidential, "FIN", "gao.yan", "核算、报税和审计", "ERP 财务模块，备份在财务部保险柜"),
    ("产品目录与公开资料", Public, "SW-MK", "bai.xue", "对外宣传和投标", "公司网站和市场部共享文件夹"),
    ("2019 年以前出入库记录", Internal, "MFG-WH", "zhong.wei", "历史库存核对", "旧仓储系统只读库"),
];
/// Which one is no longer used.
const RETIRED: usize = 5;
/// Data set, person, mode, purpose, days.
const GRANTS: &[(usize, &str, GrantMode, &str, i64)] = &[
    (0, "han.bing", Change, "审核和更正检验结论", 365),
    (0, "ye.qing", Read, "分析工艺缺陷", 200),
    (1, "cai.ming", Read, "跟进老客户续签", 120),
    (1, "guo.hong", Export, "核对年度回款", 365),
    (2, "guo.hong", Read, "核对薪酬发放", 210),
    (3, "sun.ming", Read, "年度内部审计", 240),
    (3, "tang.ying", Export, "报送税务资料", 365),
];

/// Fills the catalogue.
pub async fn fill(app: &Application, cast: &mut Cast) -> Result<(), Error> {
    let manager = cast.by_login(MANAGER).ok_or_else(|| Error::internal(MANAGER))?;
    give(app, manager, "data_manager").await?;
    let staff = cast.staff.iter().find(|staff| staff.id == manager).ok_or_else(|| Error::internal(MANAGER))?;
    let mut actor = Actor::clone(&acting(staff));
    actor.grants = Arc::new([(Permission::ManageDatasets, Reach { all: true, ..Reach::default() })].into());
    let actor = Arc::new(actor);
    for (name, classification, unit, custodian, purpose, location) in DATASETS {
        let facts = Facts {
            name: (*name).to_owned(),
            classification: *classification,
            purpose: (*purpose).to_owned(),
            location: (*location).to_owned(),
            unit: cast.units.get(unit).copied().ok_or_else(|| Error::internal(*unit))?,
            custodian: cast.by_login(custodian).ok_or_else(|| Error::internal(*custodian))?,
        };
        app.db.clock().advance(300);
        cast.datasets.push(app.db.write(&actor, move |tx| service::create(tx, &facts)).await?);
    }
    let today = app.db.clock().now();
    for (index, login, mode, purpose, days) in GRANTS {
        let dataset = cast.datasets.get(*index).copied().ok_or_else(|| Error::internal("a data set"))?;
        let giving = Giving {
            person: cast.by_login(login).ok_or_else(|| Error::internal(*login))?,
            mode: *mode,
            purpose: (*purpose).to_owned(),
            from: None,
            until: months::date(today.plus_seconds(days * 86_400)),
        };
        app.db.write(&actor, move |tx| service::give(tx, dataset, &giving)).await?;
    }
    let retired = cast.datasets.get(RETIRED).copied().ok_or_else(|| Error::internal("a data set"))?;
    app.db.write(&actor, move |tx| service::transition(tx, retired, 1, DatasetAction::Retire, Some("已归档并移交档案室"))).await
}
