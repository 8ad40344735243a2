"""Extracts a published chain of real DPAPI data from the source distribution of dissect.target.

The chain is a part of the tests of that project: class names of SYSTEM, two values of SECURITY, a master key file and a
blob. Nothing of it is in this repository. The program checks the hashes, reads the values from the syntax tree of the
test without running it, and writes one file for each.
"""

import ast
import hashlib
import pathlib
import sys
import tarfile

SDIST = "1b18a1aa411ad950b57e737e2bf78a3cf269637803017fa86a01ff5ac8316d0d"
ROOT = "dissect.target-3.13/tests"
TEST = f"{ROOT}/test_plugins_os_windows_dpapi.py"
DATA = f"{ROOT}/data/plugins/os/windows/dpapi"
GUID = "d8ef5e00-328a-4919-9ab6-c058f493a6e3"
FILES = {
    "master-key": (f"{DATA}/master_keys/{GUID}", "d4ce87d63e9ca92a41a6119bcdb9dd3cf2b809abfc978b8a257f3112c22c9ef7"),
    "blob": (f"{DATA}/test_data.dpapi", "384eecdbf9627eb51575107b8c0cfeff9f6d7c3567134a6faf66740a146a8c8a"),
}


def checked(data, sha256, name):
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        sys.exit(f"{name}: SHA-256 {found}, expected {sha256}")
    return data


def main(sdist, folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    checked(pathlib.Path(sdist).read_bytes(), SDIST, sdist)
    with tarfile.open(sdist) as archive:
        for name, (path, sha256) in FILES.items():
            data = archive.extractfile(path).read()
            (folder / name).write_bytes(checked(data, sha256, path))
        tree = ast.parse(archive.extractfile(TEST).read())
    # Class names: the text in the same call or statement as the name of the key.
    keys = ("JD", "Skew1", "GBG", "Data")
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            texts = [it.value for it in ast.walk(node.value) if isinstance(it, ast.Constant)]
            texts = [it for it in texts if isinstance(it, str)]
            key = next((it for it in texts if it in keys), None)
            digits = next((it for it in texts if len(it) == 8 and set(it) <= set("0123456789abcdef")), None)
            if key and digits:
                names[key] = digits
        if isinstance(node, ast.Call):
            texts = [it.value for it in ast.walk(node) if isinstance(it, ast.Constant) and isinstance(it.value, str)]
            digits = [it for it in texts if len(it) == 8 and set(it) <= set("0123456789abcdef")]
            named = [it for it in texts if it in keys]
            if len(digits) == 1 and len(named) == 1:
                names[named[0]] = digits[0]
    (folder / "class-names").write_text("".join(names[key] for key in keys))
    values = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, bytes)]
    rings = [it for it in values if len(it) == 172]
    secrets = [it for it in values if len(it) == 124]
    if len(rings) != 1 or len(secrets) != 1:
        sys.exit(f"{TEST}: expected one value of 172 and one of 124 bytes, found {[len(it) for it in values]}")
    (folder / "ring").write_bytes(rings[0])
    (folder / "secret").write_bytes(secrets[0])
    print(f"real chain of {GUID}: 5 parts in {folder}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
