// SPDX-License-Identifier: GPL-3.0-or-later
//! [`Strings`]: every text of a report that can hold a name. A new field of a report does not compile until it is
//! listed here.

use core::mem;

use calhive::fact::{Access, Permissions};
use calhive::regf::log::report::{LogReport, ReplayReport};
use calhive::report::{
    Answer, Attributed, BindingReport, CertificateReport, ChangeReport, ChangeStateReport,
    ComparedPlace, ComparedValue, Contradiction, Difference, Disagreement, Event,
    ExportFaultReport, ExportRemarkReport, ExportReport, ExportRootReport, FactReport, Fault,
    FaultReport, Finding, FromLogReport, GraceEndReport, Graph, HidingReport, HiveState, Host,
    HostLogs, IndexReport, InputFileReport, InputReport, Installation, KindConflict, LicenseReport,
    LicenseServerReport, LiveClientReport, MasterKeyFileReport, Node, NotGrouped, PairingBasis,
    ProfileHost, ProfileReport, ProvenanceReport, ReferenceTime, RemainsReport, Report, RoleReport,
    Root, Run, SecondReaderReport, SecondReadingReport, SetContent, Setting, SkippedItem,
    SkippedReport, SourceReport, StateChange, StateToken, System, Text, TokenFaultReport,
    TokenReport,
};
use calhive_evidence::{Corroboration, Locator, NotRead};

/// What a text holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// Words, names and ids.
    Words,
    /// A path of the evidence.
    Path,
    /// A path of a key, or a name of a value.
    Key,
    /// An argument of the command line.
    Argument,
}

/// A part of a report with texts.
pub(super) trait Strings {
    /// Passes each text. `holds` applies to texts without fields of their own.
    fn each(&mut self, holds: Holds, visit: &mut dyn FnMut(&mut String, Holds));
}

impl Strings for String {
    fn each(&mut self, holds: Holds, visit: &mut dyn FnMut(&mut String, Holds)) {
        visit(self, holds);
    }
}

impl Strings for Text {
    fn each(&mut self, holds: Holds, visit: &mut dyn FnMut(&mut String, Holds)) {
        let mut text = String::from(mem::take(self));
        visit(&mut text, holds);
        *self = Self::from(text);
    }
}

impl<T: Strings> Strings for Option<T> {
    fn each(&mut self, holds: Holds, visit: &mut dyn FnMut(&mut String, Holds)) {
        self.iter_mut().for_each(|it| it.each(holds, visit));
    }
}

impl<T: Strings> Strings for Box<T> {
    fn each(&mut self, holds: Holds, visit: &mut dyn FnMut(&mut String, Holds)) {
        (**self).each(holds, visit);
    }
}

impl<T: Strings> Strings for Vec<T> {
    fn each(&mut self, holds: Holds, visit: &mut dyn FnMut(&mut String, Holds)) {
        self.iter_mut().for_each(|it| it.each(holds, visit));
    }
}

impl<T> Strings for Setting<T> {
    fn each(&mut self, _: Holds, visit: &mut dyn FnMut(&mut String, Holds)) {
        let Self { value: _, label, facts: _, overrides: _, statement, role_note } = self;
        label.each(Holds::Words, visit);
        statement.each(Holds::Words, visit);
        role_note.each(Holds::Words, visit);
    }
}

/// Lists the fields of a type: those with texts by what they hold, then those without names.
macro_rules! strings {
    ($($type:ident { $(($holds:ident: $($field:ident)*))* keep: $($kept:ident)* })*) => {$(
        impl Strings for $type {
            fn each(&mut self, _: Holds, visit: &mut dyn FnMut(&mut String, Holds)) {
                let Self { $($($field,)*)* $($kept: _,)* } = self;
                $($($field.each(Holds::$holds, visit);)*)*
            }
        }
    )*};
}

strings! {
    Report {
        (Words: run sources inputs not_read skipped hosts copies facts tokens findings events graph)
        keep: schema_version tool limitations
    }
    Run { (Words: evidence_roots) (Argument: arguments) keep: program version commit }
    Root { (Path: path absolute_path) keep: }
    InputReport { (Words: files) (Path: path) keep: format bytes_read image_hash }
    InputFileReport { (Path: path) keep: size sha256 }
    NotRead { (Words: message) (Path: path) keep: kind }
    SkippedReport { (Words: first) keep: total }
    SkippedItem { (Words: reason) (Path: path) keep: }
    SourceReport {
        (Words: locator kind_signs kind_conflicts export live replay unread faults second_reader)
        (Path: path absolute_path copies)
        keep: form id sha256 size shift kind version is_fragment sequence checksum_is_valid is_dirty outside recovered
            history counts
    }
    ExportReport { (Words: roots remarks faults) keep: lines }
    LiveClientReport {
        (Words: client_id host_name)
        keep: first_collected last_collected rows has_hives_on_disk
    }
    ExportRootReport { (Key: key_path) keep: kind }
    ExportRemarkReport { (Key: key_path value_name) keep: line is_removal repeats_line }
    ExportFaultReport { (Words: message) keep: line column }
    Locator { (Path: input path) keep: format volume }
    Installation { (Words: states changes not_grouped) keep: id }
    HiveState {
        (Words: tokens hardware_ids licensing_mode license_servers)
        (Path: paths)
        keep: id host copy shadow_copy place same_bytes_as time time_basis
    }
    StateToken {
        (Words: sha256 client_reported_machine license_server)
        keep: token valid_from expires
    }
    StateChange {
        (Words: before after statement doubts)
        keep: from to is_ordered kind subject code title
    }
    NotGrouped { (Words: statement) keep: host }
    ComparedValue { (Words: text places) keep: key_last_written }
    ComparedPlace {
        (Path: path)
        (Key: key_path value_name)
        keep: evidence_id offset
    }
    KindConflict { (Words: sign) keep: kind }
    FaultReport { (Words: first) keep: total }
    Fault { (Words: message) keep: offset }
    SecondReaderReport { (Words: refused) keep: reader agreed differs not_readable not_covered }
    ReplayReport {
        (Words: statement logs)
        keep: state is_incomplete base_block_rebuilt bins_before bins_after sequence pages bytes changed
    }
    LogReport {
        (Words: refused ended)
        (Path: path)
        keep: sha256 size format sequence applied applied_sequence ended_at damaged left_over newer unsearched_from
    }
    Host {
        (Words: pairing_statement pairing_basis system profiles session_host license_server licensing_mode license_servers
            registered_with earlier_registrations logs differences unknown reference_time answers grace_end corroboration)
        keep: id sources pairing copy hidden recovered control_sets tokens_not_decoded
    }
    GraceEndReport {
        (Words: statement not_shown files) (Path: system security)
        keep: end is_read_as_end derived_start set_at is_authenticated reason
    }
    MasterKeyFileReport { (Path: path) keep: size sha256 is_used }
    ProfileReport { (Words: name remote_hosts) keep: source virtual_store }
    ProfileHost { (Words: name user_hint) keep: key_last_written facts }
    PairingBasis { (Words: contradictions) (Path: beside) keep: same_computer refused }
    Contradiction { (Words: system software) keep: kind facts }
    System {
        (Words: computer_name product edition build product_type installed upgraded_from clone_tag domain entra
            time_zone shut_down farm)
        keep:
    }
    Attributed { (Words: text) keep: facts }
    RoleReport { (Words: statement) keep: state certainty facts background }
    HostLogs { (Words: statement) keep: source is_incomplete facts }
    Difference { (Words: values) keep: code title facts }
    SetContent { (Words: content) keep: control_set }
    ReferenceTime { (Words: statement) keep: time is_given oldest newest implausible }
    Answer { (Words: shown not_shown alternatives next_evidence) keep: code question certainty facts tokens }
    Corroboration { (Path: paths) keep: what about state }
    FactReport {
        (Words: lost shown list label permissions provenance second_reader)
        keep: id evidence_id source code title state number time certainty data reference
    }
    SecondReadingReport { (Words: why) keep: state value_type data }
    Permissions { (Words: owner entries) keep: }
    Access { (Words: sid) keep: r#type flags mask }
    ProvenanceReport {
        (Words: hidden recovered from_logs)
        (Key: key_path value_name)
        keep: control_set redirected key_offset key_last_written value_type value_offset line origin
    }
    HidingReport { (Words: statement) keep: field offset found suggested weight }
    RemainsReport {
        (Words: why changed)
        keep: place confidence key_is_known path_is_whole data_offset is_before_replay previous_version_of
    }
    FromLogReport { (Path: log) keep: format sequence log_offset offset }
    TokenReport {
        (Words: sha256 error faults index license license_server certificates disagreements)
        keep: id kind certificate_kind host facts origin redirected size wrapping container reading
    }
    TokenFaultReport { (Words: message) keep: offset }
    IndexReport { (Words: scope company product) keep: version }
    LicenseReport {
        (Words: binding hardware_id_hex hardware_id_masked company issuer activation_name issuer_domain license_server
            scope license_server_id license_server_spk license_server_key_sha256 client_reported_machine
            client_reported_user requested_product license_id integrity)
        keep: certificate kind certificate_version hardware_id hardware_id_is_plausible hardware_id_form
            client_platform_id language_id language license_type product_version versions generation flags
            flags_meaning is_temporary is_enforced is_released license_count unnamed_9 valid_from expires signature
    }
    BindingReport { (Words: name) keep: protocol }
    LicenseServerReport {
        (Words: name domain computer_name product_id certified_by text certificate_type organization country spk
            key_sha256)
        keep: certificate kind
    }
    CertificateReport {
        (Words: sha256 faults serial issuer subject key_sha256 signature_why)
        keep: kind offset size reading version not_before not_after key_bits key_algorithm signature_algorithm
            signature signature_issuer extensions
    }
    Disagreement { (Words: what one other) keep: between facts }
    Finding {
        (Words: statement observed)
        keep: id code title severity certainty hosts facts tokens shows does_not_show innocent_explanations
            validated_on reproduce reference
    }
    Event { (Words: meaning change) keep: id time clock code certainty host facts tokens }
    ChangeReport {
        (Words: before after dated_by from_log)
        (Key: key_path value_name)
        keep: kind source location is_before_in_file entry_offset
    }
    ChangeStateReport { (Words: shown label) keep: certainty value_type data key_last_written }
    Graph { (Words: nodes) keep: edges }
    Node { (Words: name other_names product_ids keys) keep: id kind hosts }
}
