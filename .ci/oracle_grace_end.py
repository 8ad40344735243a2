"""Opens the forged machines of `hive-forge grace-end` with impacket, and compares the end with the one in end.txt.

impacket reads the hives, the secrets, the master key file and the blob with its own code. The program prints one line
for each machine, and ends with 1 if a machine differs.
"""

import pathlib
import struct
import sys

from impacket.dpapi import DPAPI_BLOB, MasterKey, MasterKeyFile
from impacket.examples.secretsdump import LocalOperations, LSASecrets
from impacket.uuid import bin_to_string
from impacket.winregistry import get_registry_parser

NAME = "L$RTMTIMEBOMB_1320153D-8DA3-4e8e-B27B-0D888223A588"
VALUE = rf"\ControlSet001\Control\Terminal Server\RCM\GracePeriod\{NAME}"


def secrets(windows):
    """Returns the secrets of SECURITY, as the lines that impacket prints."""
    config = windows / "System32/config"
    boot_key = LocalOperations(str(config / "SYSTEM")).getBootKey()
    lines = []
    lsa = LSASecrets(
        str(config / "SECURITY"),
        boot_key,
        perSecretCallback=lambda kind, secret: lines.extend(secret.splitlines()),
    )
    lsa.dumpSecrets()
    lsa.finish()
    return dict(line.split(":", 1) for line in lines if ":" in line)


def master_key(windows, guid, found):
    """Returns the master key of this GUID, and the half that opened its file."""
    raw = (windows / "System32/Microsoft/Protect/S-1-5-18" / guid.lower()).read_bytes()
    header = MasterKeyFile(raw)
    rest = raw[len(header) :]
    block = MasterKey(rest[: header["MasterKeyLen"]])
    for name in ("dpapi_machinekey", "dpapi_userkey"):
        key = block.decrypt(bytes.fromhex(found[name].removeprefix("0x")))
        if key:
            return key, name
    raise ValueError("no half opens the master key file")


def end(machine):
    windows = machine / "Windows"
    found = secrets(windows)
    registry = get_registry_parser(str(windows / "System32/config/SYSTEM"))
    value = registry.getValue(VALUE)
    if value is None:
        plain = bytes.fromhex(found[NAME])
        how = "secret"
    else:
        blob = DPAPI_BLOB(value[1])
        key, how = master_key(windows, bin_to_string(blob["GuidMasterKey"]), found)
        plain = blob.decrypt(key)
    (time,) = struct.unpack("<Q", plain)
    return time, how


def main(folder):
    machines = sorted(path.parent for path in pathlib.Path(folder).glob("*/end.txt"))
    differing = 0
    for machine in machines:
        expected = int((machine / "end.txt").read_text())
        time, how = end(machine)
        agrees = time == expected
        differing += not agrees
        print(f"{machine.name}: {time} ({how}) {'agrees' if agrees else f'differs from {expected}'}")
    print(f"{len(machines)} machines, {differing} differ")
    return 1 if differing or not machines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
