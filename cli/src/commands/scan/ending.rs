// SPDX-License-Identifier: GPL-3.0-or-later
//! The exit code of `calhive scan` by the content of the report: `--fail-on` and `--exit-code-if-empty`.

use calhive::catalog::Subject;
use calhive::report::{Finding, Report, RoleState};

use crate::args::{FailOn, ScanOutput};
use crate::messages::Messages;

/// Reports the findings that `--fail-on` names, and whether the report is empty.
pub(super) fn tell(args: &ScanOutput, report: &Report, messages: &Messages) {
    let is_named = |finding: &&Finding| args.fail_on.iter().any(|it| it.names(finding));
    for finding in report.findings.iter().filter(is_named) {
        let hosts = finding.hosts.join(", ");
        messages.failed_on(format_args!(
            "{} {} ({hosts}): {}",
            finding.severity, finding.code, finding.title
        ));
    }
    if let Some(code) = args.exit_code_if_empty.filter(|_| is_empty(report)) {
        messages.empty(code);
    }
}

impl FailOn {
    fn names(&self, finding: &Finding) -> bool {
        match self {
            Self::Severity(severity) => finding.severity >= *severity,
            Self::Code(code) => finding.code == *code,
        }
    }
}

/// Whether no host has a license, a licensing role or a license server, and no finding.
fn is_empty(report: &Report) -> bool {
    let has_role = report.hosts.iter().any(|host| {
        host.session_host.state == RoleState::Present
            || host.license_server.state == RoleState::Present
            || host.license_servers.value.as_ref().is_some_and(|servers| !servers.is_empty())
    });
    let is_of_client = report
        .facts
        .iter()
        .any(|fact| fact.state.is_found() && fact.code.subject() == Subject::Client);
    !has_role && !is_of_client && report.tokens.is_empty() && report.findings.is_empty()
}
