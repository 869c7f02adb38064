//! Whether somebody can log in, and whether it is a company at all.

use db::look::Look;
use identity::directory;
use kernel::{Permission, Ts};

use super::{Finding, database::read};
use crate::demo;

/// Who can let others in, and who is made up.
pub fn checks(look: &mut Look, now: Ts) -> Vec<Finding> {
    vec![administrators(look, now), demonstration(look, now)]
}

fn administrators(look: &mut Look, now: Ts) -> Finding {
    const CHECK: &str = "administrators";
    let counted = look.read(now, |tx| {
        let able = (directory::able(tx, Permission::ManagePeople)?, directory::able(tx, Permission::AssignRoles)?);
        Ok((directory::anybody(tx)?, able))
    });
    read(
        CHECK,
        counted.map(|counted| match counted {
            (false, _) => {
                let advice = "start zhidu serve: it prints the link with which the first administrator is made";
                Finding::warn(CHECK, "nobody is registered yet", advice)
            }
            (true, (0, 0)) => {
                let advice = "put back a backup from before they were lost (zhidu restore --replace); no command gives rights";
                Finding::wrong(CHECK, "nobody who can log in may manage people or assign roles", advice)
            }
            (true, (system, 0)) => {
                let found = format!("{system} who can manage people, nobody who can assign roles");
                let advice = "the system administrator gives somebody else the role 安全管理员, or that person a new password";
                Finding::warn(CHECK, found, advice)
            }
            (true, (0, security)) => {
                let found = format!("{security} who can assign roles, nobody who can manage people");
                Finding::warn(CHECK, found, "the security administrator gives somebody else the role 系统管理员")
            }
            (true, (system, security)) => Finding::ok(CHECK, format!("{system} who can manage people, {security} who can assign roles")),
        }),
    )
}

fn demonstration(look: &mut Look, now: Ts) -> Finding {
    const CHECK: &str = "demonstration";
    let found = look.read(now, |tx| directory::with_mail_at(tx, demo::MAIL));
    read(
        CHECK,
        found.map(|people| {
            if people == 0 {
                return Finding::ok(CHECK, "nobody of the demonstration company is here");
            }
            let found = format!("its people are here ({people}, with mail at …{})", demo::MAIL);
            Finding::warn(CHECK, found, "for a company of your own take an empty data folder and database, without --demo")
        }),
    )
}
