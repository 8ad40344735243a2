# SPDX-License-Identifier: MIT OR Apache-2.0
# Written by generate_report.py from the JSON schema of the report. Do not edit.
"""The report of a scan, as dataclasses. Each class and field has the name that the JSON schema gives it.

A field that is absent in JSON is None here. A list that is absent in JSON is an empty tuple.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from calhive.document import Document
from calhive.record import Record

Agreement = Literal[
    "agreed",
    "differs",
    "not_readable",
]
"""Whether two readers agree.

- `agreed`: Both readers read the same.
- `differs`: The readers read different things.
- `not_readable`: The second reader could not read the place.
"""

Between = Literal[
    "certificate",
    "index",
    "hardware_id",
]
"""Kinds of two sources that contradict each other.

- `certificate`: Two parts of the certificate.
- `index`: The certificate and the values that index the token.
- `hardware_id`: The hardware ID in the token and the hardware ID stored beside it.
"""

Certainty = Literal[
    "observed",
    "documented",
    "inferred",
    "not_determinable",
]
"""How certain a meaning is.

- `observed`: The report shows the bytes without a meaning.
- `documented`: A text that Microsoft published states the meaning.
- `inferred`: The meaning follows from other facts. No Microsoft text states the meaning.
- `not_determinable`: The given hives do not show the meaning.
"""

CertificateKind = Literal[
    "client_token",
    "host_certificate",
    "license_server_self_signed",
    "license_server_issued",
    "authority",
    "not_established",
]
"""Kind of a certificate, decided once from its decoded bytes and the chain around it.

- `client_token`: License of a client.
- `host_certificate`: Certificate that a license server issued to a session host.
- `license_server_self_signed`: Certificate of a license server that names itself as the issuer.
- `license_server_issued`: Certificate of a license server that names another issuer: the Clearinghouse.
- `authority`: Certificate of an authority above a license server: root or intermediate.
- `not_established`: The decoded parts do not establish the kind, or contradict each other.
"""

ChangeKind = Literal[
    "value_set",
    "value_changed",
    "value_removed",
    "key_made",
    "key_removed",
    "key_written",
]
"""What happened to a value or key.

- `value_set`: The value is new.
- `value_changed`: The value has another type or other data.
- `value_removed`: The value no longer exists.
- `key_made`: The key is new.
- `key_removed`: The key no longer exists.
- `key_written`: The key has another last-written time, and none of the other changes was seen in the
  key.
"""

Clock = Literal[
    "local_machine",
    "license_server",
]
"""The clock that a time is from.

- `local_machine`: Clock of the machine that the hive belongs to.
- `license_server`: Clock of the license server.
"""

Container = Literal[
    "pkcs7",
    "certificate_chain",
    "certificates",
    "unknown",
]
"""Container of certificates.

- `pkcs7`: PKCS #7 SignedData without signers, as clients store it.
- `certificate_chain`: X509_CERTIFICATE_CHAIN ([MS-RDPELE] 2.2.1.4.2).
- `certificates`: Certificates that follow each other, without a container.
- `unknown`: Unknown or damaged container. calhive searched all bytes for certificates.
"""

ContradictionKind = Literal[
    "product_type",
    "generation",
    "computer_name",
]
"""Property in which SYSTEM and SOFTWARE of one installation agree.

- `product_type`: Client or server.
- `generation`: Generation of Windows.
- `computer_name`: Computer name.
"""

EdgeKind = Literal[
    "holds_token_of",
    "is_set_to_ask",
    "holds_certificate_of",
    "names_scope",
    "belongs_to",
]
"""Kind of a relation.

- `holds_token_of`: The host holds a token that names the license server as its issuer.
- `is_set_to_ask`: The host is set to ask the license server.
- `holds_certificate_of`: The host holds a certificate that names the license server as its issuer.
- `names_scope`: A token or certificate of the license server names the scope.
- `belongs_to`: The host names the farm as its own.
"""

Format = Literal[
    "old",
    "new",
]
"""Format of a log.

- `old`: Up to Windows 8: a bitmap of dirty sectors, then the sectors.
- `new`: Since Windows 8.1: entries with hashes.
"""

HardwareIdForm = Literal[
    "windows",
    "windows_ce",
    "host_name",
    "free_rdp",
]
"""Form of a hardware ID.

- `windows`: Platform ID 2 and four numbers, as in the samples of Microsoft's Windows clients.
- `windows_ce`: Platform ID 0x00020001, as in a sample of Windows CE.
- `host_name`: Platform ID 2 and a host name in ASCII, as in rdesktop and WALLIX.
- `free_rdp`: Platform ID 0x04010000 and a hash, or 0 and the MD5 of six zero bytes, as in FreeRDP.
"""

HiveCopy = Literal[
    "backup",
    "earlier_installation",
    "shadow_copy",
    "deleted",
    "carved",
]
"""Kind of hive copy: the hives are not the ones that Windows uses.

- `backup`: The backup copy that Windows keeps in `RegBack` or `repair`.
- `earlier_installation`: The installation before an upgrade, in `Windows.old`.
- `shadow_copy`: The hives in a shadow copy of the volume.
- `deleted`: A deleted file.
- `carved`: Hives carved from unallocated clusters of the volume.
"""

HiveKind = Literal[
    "system",
    "software",
    "sam",
    "security",
    "user",
    "user_classes",
    "boot",
    "amcache",
    "other",
]
r"""Type of a hive: the part of the registry that it holds. The content decides, because collections rename
files.

- `system`: `HKLM\SYSTEM`: control sets, services.
- `software`: `HKLM\SOFTWARE`.
- `sam`: `HKLM\SAM`: local accounts.
- `security`: `HKLM\SECURITY`: policy and secrets.
- `user`: A user's `NTUSER.DAT`, or `DEFAULT`.
- `user_classes`: A user's `UsrClass.dat`.
- `boot`: Boot configuration data.
- `amcache`: `Amcache.hve`.
- `other`: None of these, or too damaged to recognize.
"""

ImageHashState = Literal[
    "not_verified",
    "verified",
    "differs",
]
"""Comparison of stored hashes with the bytes of a disk.

- `not_verified`: The disk was not read whole.
- `verified`: Every stored hash is the hash of the disk.
- `differs`: A stored hash is not the hash of the disk: the image changed after it was made, or is
  damaged.
"""

ItemSubject = Literal[
    "identity",
    "role",
    "in_effect",
    "registration",
    "token",
    "recovered_token",
    "client",
    "session_host",
    "license_server",
    "finding",
]
"""Subject of a thing that is compared.

- `identity`: The installation of Windows: its name, product, domain and other marks.
- `role`: Role as a session host or license server.
- `in_effect`: Setting in effect.
- `registration`: Certificates that a license server issued to a session host.
- `token`: License in the store of a client.
- `recovered_token`: License recovered from bytes outside the tree.
- `client`: Key or value of a client, such as its hardware ID.
- `session_host`: Key or value of a session host.
- `license_server`: Key or value of a license server.
- `finding`: Finding.
"""

Level = Literal[
    "low",
    "medium",
    "high",
]
"""Level of confidence in a recovered key or value.

- `low`: Parts are lost, overwritten or contested, or a parent link on the path is inconsistent.
- `medium`: All remaining bytes are consistent, but some evidence is missing.
- `high`: Intact, in a cell of its own size, with a path to the root.
"""

LicensingMode = int
""""""

LinkedBy = Literal[
    "product_id",
    "key",
    "name",
]
"""What links two nodes.

- `product_id`: Product ID of the license server (extension 311.18.6): documented.
- `key`: Key of the license server: observed.
- `name`: Name alone. Different machines can have the same name.
"""

NodeKind = Literal[
    "host",
    "license_server",
    "scope",
    "farm",
]
"""Kind of a node.

- `host`: A machine whose hives were given.
- `license_server`: A license server.
- `scope`: Scope of a license server.
- `farm`: A farm of session hosts.
"""

NotReadKind = Literal[
    "not_a_hive",
    "no_hives",
    "unreadable",
    "damaged",
    "base_block",
    "hive",
    "log_unreadable",
    "logs_not_searched",
    "logs_not_applied",
    "changed",
    "more_hives",
    "log_missing",
    "lost_pages",
    "omitted",
    "interrupted",
]
"""Kind of a missing input.

- `not_a_hive`: A named file that is not a hive.
- `no_hives`: A named folder without hives.
- `unreadable`: A file or folder that could not be opened, listed or read.
- `damaged`: A hive whose base block or bins could not be read.
- `base_block`: The base block of a hive. Its bins were read without the base block.
- `hive`: A lost hive. Some of its pages were read from its logs.
- `log_unreadable`: A transaction log that calhive found beside a hive and could not open.
- `logs_not_searched`: Possible transaction logs of a hive. The folder of the hive could not be listed.
- `logs_not_applied`: Transaction logs that were not applied, or only in part.
- `changed`: A consistent state of a file: the file changed while it was read.
- `more_hives`: Further hives after the end of a hive, in the same file.
- `log_missing`: A log of a dirty hive: Windows keeps two, and only one is in the folder.
- `lost_pages`: Unreadable parts of a file. They read as zeros.
- `omitted`: An entry, a partition, a volume or a shadow copy inside an archive or a disk image, or a
  file whose content contradicts its name.
- `interrupted`: A hive, or the rest of the files, because the scan was interrupted.
"""

Origin = Literal[
    "live",
    "hidden",
    "replayed",
    "recovered",
    "carved",
    "reg_export",
    "live_row",
    "license_file",
]
"""State of the hive that holds a fact.

- `live`: In the tree. The bytes of the fact are in the file as stored. The path and the time of the key
  can come from a log.
- `hidden`: In the bytes of the hive: outside the tree, or in the tree but shown in another form.
- `replayed`: In the tree after replay. A byte of the record or its data comes from a log, and differs
  from the file as stored.
- `recovered`: In bytes that the tree does not use. Such items are deleted and not fully overwritten,
  left over, or cut off from the tree by damage. The kind of space shows which.
- `carved`: In bytes that the tree does not use. calhive found the item by its signature; no value leads
  to the item.
- `reg_export`: In a text export of the registry editor (`.reg`).
- `live_row`: In a row of a live registry. The row has no offset.
- `license_file`: In a license file of a Remote Desktop client on another system, not in the registry.
"""

Pairing = Literal[
    "configuration_folder",
    "assumed",
    "file_names",
    "computer_names",
    "examiner",
    "contradicted",
    "single",
]
"""Why calhive treats sources as one host.

- `configuration_folder`: The sources are in one configuration folder of Windows.
- `assumed`: The sources are the only SYSTEM and the only SOFTWARE hive of one folder. The pairing is
  assumed.
- `file_names`: The files are in one folder, and their names differ only in the words SYSTEM and
  SOFTWARE. The pairing is assumed.
- `computer_names`: The sources are in one folder and name the same computer.
- `examiner`: The examiner paired the sources.
- `contradicted`: Another hive would be paired with this source, but its content contradicts that.
- `single`: The host has only one source.
"""

Presence = Literal[
    "present",
    "absent",
    "not_searched",
]
"""Presence of evidence.

- `present`: The files exist. Their content was not read.
- `absent`: The folder that would hold the files was searched, and does not hold them.
- `not_searched`: The folder that would hold the files was not searched.
"""

Reading = Literal[
    "strict",
    "lenient",
    "salvaged",
]
"""How completely calhive read a certificate.

- `strict`: Whole, without a departure from DER and RFC 5280 that calhive checks for. With feature
  `x509`, as in the command, x509-parser as a second parser reads the same. Without the feature, no
  second parser reads the certificate.
- `lenient`: Whole, with a departure from the standards, or read differently by the second parser.
- `salvaged`: In part: a part is missing, unreadable, or does not belong to a certificate.
"""

ReplayState = Literal[
    "applied",
    "clean",
    "no_log",
]
"""Whether a replay applied a log.

- `applied`: At least one log was applied.
- `clean`: The hive is clean and needs no log.
- `no_log`: The hive is dirty, but no log applies.
"""

Role = Literal[
    "current",
    "default",
    "failed",
    "last_known_good",
]
r"""Role of a control set, from `SYSTEM\Select`.

- `current`: In use when Windows last loaded the hive.
- `default`: Selected for the next start.
- `failed`: Start failed.
- `last_known_good`: Last successful start.
"""

RoleState = Literal[
    "present",
    "absent",
    "not_applicable",
    "unknown",
]
"""Whether a host has a role.

- `present`: The host has the role.
- `absent`: The host does not have the role.
- `not_applicable`: The host serves sessions without the role, as multi-session Windows does.
- `unknown`: The given hives do not show the state.
"""

Severity = Literal[
    "info",
    "notice",
    "attention",
]
"""How much a finding deserves a look. Never a statement of guilt.

- `info`: For information.
- `notice`: Worth a look.
- `attention`: To be looked at before anyone relies on the evidence.
"""

SignatureState = Literal[
    "valid",
    "invalid",
    "not_checkable",
]
"""State of a signature.

- `valid`: The issuer's key signed these bytes.
- `invalid`: The issuer's key signed other bytes, or another key signed these bytes.
- `not_checkable`: calhive cannot check the signature.
"""

SourceFormReport = Literal[
    "hive",
    "registry_export",
    "live_rows",
    "license_file",
    "unallocated_space",
]
"""Form of a source.

- `hive`: A registry hive.
- `registry_export`: A text export of the registry editor. It holds only what was exported, so it shows
  no absence.
- `live_rows`: Rows of the running registry of one system. They hold only what was collected, so they
  show no absence.
- `license_file`: A license that a Remote Desktop client on another system stored in a file.
- `unallocated_space`: A token or a certificate chain in unallocated clusters of a volume. No key leads
  to these bytes.
"""

SpaceKind = Literal[
    "free_cell",
    "unreferenced",
    "slack",
    "broken_bin",
    "remnant",
    "log_page",
    "overwritten_log_page",
    "unallocated_clusters",
]
"""Kind of space that a record was recovered from.

- `free_cell`: A free cell: deleted content that was not overwritten.
- `unreferenced`: An allocated cell that nothing refers to.
- `slack`: Bytes of a live cell after its content.
- `broken_bin`: Bytes of a bin whose header or cell chain is broken.
- `remnant`: Bytes after the last bin.
- `log_page`: A page of a log entry that replay does not apply.
- `overwritten_log_page`: A page of an applied log entry that later entries overwrite.
- `unallocated_clusters`: Unallocated clusters of a volume, outside every hive. Recovery from a hive
  never returns this kind.
"""

State = Literal[
    "set",
    "incomplete",
    "key",
    "key_name",
    "not_in_key",
    "not_set",
    "not_readable",
]
"""What was found at a place.

- `set`: The value, with all of its data.
- `incomplete`: The value, with less data than it claims.
- `key`: The key itself. The catalog looks for the key.
- `key_name`: A key whose name is the fact.
- `not_in_key`: The key exists, without the value.
- `not_set`: The key does not exist.
- `not_readable`: Not found, but a part of the way to the place could not be read.
"""

StateChangeKind = Literal[
    "appeared",
    "removed",
    "differs",
    "not_determinable",
]
"""What differs between two states.

- `appeared`: The later state holds the thing. The earlier state was read whole at this place, and does
  not hold it.
- `removed`: The earlier state holds the thing. The later state was read whole at this place, and does
  not hold it.
- `differs`: The states differ. The values differ, or the times do not show which state is the earlier
  one.
- `not_determinable`: One state holds the thing. The other state was not read whole at this place.
"""

TimeBasis = Literal[
    "shadow_copy_created",
    "latest_key_write",
    "unknown",
]
"""What the time of a state is.

- `shadow_copy_created`: Creation of the shadow copy.
- `latest_key_write`: Latest plausible key timestamp of the hives. The state is from this time or later.
- `unknown`: No time is known.
"""

TokenKind = Literal[
    "stored_license",
    "host_certificate",
    "file",
]
"""Place of a certificate chain.

- `stored_license`: A license in the store of a client.
- `host_certificate`: Certificates that a license server gave to a session host.
- `file`: A token from a file.
"""

Weight = Literal[
    "left_over",
    "contradiction",
]
"""Significance of a hidden item.

- `left_over`: Windows itself leaves such items: lost cells, and data that were shortened in place.
- `contradiction`: Structures contradict each other in a way that Windows does not write.
"""

Wrapping = Literal[
    "new_license_info",
    "length_prefix",
    "hardware_id_prefix",
    "license_request",
    "new_license",
]
"""Structure around the container of certificates.

- `new_license_info`: NEW_LICENSE_INFO ([MS-RDPELE] 2.2.2.6.1).
- `length_prefix`: Length of four bytes, little-endian.
- `hardware_id_prefix`: Hardware ID of 20 bytes and a length of four bytes, as WALLIX stores them.
- `license_request`: SERVER_LICENSE_REQUEST ([MS-RDPELE] 2.2.2.1).
- `new_license`: SERVER_NEW_LICENSE or SERVER_UPGRADE_LICENSE with a license that is not encrypted ([MS-
  RDPELE]
2.2.2.6, 2.2.2.7).
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access(Record):
    """An entry of an access control list."""

    flags: int
    """Flags of the entry, as a number. They control inheritance."""
    mask: int | None = None
    """Rights, as an access mask. Absent if the entry has no mask."""
    sid: str | None = None
    """Security identifier that the entry applies to. Absent if the entry names no identifier."""
    type: int
    """Type of the entry, as a number: 0 allows, 1 denies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Record):
    """An answer to one of the questions that calhive examines a host for."""

    alternatives: tuple[Text, ...] = ()
    """Other explanations that would leave the same traces. Can be empty."""
    certainty: Certainty
    """How certain the answer is."""
    code: str
    """Stable name of the question."""
    facts: tuple[str, ...] = ()
    """Ids of the facts behind the answer."""
    next_evidence: tuple[Text, ...] = ()
    """Further evidence to look at, in words."""
    not_shown: Text | None = None
    """What the given hives do not show, in words. Empty if the question does not apply to the host."""
    question: Text
    """The question, in words."""
    shown: Text
    """What the given hives show, in words."""
    tokens: tuple[str, ...] = ()
    """Ids of the tokens behind the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributed(Record):
    """A statement with the facts behind it."""

    facts: tuple[str, ...] = ()
    """Ids of the facts behind the statement."""
    text: str
    """The statement."""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingReport(Record):
    """RPC binding of a session host."""

    name: str
    """Name or address of the host."""
    protocol: str
    """Protocol: `ncalrpc`, `ncacn_np` or `ncacn_ip_tcp`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateReport(Record):
    """A certificate of a chain. A field is absent or empty if it could not be read."""

    extensions: tuple[ExtensionReport, ...] = ()
    """Extensions of the certificate."""
    faults: tuple[TokenFaultReport, ...] = ()
    """Departures from the standards, and parts that could not be read."""
    issuer: str
    """Name of the issuer."""
    key_algorithm: str | None = None
    """Algorithm of the key, as an object identifier."""
    key_bits: int | None = None
    """Length of the key, in bits. Absent if the key is not an RSA key."""
    key_sha256: str | None = None
    """SHA-256 of the modulus of the key, in hex. Tokens of one license server have the same modulus."""
    kind: CertificateKind
    """Kind of the certificate."""
    not_after: FileTime | None = None
    """End of validity, UTC."""
    not_before: FileTime | None = None
    """Start of validity, UTC. Self-signed certificates of license servers have the year 1970 as start and
    2049 as end.
    """
    offset: int
    """Offset of the certificate, in bytes from the start of the token."""
    reading: Reading
    """How completely the certificate was read."""
    serial: str
    """Serial number, in hex."""
    sha256: str
    """SHA-256 of the certificate, in hex."""
    signature: SignatureState
    """State of the signature."""
    signature_algorithm: str | None = None
    """Algorithm of the signature, as an object identifier."""
    signature_issuer: int | None = None
    """Number of the certificate whose key checked the signature, from 0. Absent if no key did."""
    signature_why: Text
    """Reason for the state of the signature, in words."""
    size: int
    """Size of the certificate, in bytes."""
    subject: str
    """Name of the subject."""
    version: int | None = None
    """Version of the certificate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeReport(Record):
    """What an update from a log changed."""

    after: ChangeStateReport | None = None
    """The value or key after the update. Absent if it does not exist."""
    before: ChangeStateReport | None = None
    """The value or key before the update. Absent if it did not exist."""
    dated_by: str | None = None
    """Path of the key whose last-written time after the update is the time of the event. Absent if the
    event has no time.
    """
    entry_offset: int
    """Offset of the log entry, in bytes from the start of the log."""
    from_log: FromLogReport
    """The log entry, with the first byte that shows the change."""
    is_before_in_file: bool
    """Whether `before` is the state of the file as stored. If the machine stopped while it wrote the file,
    the file can already contain later states. Then `before` is not an earlier state.
    """
    key_path: str
    """Path of the key, from the root of the hive."""
    kind: ChangeKind
    """What happened to the value or key."""
    location: str
    """Code of the place in the catalog."""
    source: str
    """Id of the source whose hive holds the value or key."""
    value_name: str | None = None
    """Name of the value. Empty for the default value, absent for a change of a key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeStateReport(Record):
    """A value or key in one state of its hive."""

    certainty: Certainty | None = None
    """How certain the meaning is."""
    data: DataReport | None = None
    """The raw data. Absent for a key."""
    key_last_written: FileTime | None = None
    """Last-written time of the key, UTC."""
    label: Text | None = None
    """Meaning of the data, in words. Absent if the data need no explanation."""
    shown: Text | None = None
    """The data in readable form. Absent for a key, or for data that cannot be decoded."""
    value_type: str | None = None
    """Type of the value, by its Windows name. Absent for a key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedPlace(Record):
    """Place of a value in the evidence."""

    evidence_id: str
    """Id of the fact that is the same in every report on the same evidence."""
    key_path: str
    """Path of the key, from the root of the hive."""
    offset: int | None = None
    """Offset of the value, or of the key, in bytes from the start of the file. Absent if unknown."""
    path: str
    """Path of the hive."""
    value_name: str | None = None
    """Name of the value. Empty for the default value, absent for a key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedValue(Record):
    """What one side holds."""

    key_last_written: FileTime | None = None
    """Last-written time of the newest key behind the value, UTC. Absent without such a key."""
    places: tuple[ComparedPlace, ...] = ()
    """Places of the value in the evidence."""
    text: str
    """The value, in words."""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction(Record):
    """A sign that SYSTEM and SOFTWARE belong to different installations of Windows."""

    facts: tuple[str, ...] = ()
    """Ids of the facts behind both."""
    kind: ContradictionKind
    """Property that differs."""
    software: Text
    """The property in the SOFTWARE hive."""
    system: Text
    """The property in the SYSTEM hive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlSetReport(Record):
    """A control set of a SYSTEM hive."""

    number: int
    """Number of the control set: 1 for ControlSet001, 0 for a stored key `CurrentControlSet`."""
    roles: tuple[Role, ...] = ()
    """Roles that the key `Select` gives to the control set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corroboration(Record):
    """Further evidence that can confirm or contradict the answers, and its presence."""

    about: Text
    """Questions that the evidence can answer."""
    paths: tuple[str, ...] = ()
    """Paths of the files: the first ten."""
    state: Presence
    """Presence of the evidence."""
    what: Text
    """Name of the evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts(Record):
    """Numbers of keys and values that could be read in a hive."""

    keys: int
    """Number of keys that could be read."""
    values: int
    """Number of values that could be read, with all of their data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataReport(Record):
    """Data of a value."""

    hex: str | None = None
    """The bytes that could be read, in hex. Absent for secrets, keys and certificates."""
    sha256: str
    """SHA-256 of the bytes that could be read, in hex."""
    size: int
    """Size that the value claims, in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference(Record):
    """A place whose content differs between control sets."""

    code: str
    """Code of the place in the catalog."""
    facts: tuple[str, ...] = ()
    """Ids of the facts that differ."""
    title: Text
    """What the catalog looks for at this place, in words."""
    values: tuple[SetContent, ...] = ()
    """Content of the place in each control set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement(Record):
    """Two statements in or beside a token that contradict each other."""

    between: Between
    """Kinds of the two sources."""
    facts: tuple[str, ...] = ()
    """Ids of the facts that hold sources outside the token."""
    one: Text
    """The first source and its statement."""
    other: Text
    """The second source and its statement."""
    what: Text
    """Subject of both statements."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge(Record):
    """A relation between two nodes."""

    by: tuple[LinkedBy, ...] = ()
    """What links both nodes. An equal product ID or key links a license server to its tokens and
    certificates, even if names differ.
    """
    evidence: tuple[str, ...] = ()
    """Ids of the facts and tokens behind the relation."""
    from_: str
    """Id of the node at the start."""
    kind: EdgeKind
    """Kind of the relation."""
    to: str
    """Id of the node at the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(Record):
    """An event of the timeline: a dated one, or an undated change from a log."""

    certainty: Certainty
    """How certain the meaning is."""
    change: ChangeReport | None = None
    """What an update from a log changed. Absent for an event of another kind."""
    clock: Clock
    """The clock that the time is from."""
    code: str
    """Kind of the event, as a stable name."""
    facts: tuple[str, ...] = ()
    """Ids of the facts behind the event. Their provenance names the logs that they come from."""
    host: str
    """Id of the host that the event belongs to."""
    id: str
    """Id of the event: `event-1` and so on, in order of time. An undated event follows the event before it
    in its log.
    """
    meaning: Text
    """What happened, as far as the time shows."""
    time: FileTime | None = None
    """Time of the event, UTC. Absent if nothing dates the event, since a log entry has no time of its own."""
    tokens: tuple[str, ...] = ()
    """Ids of the tokens behind the event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFaultReport(Record):
    """A fault of a text export."""

    column: int | None = None
    """Column in characters, from 1. Absent if the fault concerns the whole line."""
    line: int
    """Line, from 1."""
    message: str
    """What is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRemarkReport(Record):
    """A line of a text export that deletes or repeats something on import."""

    is_removal: bool
    """Whether the line asks the registry editor to delete the key or value. Whether that was done is
    unknown.
    """
    key_path: str
    """Path of the key as in the export."""
    line: int
    """Line, from 1."""
    repeats_line: int | None = None
    """Earlier line that sets the same value. Absent unless the line repeats a value."""
    value_name: str | None = None
    """Name of the value. Absent for a key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportReport(Record):
    """Lines of a text export of the registry editor, or of rows of a live registry."""

    faults: tuple[ExportFaultReport, ...] = ()
    """Faults of the text, up to the first 100."""
    lines: int
    """Number of lines."""
    remarks: tuple[ExportRemarkReport, ...] = ()
    """Lines at places of the catalog that delete or repeat something, up to the first 100."""
    roots: tuple[ExportRootReport, ...]
    """Keys that serve as the roots of hives. Key paths of facts start below these keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRootReport(Record):
    """A key of a text export that serves as the root of a hive."""

    key_path: str
    """Path of the key as in the export."""
    kind: HiveKind
    """Kind of the hive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionReport(Record):
    """An extension of a certificate."""

    hex: str
    """Content of the extension, in hex."""
    is_critical: bool
    """Whether the extension is marked as critical."""
    name: str | None = None
    """Name of the extension. Absent if unknown."""
    offset: int
    """Offset of the content, in bytes from the start of the token."""
    oid: str
    """Object identifier of the extension."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactReport(Record):
    """A fact, with its meaning and place."""

    certainty: Certainty | None = None
    """How certain the meaning is. Absent if nothing was found."""
    code: str
    """Code of the place in the catalog."""
    data: DataReport | None = None
    """The raw data. Absent unless a value was found."""
    evidence_id: str
    """Id of the fact that is the same in every report on the same evidence: the first 16 bytes, in hex, of
    a SHA-256. It covers these parts in this order, as UTF-8:

    1. SHA-256 of the source, in hex. Without a hash: kind, size, primary and secondary sequence number
    of the source, separated by spaces.
    2. The origin, such as `live`.
    3. The key path.
    4. The name of the value.
    5. The offset of the value, or of the key if there is no value, in decimal digits. For a fact of a
    text export: the line.
    6. The number 2 for the second fact with these parts, and so on. The first such fact lacks this
    part.

    Before each part is its length in bytes, as a little-endian number of 8 bytes. A missing name or
    offset has the length 2^64 - 1 and no bytes.
    """
    id: str
    """Id of the fact: `fact-1` and so on."""
    label: Text | None = None
    """Meaning of the data, in words. Absent if nothing was found, or if the data need no explanation."""
    list: tuple[str, ...] | None = None
    """The texts in a value of the type REG_MULTI_SZ, or the license servers in a value of any type. Absent
    for other facts.
    """
    lost: Fault | None = None
    """First fault on the way to the place, or in its data. Absent if everything was read."""
    number: int | None = None
    """The number in a value of the type REG_DWORD or REG_DWORD_BIG_ENDIAN. Absent for other facts."""
    permissions: Permissions | None = None
    """Owner and access control list of the key. Absent unless the fact is a key."""
    provenance: ProvenanceReport
    """Place of the fact in the evidence."""
    second_reader: SecondReadingReport | None = None
    """Result of a second, independent reader for this fact. Absent if the second reader did not check the
    fact.
    """
    shown: Text | None = None
    """The data in readable form. Absent without data, or if the data cannot be decoded."""
    source: str
    """Id of the source that the fact comes from."""
    state: State
    """What was found at the place."""
    time: FileTime | None = None
    """The time in a value that holds a time, UTC. Absent for other facts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault(Record):
    """A fault of a source."""

    offset: int
    """Offset of the fault, in bytes from the start of the file."""
    text: str
    """What is wrong."""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultReport(Record):
    """Faults of a source."""

    first: tuple[Fault, ...] = ()
    """The first of these faults."""
    total: int
    """Number of faults."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTime(Record):
    """Windows timestamp."""

    filetime: str
    """FILETIME as stored: 100-nanosecond intervals since 1601-01-01 00:00:00 UTC, in decimal."""
    utc: str
    """Time in UTC as in ISO 8601, with seven digits of a second."""

    def __str__(self) -> str:
        return self.utc


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding(Record):
    """Something to look at: one sentence, with a card of explanations.

    The JSON document has the card once for each code, in its table `finding_pages`.
    """

    certainty: Certainty
    """How certain the meaning is."""
    code: str
    """Stable name of the finding. `calhive explain CODE` prints its page."""
    facts: tuple[str, ...] = ()
    """Ids of the facts behind the finding."""
    hosts: tuple[str, ...] = ()
    """Ids of the hosts that the finding is about."""
    id: str
    """Id of the finding: `finding-1` and so on."""
    observed: tuple[Text, ...] = ()
    """The bytes behind the finding, and their places."""
    severity: Severity
    """How much the finding deserves a look. Never a statement of guilt."""
    statement: Text
    """What was found, in one sentence."""
    title: Text
    """Subject of the finding."""
    tokens: tuple[str, ...] = ()
    """Ids of the tokens behind the finding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FromLogReport(Record):
    """A log entry that a fact comes from."""

    format: Format
    """Format of the log. A log of the old format has no entries."""
    log: str
    """Path of the log."""
    log_offset: int
    """Offset of the first byte of the fact, in bytes from the start of the log."""
    offset: int
    """Offset of the same byte in the hive after replay, in bytes from the start."""
    sequence: int
    """Sequence number of the entry. For the old format, sequence number of the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GraceEndReport(Record):
    """What came of decrypting the end of the grace period, because the examiner asked for that."""

    derived_start: FileTime | None = None
    """The time 120 days before the end, as the inferred start. Absent if the time is not read as the end,
    or on Windows
    2000, whose period has another length.
    """
    end: FileTime | None = None
    """The decrypted time. Absent if the value did not open."""
    files: tuple[MasterKeyFileReport, ...] = ()
    """Master key files that were read for this purpose."""
    is_authenticated: bool | None = None
    """Whether a message authentication code of the value verifies. A secret has no such code. Absent if
    the value did not open.
    """
    is_read_as_end: bool | None = None
    """Whether the time is read as the end of the grace period. It is not on a client edition, nor in a
    control set that is not in use. Absent if the value did not open.
    """
    not_shown: Text
    """What this does not show."""
    reason: str | None = None
    """Why the value did not open, such as `no_security_hive`. Absent if it opened."""
    security: str | None = None
    """Path of the SECURITY hive that was read for this purpose, with special characters escaped. Absent
    without one.
    """
    set_at: FileTime | None = None
    """Time at which the value was set, from a plain time beside it. Only a secret has this time."""
    statement: Text
    """What was decrypted and how, or why not."""
    system: str
    """Path of the SYSTEM hive, with special characters escaped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph(Record):
    """Which license server issued to which host, which host asks which server, and which hosts belong
    together.
    """

    edges: tuple[Edge, ...] = ()
    """Relations between nodes."""
    nodes: tuple[Node, ...] = ()
    """Machines, license servers, scopes and farms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HidingReport(Record):
    """A field that hides something."""

    field: str
    """Name of the field."""
    found: int
    """Number in the field."""
    offset: int
    """Offset of the field, in bytes from the start of the file."""
    statement: Text
    """The same information, in words."""
    suggested: int | None = None
    """Number that other bytes suggest for the field. Absent without a suggestion."""
    weight: Weight
    """Whether structures contradict each other, or Windows itself leaves such traces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryReport(Record):
    """Summary of the search for changes by the updates from the logs of a hive."""

    changes: int
    """Number of changes in this report. Each change is an event."""
    is_cut: bool
    """Whether the updates made more changes than the report keeps."""
    looked_at: int
    """Number of updates whose changes were examined. The updates that were not examined are the last ones."""
    uncertain: int
    """Number of examined updates that made parts of the hive readable or unreadable. What such an update
    set or removed is unknown.
    """
    updates: int
    """Number of updates that were applied. An update is a log entry, or a whole log of the old format."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HiveState(Record):
    """A state of the hives of an installation."""

    copy: HiveCopy | None = None
    """Kind of copy. Absent for the hives in use."""
    hardware_ids: tuple[Attributed, ...] = ()
    """Hardware IDs of the client."""
    host: str
    """Id of the host with the facts of this state."""
    id: str
    """Id of the state: `state-1` and so on."""
    license_servers: Attributed | None = None
    """License servers in effect, according to these hives. Absent if nothing is set or if it is unknown."""
    licensing_mode: Attributed | None = None
    """Licensing mode in effect, according to these hives. Absent if nothing is set or if it is unknown."""
    paths: tuple[str, ...] = ()
    """Paths of the hives."""
    place: Text
    """Kind of the state, in words."""
    same_bytes_as: str | None = None
    """Id of the state whose hives have the same bytes, byte for byte. Absent if this state was read
    itself.
    """
    shadow_copy: int | None = None
    """Number of the shadow copy that holds the hives. Absent outside shadow copies."""
    time: FileTime | None = None
    """Time of the state, UTC. Absent if unknown."""
    time_basis: TimeBasis
    """What the time is."""
    tokens: tuple[StateToken, ...] = ()
    """Licenses in the tree of the hives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Host(Record):
    """An installation of Windows, or one copy of its hives."""

    answers: tuple[Answer, ...] = ()
    """Answers to the questions that calhive examines a host for."""
    control_sets: tuple[ControlSetReport, ...] = ()
    """Control sets of the SYSTEM hive, by number."""
    copy: HiveCopy | None = None
    """Kind of copy, if the folder shows that the hives are not those in use. Absent otherwise."""
    corroboration: tuple[Corroboration, ...] = ()
    """Further evidence that can confirm or contradict the answers."""
    differences: tuple[Difference, ...] = ()
    """Differences between the control sets."""
    earlier_registrations: tuple[Attributed, ...] = ()
    """License servers that issued certificates to this machine as a session host. These certificates were
    recovered outside the tree.
    """
    grace_end: GraceEndReport | None = None
    """What came of decrypting the end of the grace period. Absent if the examiner did not ask for that."""
    hidden: tuple[str, ...] = ()
    """Ids of facts that the hives hold and the tree does not show. No other statement about the host uses
    these facts.
    """
    id: str
    """Id of the host: `host-1` and so on."""
    license_server: RoleReport
    """Whether the host issues licenses."""
    license_servers: SettingArrayOfMachineName
    """License servers in effect, according to the given hives."""
    licensing_mode: SettingLicensingMode
    """Licensing mode in effect, according to the given hives."""
    logs: tuple[HostLogs, ...] = ()
    """What the transaction logs of its hives contribute."""
    pairing: Pairing
    """Why calhive treats these sources as one host."""
    pairing_basis: PairingBasis
    """What supports or contradicts the pairing."""
    pairing_statement: Text
    """The reason for the pairing, in words."""
    profiles: tuple[ProfileReport, ...] = ()
    """What profiles of users on the same volume store for the Remote Desktop client. No evidence of a
    connection.
    """
    recovered: tuple[str, ...] = ()
    """Ids of facts recovered from bytes of hives and logs outside every tree, without copies of live
    facts. Statements about settings in effect do not use these facts.
    """
    reference_time: ReferenceTime
    """Time at which the tokens of the host are judged."""
    registered_with: tuple[Attributed, ...] = ()
    """License servers that issued certificates to this machine as a session host."""
    session_host: RoleReport
    """Whether the host serves remote sessions."""
    sources: tuple[str, ...] = ()
    """Ids of the sources that belong to the host."""
    system: System
    """What the hives say about the installation."""
    tokens_not_decoded: int | None = None
    """Number of tokens that calhive did not decode, because the host has too many. Absent if all were
    decoded.
    """
    unknown: tuple[Text, ...] = ()
    """What remains unknown because a hive of the host was not given, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostLogs(Record):
    """What the transaction logs of a hive contribute to the facts of a host."""

    facts: tuple[str, ...] = ()
    """Ids of the facts with bytes from a log."""
    is_incomplete: bool
    """Whether changes are known to be missing. The settings then show the last complete state."""
    source: str
    """Id of the source of the hive."""
    statement: Text
    """Logs that were applied to the hive, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageHash(Record):
    """Hashes of a disk that its image stores (E01)."""

    md5: str | None = None
    """MD5 of all bytes of the disk, in hex. Absent if the image stores none."""
    sha1: str | None = None
    """SHA-1 of all bytes of the disk, in hex. Absent if the image stores none."""
    state: ImageHashState
    """Comparison with the bytes of the disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexReport(Record):
    """Values that index a token ([MS-RDPELE] 2.2.2.6.1). A field is absent if its value is absent or
    cannot be decoded.
    """

    company: str | None = None
    """Company that made the product."""
    product: str | None = None
    """Name of the product."""
    scope: str | None = None
    """Scope of the license."""
    version: int | None = None
    """Version of the product: major in the high half, minor in the low half."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFileReport(Record):
    """A file of an archive or a disk image."""

    path: str
    """Path, with special characters escaped."""
    sha256: str | None = None
    """SHA-256 of the whole file, in hex. Absent if no hash was taken."""
    size: int
    """Size in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InputReport(Record):
    """An archive or a disk image that was read."""

    bytes_read: int
    """Number of bytes read from it. For a compressed disk image, bytes of the disk."""
    files: tuple[InputFileReport, ...] = ()
    """The file and its further segments. Empty for standard input."""
    format: str
    """Format, such as `E01` or `zip`."""
    image_hash: ImageHash | None = None
    """Hashes of the disk that an E01 stores, and whether they are right. Absent for any other input."""
    path: str
    """Path as given, or as found in a folder, with special characters escaped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation(Record):
    """An installation of Windows with several states of its hives in the evidence: the hives in use,
    backup copies, shadow copies, the previous Windows, and deleted hives.
    """

    changes: tuple[StateChange, ...] = ()
    """Differences between consecutive states, in order of time."""
    id: str
    """Id of the installation: `installation-1` and so on."""
    not_grouped: tuple[NotGrouped, ...] = ()
    """Hives on the same volume whose content contradicts the installation."""
    states: tuple[HiveState, ...] = ()
    """States in order of time. States without a time are last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindConflict(Record):
    """A sign that a hive is of another kind."""

    kind: HiveKind
    """The other kind."""
    text: str
    """The sign, in words."""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseReport(Record):
    """Content of the certificate that describes a license or a session host: all that Microsoft's `tsctst`
    prints, and more. A field is absent if the certificate does not state it, or if the kind of the
    certificate has no such field.
    """

    activation_name: str | None = None
    """Name of the license server from its activation: CN of the issuer, if the certificate of the license
    server names another issuer. Absent otherwise.
    """
    binding: BindingReport | None = None
    """RPC binding of the session host: L of the subject. Absent for other kinds."""
    certificate: int
    """Number of the certificate in the token, from 0."""
    certificate_version: int | None = None
    """Version of the certificate (extension 311.18.4)."""
    client_platform_id: int | None = None
    """Platform of the client (extension 311.18.5)."""
    client_reported_machine: str | None = None
    """Name of the machine, as the client reported it: CN of a client token's subject."""
    client_reported_user: str | None = None
    """Name of the user, as the client reported it: L of a client token's subject. Not an authenticated
    account.
    """
    company: str | None = None
    """Company that made the product (extension 311.18.2)."""
    expires: FileTime | None = None
    """End of validity, UTC."""
    flags: int | None = None
    """ProductLicenseFlags of the first version record."""
    flags_meaning: Text | None = None
    """The same flags in hex. For a client token, with their meaning in words."""
    generation: Text | None = None
    """Generation of Windows Server with this product version. Absent if unknown."""
    hardware_id: str | None = None
    """Hardware ID in the subject, without its mask. The meaning is inferred."""
    hardware_id_form: HardwareIdForm | None = None
    """Client software whose form the hardware ID has. The form is inferred."""
    hardware_id_hex: str | None = None
    """The 20 bytes of the hardware ID without its mask, in hex."""
    hardware_id_is_plausible: bool | None = None
    """Whether the platform ID is one that hardware IDs have. If not, the bytes have another mask."""
    hardware_id_masked: str | None = None
    """The 20 bytes of the hardware ID under the mask, in hex."""
    integrity: Text
    """Result of all signatures of the chain, in words."""
    is_enforced: bool | None = None
    """Whether the flags mark the license as enforced."""
    is_released: bool | None = None
    """Whether the flags name a released version as the issuer. Otherwise they name a beta version."""
    is_temporary: bool | None = None
    """Whether the flags mark the license of a client as temporary. Otherwise they mark it as permanent."""
    issuer: str | None = None
    """CN of the issuer: the name that the license server gives itself, or the name from its activation."""
    issuer_domain: str | None = None
    """Domain or workgroup of the license server: L of the issuer."""
    kind: CertificateKind
    """Kind of the certificate."""
    language: Text | None = None
    """Name of the language. Absent if unknown."""
    language_id: int | None = None
    """Language of the license server, as a Windows language identifier."""
    license_count: int | None = None
    """Number of licenses."""
    license_id: str | None = None
    """License ID: the product that the server issued."""
    license_server: str | None = None
    """Computer name of the license server (extension 311.18.6)."""
    license_server_id: str | None = None
    """Product ID of the license server (extension 311.18.6)."""
    license_server_key_sha256: str | None = None
    """SHA-256 of the modulus of the license server's key, in hex: the key that checked the signature. A
    client token without its license server's certificate has the same key itself.
    """
    license_server_spk: str | None = None
    """SPK of the license server, from its own certificate (extension 311.18.8)."""
    license_type: Text | None = None
    """Type of the license, in words."""
    product_version: str | None = None
    """Version of the product: that of the first version record."""
    requested_product: str | None = None
    """Product that the client requested."""
    scope: str | None = None
    """Scope of the license server (extension 311.18.6)."""
    signature: SignatureState | None = None
    """State of the signature."""
    unnamed_9: int | None = None
    """Number in the extension 311.18.9, which no published text names."""
    valid_from: FileTime | None = None
    """Start of validity, UTC by the license server's clock: the last issue or renewal."""
    versions: tuple[VersionReport, ...] = ()
    """All version records of the product."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseServerReport(Record):
    """A license server, as its own certificate and the certificates that it issued describe it. A field is
    absent if no certificate states it.
    """

    certificate: int
    """Number of the license server's certificate in the token, from 0."""
    certificate_text: str | None = None
    """Text of extension 311.18, which the Clearinghouse writes."""
    certificate_type: str | None = None
    """Type of the certificate, from that text."""
    certified_by: str | None = None
    """CN of the issuer. Absent for a self-signed certificate."""
    computer_name: str | None = None
    """Computer name, from extension 311.18.6 of the certificate that the license server issued."""
    country: str | None = None
    """Registered country, from that text."""
    domain: str | None = None
    """L of the subject: domain or workgroup."""
    key_sha256: str | None = None
    """SHA-256 of the modulus of the key, in hex."""
    kind: CertificateKind
    """Kind of the certificate."""
    name: str | None = None
    """CN of the subject: the license server's own name, or the name from its activation."""
    organization: str | None = None
    """Registered organization, from that text."""
    product_id: str | None = None
    """Product ID, from the same extension."""
    spk: str | None = None
    """SPK (extension 311.18.8)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveClientReport(Record):
    """System that rows of a live registry come from, as the rows name it. Any program can write such rows."""

    client_id: Text | None = None
    """Client ID that the Velociraptor server adds to the rows of a hunt. Absent in rows of a single
    collection.
    """
    first_collected: FileTime | None = None
    """Time of the first collection, by the clock of the client. Absent if the rows state none."""
    has_hives_on_disk: bool
    """Whether a row was read from a hive on disk, not from the running registry."""
    host_name: Text | None = None
    """Host name that the client reports. Absent if the rows name none."""
    last_collected: FileTime | None = None
    """Time of the last collection, by the clock of the client. Absent if the rows state none."""
    rows: int
    """Number of rows of this system."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Locator(Record):
    """Where a second tool finds a file inside a disk image or an archive."""

    format: str
    """Format of the input, such as `E01` or `zip`. With a format inside a format, both: `zip, E01`."""
    input: str
    """Path of the disk image or archive, with special characters escaped."""
    path: str
    """Path of the file in the innermost archive or on the volume, with special characters escaped."""
    volume: VolumePlace | None = None
    """Place on a disk. Absent in archives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogReport(Record):
    """Use that a replay made of one log."""

    applied: int
    """Number of entries applied; 1 for a log of the old format."""
    applied_sequence: tuple[int, int] | None = None
    """Sequence numbers of the first and the last entry applied; absent if none was applied."""
    damaged: int | None = None
    """Sequence number of the entry at that place, if it is the expected number: the next update is
    damaged.
    """
    ended: Text | None = None
    """Fault that ends the consecutive entries before the end of the log; absent if there is none. Usually
    remnants of older entries follow.
    """
    ended_at: int | None = None
    """Offset of that fault, from the start of the log."""
    format: Format | None = None
    """Format; absent if the file is not a log."""
    left_over: int
    """Number of intact entries that were not applied: older states of the hive, or newer ones after a gap."""
    newer: int
    """Number of those entries that are newer than the last entry applied."""
    path: str
    """Path of the log file."""
    refused: Text | None = None
    """Reason why the log was not applied; absent if it was applied."""
    sequence: tuple[int, int] | None = None
    """Primary and secondary sequence number of the base block; absent if the file is not a log."""
    sha256: str | None = None
    """SHA-256 of the file, in hex; absent if it was not computed."""
    size: int
    """Size of the file in bytes."""
    unsearched_from: int | None = None
    """Offset behind which calhive searched for no further entries, from the start of the log, because the
    log has too many damaged ones. Absent if the log was searched to its end.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterKeyFileReport(Record):
    """A master key file that was read to decrypt the end of the grace period. Its keys were used in memory
    and not kept.
    """

    is_used: bool
    """Whether the file opened the value."""
    path: str
    """Path, with special characters escaped."""
    sha256: str
    """SHA-256 of the whole file, in hex."""
    size: int
    """Size in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node(Record):
    """A node of the graph."""

    hosts: tuple[str, ...] = ()
    """Ids of the hosts that the node stands for, if their hives were given."""
    id: str
    """Id of the node: `node-1` and so on."""
    keys: tuple[str, ...] = ()
    """Keys of a license server, from tokens and certificates: SHA-256 of the modulus, in hex."""
    kind: NodeKind
    """Kind of the node."""
    name: str
    """Name of the node, in the spelling that was found first. For a license server, its computer name."""
    other_names: tuple[str, ...] = ()
    """Other names of a license server, such as the name from its activation."""
    product_ids: tuple[str, ...] = ()
    """Product IDs of a license server, from tokens and certificates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotGrouped(Record):
    """Hives on the volume of an installation whose content contradicts the installation."""

    host: str
    """Id of the host."""
    statement: Text
    """The contradiction, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRead(Record):
    """An input that was not read, is incomplete, or can mix two states."""

    kind: NotReadKind
    """Kind of the missing input."""
    path: str
    """Path of the file or folder, with special characters escaped."""
    text: str
    """What happened to which file, and what to do if known."""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside(Record):
    """Numbers of items outside the tree. The tree is the content that the lists of a hive lead to."""

    contradictions: int
    """Number of keys, values, names and data whose fields contradict other parts of the hive."""
    left_over: int
    """Number of other items. Hives without known alterations have such items too."""
    without_path: int
    """Number of items, of both kinds, with an unknown path. calhive cannot assign them to a place of the
    catalog.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class PageReport(Record):
    """Explanations that all findings with one code share."""

    does_not_show: Text
    """What the finding does not show."""
    innocent_explanations: tuple[Text, ...]
    """Innocent explanations for the finding."""
    reference: str
    """Published source for the finding."""
    reproduce: Text
    """How to see the same with another tool."""
    shows: Text
    """What the finding shows."""
    validated_on: Text
    """Evidence that the rule of the finding was validated on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairingBasis(Record):
    """What supports or contradicts a pairing."""

    beside: tuple[str, ...] = ()
    """Paths of hives in the same folder that were not given. Each name is that of a missing counterpart."""
    contradictions: tuple[Contradiction, ...] = ()
    """Signs of two different installations. A pair of the examiner can have such signs too."""
    refused: str | None = None
    """Id of the source that was not paired because of the contradictions. Absent without such a source."""
    same_computer: tuple[str, ...] = ()
    """Ids of the facts in which both hives name the same computer. Empty if they do not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permissions(Record):
    """Owner and access control list of a key."""

    entries: tuple[Access, ...] = ()
    """Entries of the discretionary access control list in order, up to the first 64."""
    owner: str | None = None
    """Security identifier of the owner. Absent if it could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceReport(Record):
    """An entry of the catalog."""

    reference: str
    """Published source for the place and its meaning."""
    title: Text
    """What the catalog looks for at this place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileHost(Record):
    """A host that the Remote Desktop client stores in the profile of a user."""

    facts: tuple[str, ...] = ()
    """Ids of the facts."""
    key_last_written: FileTime | None = None
    """Last-written time of the key of the host, UTC. Absent for a host in the address list alone."""
    name: str
    """Name or address of the host, as stored."""
    user_hint: str | None = None
    """User name that is stored for the host. Not an authenticated account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileReport(Record):
    """What a hive in the profile of a user stores about Remote Desktop. No entry is evidence of a
    connection.
    """

    name: str | None = None
    """Name of the folder of the profile. Absent if the hive is outside such a folder."""
    remote_hosts: tuple[ProfileHost, ...] = ()
    """Hosts that the Remote Desktop client stores in the profile."""
    source: str
    """Id of the source: an NTUSER.DAT or a UsrClass.dat."""
    virtual_store: tuple[str, ...] = ()
    """Ids of the facts about licensing keys in the `VirtualStore` of the profile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenanceReport(Record):
    """The place of a fact in the evidence."""

    control_set: ControlSetReport | None = None
    """The control set. Absent outside control sets."""
    from_logs: tuple[FromLogReport, ...] = ()
    """Log entries that the fact comes from, in whole or in part. Empty if no log contributes to the fact."""
    hidden: HidingReport | None = None
    """The field that hides the fact. Absent unless the fact is hidden."""
    key_last_written: FileTime | None = None
    """Last-written time of the key, UTC."""
    key_offset: int | None = None
    """Offset of the key, in bytes from the start of the file. Absent without such a key."""
    key_path: str
    """Path of the key, from the root of the hive. Empty for a license file, which is not in the registry."""
    line: int | None = None
    """Line of the key or value in a text export or in rows of a live registry, from 1. Absent in any other
    source.
    """
    origin: Origin
    """State of the hive that holds the fact. Offsets of replayed facts are offsets in the hive after
    replay, as `calhive replay` writes it.
    """
    recovered: RemainsReport | None = None
    """How the fact was recovered. Absent unless it was recovered. Key path and control set then contain
    only what is known. If the key of a value is unknown, the path is `…`.
    """
    redirected: bool = False
    """Whether the fact is in the registry view of 32-bit programs (`Wow6432Node`). In JSON, absent if not."""
    value_name: str | None = None
    """Name of the value. Empty for the default value, absent if the fact is not a value."""
    value_offset: int | None = None
    """Offset of the value, in bytes from the start of the file. Absent without such a value."""
    value_type: str | None = None
    """Type of the value, by its Windows name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveredCounts(Record):
    """Numbers of recovered items outside the tree: deleted, left over, or cut off."""

    keys: int
    """Number of keys, whether about licensing or not."""
    values: int
    """Number of values, whether about licensing or not."""
    without_path: int
    """Number of keys and values whose path does not lead to the root, or whose key is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceTime(Record):
    """Time at which the tokens of a host are judged."""

    implausible: int
    """Number of times that were left out as implausible."""
    is_given: bool
    """Whether the user gave the time. If not, it is the newest plausible last-written time."""
    newest: FileTime | None = None
    """Newest plausible last-written time of the keys that were read, UTC."""
    oldest: FileTime | None = None
    """Oldest plausible last-written time of the keys that were read, UTC."""
    statement: Text
    """The same information, in words."""
    time: FileTime | None = None
    """The time, UTC. Absent if the hives have no plausible time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemainsReport(Record):
    """A recovered item, and how far it can be trusted."""

    changed: Text | None = None
    """What differs from that key or value, in words. Absent without such a key or value."""
    confidence: Level
    """How far the item can be trusted."""
    data_offset: int | None = None
    """Offset of the first surviving data, in bytes from the start of the file. Absent without data."""
    is_before_replay: bool
    """Whether the item is in the file as stored, where replay overwrites it. Then its offset is an offset
    in that file, and the live key or value is the one in that file.
    """
    key_is_known: bool
    """Whether the key is known. If not, the item belongs to its place by its name or bytes alone."""
    path_is_whole: bool
    """Whether the key path leads to the root. If not, the path is only its last part."""
    place: SpaceKind
    """Kind of space that held the item."""
    previous_version_of: int | None = None
    """Offset of the live key or value with the same path, in bytes from the start of the file. The item is
    a previous version of it, or had its name before. Absent without such a key or value.
    """
    why: Text
    """Reasons for the confidence, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayReport(Record):
    """Outcome of the replay of a hive's transaction logs."""

    base_block_rebuilt: bool
    """Whether the base block was rebuilt from a log because its checksum is wrong."""
    bins_after: int
    """Size of all bins after the replay, in bytes."""
    bins_before: int
    """Size of all bins in the file, in bytes."""
    bytes: int
    """Number of bytes from a log."""
    changed: int
    """Number of bytes that differ from the file: bytes from a log, zeros in new bins, and bytes of the
    base block.
    """
    is_incomplete: bool
    """Whether changes are known to be missing: no log applies to the dirty hive, the next entry is
    damaged, or newer entries were not applied.
    """
    logs: tuple[LogReport, ...] = ()
    """All logs, in the order given to replay."""
    pages: int
    """Number of pages of 4,096 bytes that hold bytes from a log."""
    sequence: int
    """Sequence number of the last update in the hive after the replay."""
    state: ReplayState
    """Whether a log was applied."""
    text: str
    """The outcome in words."""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(Document):
    """What the evidence shows, with the place of each fact. A field without a value is absent. An id of a
    fact is in `facts` or in `searched`.
    """

    catalog: Mapping[str, PlaceReport]
    """Entries of the catalog for the codes in `facts` and `searched`, by code."""
    copies: tuple[Installation, ...] = ()
    """Installations with several states of their hives, and what differs between the states. Absent
    without such an installation.
    """
    events: tuple[Event, ...]
    """Events in order of time. Undated events are in the order of their log."""
    facts: tuple[FactReport, ...]
    """Facts, by source, in the order of the catalog: all that was found, and every place that could not be
    read or that needs more words than `searched` has.
    """
    finding_pages: Mapping[str, PageReport]
    """Explanations of the findings in this report, by code."""
    findings: tuple[Finding, ...]
    """Findings by host, then findings across hosts, then findings about copies of hives."""
    graph: Graph
    """Clients, session hosts, license servers, scopes and farms, and their relations."""
    hosts: tuple[Host, ...]
    """Installations of Windows that the hives belong to. Each copy of hives is a host of its own."""
    inputs: tuple[InputReport, ...] = ()
    """Archives and disk images that were read. Absent without any."""
    limitations: tuple[Text, ...]
    """What the evidence cannot show, whatever was found."""
    not_read: tuple[NotRead, ...]
    """Inputs that were not read, are incomplete, or can mix two states."""
    run: Run | None = None
    """The run of the command that made the report. Absent in a report of a library call."""
    schema: Literal["urn:calhive:report:1"]
    """Name of the schema: `urn:calhive:report:1`."""
    schema_version: int
    """Version of the report's shape. It grows if a field changes its meaning or is removed."""
    searched: tuple[Search, ...]
    """Places that were searched without result, by source."""
    skipped: SkippedReport | None = None
    """Files, links and parts of inputs that were not read. Evidence that is missing is in `not_read` too.
    Absent if nothing was skipped.
    """
    sources: tuple[SourceReport, ...]
    """Hives that were read."""
    tokens: tuple[TokenReport, ...]
    """Decoded licenses of clients and certificates of session hosts."""
    tool: Tool
    """Library that made the report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleReport(Record):
    """Whether a host has a role."""

    background: Text | None = None
    """Quotation from a published text about the role, without a judgment. Absent without a quotation."""
    certainty: Certainty
    """How certain the state is."""
    facts: tuple[str, ...] = ()
    """Ids of the facts behind the state."""
    state: RoleState
    """Whether the host has the role."""
    statement: Text
    """Reason for the state, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Root(Record):
    """A file or folder that a command searched."""

    absolute_path: str | None = None
    """The same path from the root of the file system, with all links resolved. Absent if it cannot be
    resolved.
    """
    path: str
    """Path as given, with special characters escaped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run(Record):
    """The run of a command that made a report. It has no time: a second run on the same evidence makes the
    same report.
    """

    arguments: tuple[str, ...]
    """Arguments of the command, with special characters escaped. The name of the command is not among
    them.
    """
    commit: str
    """Commit that the command was built from, with `-modified` if a file differs from the commit.
    `unknown` outside a repository.
    """
    evidence_roots: tuple[Root, ...]
    """Files and folders that the command searched."""
    program: str
    """Name of the command."""
    version: str
    """Version of the command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search(Record):
    """Places of a source that were searched without result, with one result of the second reader. Every
    list on the way to these places was read.
    """

    keys: tuple[SearchedKey, ...]
    """Keys that were searched."""
    second_reader: Agreement | None = None
    """Result of the second reader for each of the places. Absent if the second reader did not check them."""
    source: str
    """Id of the source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchedKey(Record):
    """A key that was searched without result."""

    control_set: int | None = None
    """Number of the control set. Absent outside control sets."""
    key_last_written: FileTime | None = None
    """Last-written time of the key, UTC. Absent without such a key."""
    key_offset: int | None = None
    """Offset of the key, in bytes from the start of the file. Absent without such a key."""
    key_path: str
    """Path of the key, from the root of the hive."""
    places: tuple[SearchedPlace, ...]
    """The places."""
    redirected: bool = False
    """Whether the key is in the registry view of 32-bit programs (`Wow6432Node`). Absent if not."""
    state: State
    """Whether the key exists without the values, or does not exist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchedPlace(Record):
    """A place that was searched without result. Its line in JSON Lines, a `fact`, also has the
    `evidence_id`.
    """

    code: str
    """Code of the place in the catalog."""
    id: str
    """Id of the fact."""
    value_name: str | None = None
    """Name of the value. Empty for the default value. Absent if the catalog looks for the key, or for any
    value.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondReaderReport(Record):
    """Result of a second, independent reader for a source."""

    agreed: int
    """Number of facts that both readers agree on: values with name, type and data, and places without a
    value.
    """
    differs: int
    """Number of facts that the second reader reads differently."""
    not_covered: int
    """Number of facts that the second reader did not check: hidden facts, and places that calhive could
    not read.
    """
    not_readable: int
    """Number of facts whose place the second reader could not read."""
    reader: str
    """Name of the second reader."""
    refused: Text | None = None
    """Why the second reader does not open the hive. Absent if it opens the hive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondReadingReport(Record):
    """Result of a second, independent reader for a fact."""

    data: DataReport | None = None
    """Data as the second reader reads them. Absent if both readers agree, or if the second reader reads no
    value.
    """
    state: Agreement
    """Whether the second reader agrees."""
    value_type: str | None = None
    """Type of the value as the second reader reads it. Absent if both readers agree, or if the second
    reader reads no value.
    """
    why: Text | None = None
    """What the second reader reads differently, or its error. Absent if both readers agree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetContent(Record):
    """Content of a place in one control set."""

    content: Text | None = None
    """The content in readable form. Absent if the control set does not have the place."""
    control_set: int
    """Number of the control set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingArrayOfMachineName(Record):
    """A setting that several places can define, and the definition in effect."""

    facts: tuple[str, ...] = ()
    """Ids of the facts that define the value."""
    label: Text | None = None
    """Name of the value, in words."""
    overrides: tuple[str, ...] = ()
    """Ids of the facts that the value overrides."""
    role_note: Text | None = None
    """What the role of the host means for the setting. Absent if the role is present."""
    statement: Text
    """The setting in words, with a note on what this statement does not consider."""
    value: tuple[str, ...] | None = None
    """Value in effect. Absent if nothing is set, or if the value cannot be determined."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingLicensingMode(Record):
    """A setting that several places can define, and the definition in effect."""

    facts: tuple[str, ...] = ()
    """Ids of the facts that define the value."""
    label: Text | None = None
    """Name of the value, in words."""
    overrides: tuple[str, ...] = ()
    """Ids of the facts that the value overrides."""
    role_note: Text | None = None
    """What the role of the host means for the setting. Absent if the role is present."""
    statement: Text
    """The setting in words, with a note on what this statement does not consider."""
    value: LicensingMode | None = None
    """Value in effect. Absent if nothing is set, or if the value cannot be determined."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowCopy(Record):
    """A shadow copy of a volume."""

    created: int
    """Time of creation: 100-nanosecond intervals since 1601, UTC."""
    id: str
    """Identifier of the store, as a GUID."""
    number: int
    """Number of the shadow copy, in the order of creation, from 1. vshadowmount numbers them in the same
    way.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedItem(Record):
    """A file, a link or a part of an input that was not read."""

    path: str
    """Path, with special characters escaped."""
    text: Text
    """Why it was not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedReport(Record):
    """Files, links and parts of inputs that were not read."""

    first: tuple[SkippedItem, ...] = ()
    """The first 10,000."""
    total: int
    """Number of skipped things."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReport(Record):
    """A hive that was read."""

    absolute_path: str | None = None
    """The same path from the root of the file system, with the links in its folder resolved. Absent if
    unknown.
    """
    checksum_is_valid: bool | None = None
    """Whether the checksum of the base block is right, in the file as stored. Absent without a base block."""
    copies: tuple[str, ...] = ()
    """Paths of further files with the same content. Their logs, if any, are among the logs of this source."""
    counts: Counts | None = None
    """Numbers of keys and values that could be read. Absent if only the places of the catalog were read."""
    export: ExportReport | None = None
    """Lines of the text export, or of the rows of a live registry. Absent for any other source."""
    faults: FaultReport
    """Faults of items that could be read."""
    form: SourceFormReport | None = None
    """Form of the source. In JSON, absent for a hive."""
    history: HistoryReport | None = None
    """Summary of what each log entry changed. Absent if it was not requested, or if no log was applied.
    The changes are events.
    """
    id: str
    """Id of the source: `source-1` and so on."""
    is_dirty: bool | None = None
    """Whether the file as stored is dirty. Then the newest changes can be in the transaction logs alone.
    Absent without a base block.
    """
    is_fragment: bool
    """Whether the file is a part of a hive, without a base block. Then its version is inferred, and its
    state is unknown.
    """
    kind: HiveKind
    """Kind of the hive, by most of the signs."""
    kind_conflicts: tuple[KindConflict, ...] = ()
    """Signs of other kinds. Any program can write such a sign, so calhive also looks at the places of
    these kinds.
    """
    kind_signs: tuple[Text, ...] = ()
    """Signs of this kind in the hive."""
    live: LiveClientReport | None = None
    """System that rows of a live registry come from. Absent for any other source."""
    locator: Locator | None = None
    """Place inside a disk image or an archive, for a second tool. Absent for a plain file."""
    outside: Outside | None = None
    """Number of items outside the tree. Absent if they were not searched for."""
    path: str
    """Path that the hive was read from."""
    recovered: RecoveredCounts | None = None
    """Number of recovered items outside the tree: deleted, left over, or cut off. Absent if they were not
    searched for.
    """
    replay: ReplayReport | None = None
    """What was done with the transaction logs. Absent if no replay was requested."""
    second_reader: SecondReaderReport | None = None
    """Result of a second, independent reader. Absent if there was no second reader."""
    sequence: tuple[int, int] | None = None
    """Primary and secondary sequence number of the file as stored. Absent without a base block."""
    sha256: str | None = None
    """SHA-256 of the whole file, in hex. Absent if no hash was taken."""
    shift: int
    """Difference between offsets in this report and offsets in the file, in bytes. The difference is 0,
    except for a part of a hive without a base block. Its offsets in this report are offsets in the
    whole hive.
    """
    size: int
    """Size of the file, in bytes."""
    unread: FaultReport
    """Items that the hive names and that could not be read."""
    version: str
    """Version of the hive format, or of the text export. Empty for any other source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChange(Record):
    """A difference between two states."""

    after: ComparedValue | None = None
    """Content of the second state. Absent if the second state does not hold the thing."""
    before: ComparedValue | None = None
    """Content of the first state. Absent if the first state does not hold the thing."""
    code: str
    """Stable name of the thing that differs."""
    doubts: tuple[Text, ...] = ()
    """Why the difference is not determinable."""
    from_: str
    """Id of the first state."""
    is_ordered: bool
    """Whether the times of the evidence show that the first state is the earlier one."""
    kind: StateChangeKind
    """What differs."""
    statement: Text
    """The difference in words, with both times."""
    subject: ItemSubject
    """Subject of the difference."""
    title: Text
    """Title of the thing that differs."""
    to: str
    """Id of the second state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateToken(Record):
    """A license in a state."""

    client_reported_machine: str | None = None
    """Name of the machine, as the client reported it."""
    expires: FileTime | None = None
    """End of validity, UTC."""
    license_server: str | None = None
    """Name of the license server, as the token states it."""
    sha256: str
    """SHA-256 of the token, in hex."""
    token: str
    """Id of the token."""
    valid_from: FileTime | None = None
    """Start of validity, UTC by the license server's clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class System(Record):
    """What the hives say about an installation of Windows. A property is absent if the given hives do not
    have it.
    """

    build: Attributed | None = None
    """Version with build and update level, and service pack or release."""
    clone_tag: Attributed | None = None
    """Mark of a machine that was cloned with Sysprep."""
    computer_name: Attributed | None = None
    """Computer name."""
    domain: Attributed | None = None
    """Domain membership."""
    edition: Attributed | None = None
    """Edition."""
    entra: Attributed | None = None
    """Join to Microsoft Entra."""
    farm: Attributed | None = None
    """Farm that the host belongs to."""
    installed: Attributed | None = None
    """Time when this installation was made or last upgraded, by its own clock."""
    product: Attributed | None = None
    """Product."""
    product_type: Attributed | None = None
    """Product type: client, server or domain controller."""
    shut_down: Attributed | None = None
    """Time of the last shutdown."""
    time_zone: Attributed | None = None
    """Time zone with its offset from UTC."""
    upgraded_from: tuple[Attributed, ...] = ()
    """Earlier installations, before upgrades."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Record):
    """Words for people, which can change with each version of calhive. In JSON, an object with the field
    `text`.
    """

    text: str
    """The words."""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenFaultReport(Record):
    """A fault of a token."""

    offset: int
    """Offset of the fault, in bytes from the start of the token."""
    text: str
    """What is wrong."""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenReport(Record):
    """A decoded token of a client, or the decoded certificates of a session host."""

    certificate_kind: CertificateKind | None = None
    """What the token is: kind of the certificate that it is about. Absent if the token could not be
    decoded.
    """
    certificates: tuple[CertificateReport, ...] = ()
    """Certificates of the token, in their order."""
    container: Container | None = None
    """Container of the certificates. Absent if the token could not be decoded."""
    disagreements: tuple[Disagreement, ...] = ()
    """Statements of two parts of the token that contradict each other."""
    error: Text | None = None
    """Why the token could not be decoded. Absent if it was decoded."""
    facts: tuple[str, ...] = ()
    """Ids of the facts with the bytes of the token, and of the facts with its index."""
    faults: tuple[TokenFaultReport, ...] = ()
    """Faults of the container."""
    host: str | None = None
    """Id of the host whose hives hold the token. Absent for a token from a file."""
    id: str
    """Id of the token: `token-1` and so on."""
    index: IndexReport | None = None
    """Values that index the token. They are beside the token in the registry, or before it in a
    NEW_LICENSE_INFO.
    """
    kind: TokenKind
    """Place of the token."""
    license: LicenseReport | None = None
    """Content of the certificate that describes the license or the session host. Absent without such a
    certificate.
    """
    license_server: LicenseServerReport | None = None
    """License server whose certificate is in the chain. Absent without such a certificate."""
    origin: Origin | None = None
    """State of the hive that holds the token. Absent for a token from a file."""
    reading: Reading | None = None
    """How completely the token was read, by its worst part. Absent if the token could not be decoded."""
    redirected: bool
    """Whether the token is in the registry view of 32-bit programs (`Wow6432Node`)."""
    sha256: str
    """SHA-256 of the token, in hex."""
    size: int
    """Size of the token, in bytes."""
    wrapping: Wrapping | None = None
    """Structure around the container. Absent without such a structure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool(Record):
    """The library that made a report."""

    features: tuple[str, ...]
    """Features that the library was built with, by name."""
    name: str
    """Name of the library."""
    version: str
    """Version of the library."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unallocated(Record):
    """Place of bytes in the unallocated clusters of a volume."""

    is_compressed: bool = False
    """Whether NTFS compressed the bytes. The offset is then that of the first compression unit."""
    length: int
    """Number of bytes, after decompression."""
    offset: int
    """Offset of the first byte on the volume."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionReport(Record):
    """A version record of LICENSED_PRODUCT_INFO ([MS-RDPELE] 2.2.2.9.1.1)."""

    flags: int
    """ProductLicenseFlags."""
    major: int
    """Major version."""
    minor: int
    """Minor version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumePlace(Record):
    """Place of a file on a volume of a disk image."""

    is_bitlocker: bool = False
    """Whether the volume is encrypted with `BitLocker`. calhive read its decrypted form."""
    is_deleted: bool = False
    """Whether the MFT record is not in use: the file was deleted."""
    mft_record: int | None = None
    """Number of the MFT record of the file. Absent in unallocated clusters."""
    offset: int
    """Offset of the volume on the disk, in bytes."""
    partition: int | None = None
    """Number of the partition, in the order of the partition table, from 1. Absent if no entry of a
    partition table covers the volume.
    """
    shadow_copy: ShadowCopy | None = None
    """Shadow copy that holds the file. Absent for the volume in use."""
    unallocated: Unallocated | None = None
    """Place in unallocated clusters. Absent for a file."""
