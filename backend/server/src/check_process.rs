//! `zhidu check-process`: what stands against the publication of a BPMN file, for people and for programs.

use std::{
    collections::BTreeMap,
    io::Read as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use bpmn::{
    Definition, Finding, Severity,
    check::{check_conditions, publishable},
};
use clap::Args;

/// Which file, and how to answer.
#[derive(Debug, Args)]
pub struct CheckProcess {
    /// The file; `-` for standard input.
    file: PathBuf,
    /// The form's JSON Schema: conditions are checked against its fields.
    #[arg(long)]
    form: Option<PathBuf>,
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
        let form = self.form.as_deref().map(|form| schema(form).map_err(|error| format!("{}: {error}", form.display()))).transpose();
        let (bytes, form) = match (read.map_err(|error| format!("{}: {error}", self.file.display())), form) {
            (Ok(bytes), Ok(form)) => (bytes, form),
            (Err(error), _) | (_, Err(error)) => {
                eprintln!("{error}");
                return ExitCode::FAILURE;
            }
        };
        let (definition, mut findings) = bpmn::read(&String::from_utf8_lossy(&bytes));
        if let Some(definition) = &definition {
            findings.extend(bpmn::check(definition));
            findings.extend(form.iter().flat_map(|form| check_conditions(definition, form)));
        }
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

/// Which pack.
#[derive(Debug, Args)]
pub struct CheckPack {
    /// Its folder.
    folder: PathBuf,
    /// The language of the sentences.
    #[arg(long, default_value = "zh", value_parser = ["zh", "en"])]
    language: String,
}

impl CheckPack {
    /// Prints what is wrong with the processes of a pack. Fails if one of them could not be published.
    pub fn run(&self) -> ExitCode {
        let mut files = BTreeMap::new();
        if let Err(error) = gather(&self.folder, "", &mut files) {
            eprintln!("{}: {error}", self.folder.display());
            return ExitCode::FAILURE;
        }
        let pack = match workflows::packs::Pack::read(files) {
            Ok(pack) => pack,
            Err(error) => {
                eprintln!("{error}");
                return ExitCode::FAILURE;
            }
        };
        let chinese = self.language == "zh";
        let mut passed = 0;
        let checked = pack.check(&server::known_actions(), chinese);
        for one in &checked {
            for finding in &one.findings {
                let element = finding.element.as_deref().map(|id| format!(" [{id}]")).unwrap_or_default();
                println!("{} {}{element}: {}", one.key, finding.rule, finding.text(chinese));
            }
            for test in one.tests.iter().filter(|test| !test.passed) {
                println!("{} test {}: {}", one.key, test.name, test.reason.as_deref().unwrap_or_default());
            }
            for missing in &one.missing {
                println!("{} undeclared {missing}", one.key);
            }
            passed += usize::from(one.passes());
        }
        println!("{passed} of {} processes can be published", checked.len());
        if passed == checked.len() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// The files of a folder, by their path in it.
pub fn gather(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            gather(&entry.path(), &format!("{name}/"), files)?;
        } else {
            files.insert(name, std::fs::read(entry.path())?);
        }
    }
    Ok(())
}

fn schema(path: &Path) -> Result<feel::Schema, Box<dyn std::error::Error>> {
    Ok(feel::Schema::from_json(&serde_json::from_slice(&std::fs::read(path)?)?)?)
}
