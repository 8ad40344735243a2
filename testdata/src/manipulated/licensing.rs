// SPDX-License-Identifier: MIT OR Apache-2.0

//! MR: hidden licensing facts in the hives of whole machines.

use super::case::Case;
use super::keys;
use super::manipulation::Manipulation;
use super::subject::{Place, Subject, parent, value_record};
use crate::scenario;

/// Returns all cases.
pub(super) fn cases() -> Vec<Case> {
    let mut cases = client();
    cases.extend(session_host());
    cases
}

/// Returns cases of the hardware ID and the token of a client, in its SOFTWARE.
fn client() -> Vec<Case> {
    const HARDWARE_ID: Place = (r"Microsoft\MSLicensing\HardwareID", "ClientHWID");
    const LICENSE: &str = r"Microsoft\MSLicensing\Store\LICENSE000";
    const TOKEN: Place = (LICENSE, "ClientLicense");
    let name = "SOFTWARE of windows-10-client-with-token";
    let subject = &machine(name, "windows-10-client-with-token", "SOFTWARE");
    vec![
        value_hidden(subject, HARDWARE_ID),
        data_hidden(subject, HARDWARE_ID, 1),
        key_hidden(subject, LICENSE),
        key_name_hidden(subject, LICENSE),
        value_hidden(subject, TOKEN),
        data_hidden(subject, TOKEN, 1000),
        key_hidden(subject, r"Microsoft\MSLicensing"),
    ]
}

/// Returns cases of the mode of a session host, in its SYSTEM.
fn session_host() -> Vec<Case> {
    const CORE: &str = r"ControlSet001\Control\Terminal Server\RCM\Licensing Core";
    const MODE: Place = (CORE, "LicensingMode");
    let name = "SYSTEM of windows-server-2019-session-host";
    let subject = &machine(name, "windows-server-2019-session-host", "SYSTEM");
    vec![
        value_hidden(subject, MODE),
        value_name_hidden(subject, MODE),
        key_hidden(subject, CORE),
        key_hidden(subject, r"ControlSet001\Services\TermService\Parameters\LicenseServers"),
    ]
}

/// Returns a hive of a machine, equal to the file in the repository.
fn machine(name: &'static str, scenario: &str, file: &str) -> Subject {
    let scenarios = scenario::all();
    let scenario = scenarios.iter().find(|other| other.name == scenario).expect("a scenario");
    let hive = scenario.hives.iter().find(|hive| hive.0 == file);
    let (_, tree, options) = hive.expect("a hive of the scenario");
    Subject::new(name, tree.clone(), options.clone())
}

/// Hides a value: lowers the value count of the key by one. First, the value trades places with the
/// last one of the list.
fn value_hidden(subject: &Subject, (path, name): Place) -> Case {
    let values = &subject.key(path).values;
    let number = values.iter().position(|value| value.name.to_string() == name);
    let (number, last) = (number.expect("a value of the key"), values.len() - 1);
    let list = format!("values {path}");
    let [element, last_element] = [number, last].map(|number| format!("element {number}"));
    let hive = &subject.hive;
    let [ours, others] = [&element, &last_element].map(|element| hive.get(&list, element));
    let mut done = Manipulation::new(subject);
    if number < last {
        done = done.change("value element", &list, &element, others).change(
            "value element",
            &list,
            &last_element,
            ours,
        );
    }
    done.change("value count", &format!("key {path}"), "value_count", last as u64)
        .hides_value((path, name))
        .case(&format!("licensing value hidden: {name}, count lowered by one"))
}

fn value_name_hidden(subject: &Subject, (path, name): Place) -> Case {
    Manipulation::new(subject)
        .change("value name length", &value_record((path, name)), "name_length", 0)
        .hides_value_name((path, name))
        .case(&format!("licensing value hidden: name of {name}, length 0"))
}

fn data_hidden(subject: &Subject, place: Place, size: u64) -> Case {
    let (path, name) = place;
    Manipulation::new(subject)
        .change("data size", &value_record((path, name)), "data_size", size)
        .hides_data(place)
        .case(&format!("licensing value hidden: data of {name}, size lowered to {size}"))
}

/// The element of its list names a neighbor. An only subkey has no neighbor.
fn key_hidden(subject: &Subject, path: &str) -> Case {
    let (above, name) = parent(path);
    let subkeys = subject.subkeys(above);
    let done = Manipulation::new(subject);
    if subkeys.len() == 1 {
        return done
            .change("subkey count", &format!("key {above}"), "subkey_count", 0)
            .hides_key(path)
            .case(&format!("licensing key hidden: {name}, count 0"));
    }
    let number = subkeys.iter().position(|subkey| subkey == path).expect("a subkey of its parent");
    let neighbor = if number == 0 { 1 } else { number - 1 };
    let ((list, number), (other_list, other)) =
        (subject.element(above, number), subject.element(above, neighbor));
    let [element, other] = [number, other].map(|number| format!("element {number}"));
    done.copy("subkey element", (&list, &element), (&other_list, &other))
        .hides_key(path)
        .case(&format!("licensing key hidden: {name}, list element of its neighbor"))
}

fn key_name_hidden(subject: &Subject, path: &str) -> Case {
    let (_, name) = parent(path);
    Manipulation::new(subject)
        .flip("key name flag", &format!("key {path}"), "flags", keys::COMP_NAME)
        .hides_key_name(path)
        .case(&format!("licensing key hidden: name of {name}, COMP_NAME flipped"))
}
