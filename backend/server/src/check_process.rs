//! `zhidu check-process`: what stands against the publication of a BPMN file, for people and for programs.

use std::{io::Read as _, path::PathBuf, process::ExitCode};

use bpmn::{Definition, Finding, Severity, check::publishable};
use clap::Args;

/// Which file, and how to answer.
#[derive(Debug, Args)]
pub struct CheckProcess {
    /// The file; `-` for standard input.
    file: PathBuf,
    /// The language of the sentences.
    #[arg(long, default_value = "zh", value_parser = ["zh", "en"])]
    language: String,
    /// Findings as JSON: rule, element, params, run.
    #[arg(long)]
    json: bool,
}

impl CheckProcess {
    /// Prints the findings. Fails if the process could not be published, or the file not be read.
    pub fn run(&self) -> ExitCode {
        let read = if self.file.as_os_str() == "-" {
            let mut text = Vec::new();
            std::io::stdin().read_to_end(&mut text).map(|_| text)
        } else {
            std::fs::read(&self.file)
        };
        let bytes = match read {
            Ok(bytes) => bytes,
            Err(error) => {
                eprintln!("{}: {error}", self.file.display());
                return ExitCode::FAILURE;
            }
        };
        let (definition, mut findings) = bpmn::read(&String::from_utf8_lossy(&bytes));
        findings.extend(definition.iter().flat_map(bpmn::check));
        let ready = definition.is_some() && publishable(&findings);
        if self.json {
            println!("{}", serde_json::json!({ "publishable": ready, "findings": findings }));
        } else {
            self.say(definition.as_ref(), &findings, ready);
        }
        if ready { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    fn say(&self, definition: Option<&Definition>, findings: &[Finding], ready: bool) {
        let chinese = self.language == "zh";
        let word = |zh: &'static str, en: &'static str| if chinese { zh } else { en };
        let label = |id: &str| definition.map_or_else(|| id.to_owned(), |definition| definition.label(id).to_owned());
        for finding in findings {
            let severity = if finding.rule.severity() == Severity::Error { word("错误", "error") } else { word("提示", "warning") };
            let element = finding.element.as_deref().map(|id| format!(" [{}]", label(id))).unwrap_or_default();
            println!("{severity} {}{element}: {}", finding.rule, finding.text(chinese));
            // Flows have ids that nobody reads; the elements tell the way.
            let steps: Vec<String> = finding
                .run
                .iter()
                .filter(|id| definition.is_none_or(|definition| definition.scope.find(id).is_some()))
                .map(|id| label(id))
                .collect();
            if !steps.is_empty() {
                println!("    {} {}", word("经过：", "by way of:"), steps.join(" → "));
            }
        }
        println!("{}", if ready { word("可以发布。", "It can be published.") } else { word("不能发布。", "It cannot be published.") });
    }
}
