//! What people read of a notification. Alertmanager allows more than our fields hold, so everything is cut to its field, and says so.

use super::{Alert, AlertStatus, Notification};

/// As long as a ticket's fields are.
const TITLE: usize = 120;
const DESCRIPTION: usize = 10_000;
const NOTE: usize = 5000;
/// Of one alert: one that is long must not hide the others.
const LINE: usize = 600;

/// One line that names the group: the summary that all alerts share, the name that they share, or by what they were grouped.
#[must_use]
pub fn title(notification: &Notification, chinese: bool) -> String {
    let common = notification.common_annotations.get("summary").or_else(|| notification.common_labels.get("alertname"));
    let grouped = || notification.group_labels.values().map(String::as_str).collect::<Vec<_>>().join(" ");
    let title = one_line(&common.cloned().unwrap_or_else(grouped), TITLE);
    if title.is_empty() { if chinese { "监控告警" } else { "Alerts of the monitoring" }.to_owned() } else { title }
}

/// Everything that fires, one after the other.
#[must_use]
pub fn description(notification: &Notification, chinese: bool) -> String {
    let from = if chinese { "来自 Alertmanager" } else { "From Alertmanager" };
    let head = format!("{from}: {} {}", notification.receiver, notification.external_url);
    whole(&one_line(&head, LINE), notification, chinese, DESCRIPTION)
}

/// What a note says that comes later.
#[must_use]
pub fn note(notification: &Notification, chinese: bool) -> String {
    let head = match (notification.status, chinese) {
        (AlertStatus::Firing, true) => "告警有变化",
        (AlertStatus::Firing, false) => "The alerts have changed",
        (AlertStatus::Resolved, chinese) => solved(chinese),
    };
    whole(head, notification, chinese, NOTE)
}

/// How a ticket was solved that solved itself.
#[must_use]
pub const fn solved(chinese: bool) -> &'static str {
    if chinese { "告警已全部恢复" } else { "No alert fires any more" }
}

/// The alerts, one a paragraph, as many as there is room for; and how many are not shown.
fn whole(head: &str, notification: &Notification, chinese: bool, room: usize) -> String {
    // The last line says what is missing, and always has its place.
    const LAST: usize = 60;
    let mut text = head.to_owned();
    let mut shown = 0;
    let firing_first = notification.with(AlertStatus::Firing).chain(notification.with(AlertStatus::Resolved));
    for line in firing_first.map(|alert| of_alert(alert, chinese)) {
        if text.chars().count() + line.chars().count() + LAST > room {
            break;
        }
        text.push_str("\n\n");
        text.push_str(&line);
        shown += 1;
    }
    let missing = i64::try_from(notification.alerts.len() - shown).unwrap_or(i64::MAX).saturating_add(notification.truncated_alerts);
    if missing > 0 {
        text.push_str(&if chinese { format!("\n\n另有 {missing} 条未列出") } else { format!("\n\n{missing} more are not shown") });
    }
    text
}

fn of_alert(alert: &Alert, chinese: bool) -> String {
    let (word, at) = match (alert.status, chinese) {
        (AlertStatus::Firing, true) => ("告警", Some(alert.starts_at)),
        (AlertStatus::Firing, false) => ("Firing", Some(alert.starts_at)),
        (AlertStatus::Resolved, true) => ("恢复", alert.ends_at),
        (AlertStatus::Resolved, false) => ("Resolved", alert.ends_at),
    };
    let labels = alert.labels.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ");
    let words = ["summary", "description"].iter().filter_map(|name| alert.annotations.get(*name)).cloned();
    let source = Some(alert.generator_url.clone()).filter(|url| !url.is_empty());
    let at = at.map(|at| at.to_string()).unwrap_or_default();
    let lines = [format!("{word} {at} {labels}")].into_iter().chain(words).chain(source);
    lines.map(|line| one_line(&line, LINE)).collect::<Vec<_>>().join("\n")
}

/// Without line ends, and not longer than this.
fn one_line(text: &str, room: usize) -> String {
    let line = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    if line.chars().count() <= room { line } else { line.chars().take(room - 1).chain(['…']).collect() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// As many alerts as may come, each as long as it may be.
    fn huge() -> Notification {
        let long = "很长".repeat(4000);
        let pairs = BTreeMap::from([("summary".to_owned(), long.clone()), ("a".to_owned(), "b\nc".to_owned())]);
        let alert = serde_json::json!({
            "status": "firing", "labels": pairs, "annotations": pairs, "startsAt": "2026-11-27T08:00:00+08:00",
            "endsAt": "0001-01-01T00:00:00Z", "generatorURL": long, "fingerprint": "f",
        });
        serde_json::from_value(serde_json::json!({
            "version": "4", "groupKey": "g", "truncatedAlerts": 7, "status": "firing", "receiver": "r", "groupLabels": {},
            "commonLabels": {}, "commonAnnotations": pairs, "externalURL": "", "alerts": vec![alert; 500], "new in 0.99": true,
        }))
        .unwrap()
    }

    #[test]
    fn everything_fits_into_its_field_and_says_what_is_missing() {
        let huge = huge();
        for chinese in [true, false] {
            assert_eq!(title(&huge, chinese).chars().count(), TITLE);
            for (text, room) in [(description(&huge, chinese), DESCRIPTION), (note(&huge, chinese), NOTE)] {
                assert!(text.chars().count() <= room, "{}", text.chars().count());
                let shown = text.matches("a=b c").count();
                assert!(shown >= 1 && text.contains(&(507 - shown).to_string()), "{shown}");
            }
        }
    }

    #[test]
    fn a_group_without_any_word_has_a_title() {
        let nameless = Notification { common_annotations: BTreeMap::new(), ..huge() };
        assert_eq!(title(&nameless, true), "监控告警");
    }
}
