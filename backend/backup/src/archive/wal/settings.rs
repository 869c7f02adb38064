//! What is written for PostgreSQL to read.

use kernel::Ts;

/// An argument as a shell takes it.
fn quoted(argument: &str) -> String {
    format!("'{}'", argument.replace('\'', r"'\''"))
}

/// A command with which PostgreSQL gets a file: these words, then which one (`%f`), then where to (`%p`).
#[must_use]
pub fn command(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| quoted(word).replace('%', "%%")).collect();
    format!("{} %f \"%p\"", words.join(" "))
}

/// A line of its configuration.
pub fn line(name: &str, value: &str) -> String {
    format!("{name} = '{}'\n", value.replace('\\', r"\\").replace('\'', "''"))
}

/// What makes PostgreSQL recover to a moment, or to the end of the archive, and then be a server of its own. Whatever stood there of an
/// earlier recovery is overruled. It opens its doors when it is done, and does not write into the archive.
pub fn recovery(base: &str, restore_command: &str, until: Option<Ts>) -> String {
    let mut text = format!("\n# zhidu wal restore, {base}\n");
    // When this is read, PostgreSQL knows no time zone by its name yet, and takes `Z` for one.
    let until = until.map(|until| until.to_string().replace('Z', "+00")).unwrap_or_default();
    for (name, value) in [
        ("restore_command", restore_command),
        ("recovery_target", ""),
        ("recovery_target_name", ""),
        ("recovery_target_xid", ""),
        ("recovery_target_lsn", ""),
        ("recovery_target_time", &until),
        ("recovery_target_inclusive", "on"),
        ("recovery_target_timeline", "latest"),
        ("recovery_target_action", "promote"),
        ("recovery_end_command", ""),
        ("archive_cleanup_command", ""),
        ("hot_standby", "off"),
        ("archive_mode", "off"),
    ] {
        text.push_str(&line(name, value));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_path_has_in_it_changes_no_command() {
        let words = ["/opt/zhi du/zhidu", "--from", "/mnt/it's 100%f"].map(str::to_owned);
        let restore = command(&words);
        assert_eq!(restore, r#"'/opt/zhi du/zhidu' '--from' '/mnt/it'\''s 100%%f' %f "%p""#);
        assert_eq!(
            line("restore_command", &restore),
            "restore_command = '''/opt/zhi du/zhidu'' ''--from'' ''/mnt/it''\\\\''''s 100%%f'' %f \"%p\"'\n"
        );
    }

    #[test]
    fn an_earlier_target_is_overruled() {
        let until = Ts::from_micros(1_795_724_645_250_000);
        assert!(recovery("zhidu-base-1", "x", Some(until)).contains("recovery_target_time = '2026-11-26T20:24:05.250000+00'\n"));
        let end = recovery("zhidu-base-1", "x", None);
        assert!(end.contains("recovery_target_time = ''\n") && end.contains("archive_mode = 'off'\n"));
    }
}
