"""Reads a hive with libregf: one JSON record a line; oracles.py describes the records.

The Python binding of libregf shows neither security descriptors nor the UTF-16 of a name. Its extension
module exports the whole C library, so this program calls the C interface. The C interface returns
stored names, class names, descriptors and raw data.
"""

import ctypes
import hashlib
import json
import sys

import pyregf

C = ctypes.CDLL(pyregf.__file__)


class RegfError(Exception):
    pass


def call(function, *arguments):
    """Calls `libregf_<function>`; 1 is success, 0 is absent, -1 carries an error."""
    error = ctypes.c_void_p()
    result = getattr(C, "libregf_" + function)(*arguments, ctypes.byref(error))
    if result == -1:
        text = ctypes.create_string_buffer(4096)
        C.libregf_error_sprint(error, text, ctypes.c_size_t(len(text)))
        C.libregf_error_free(ctypes.byref(error))
        lines = text.value.decode("utf-8", "replace").splitlines()
        raise RegfError(next((line for line in lines if line), function))
    return result


def number(function, handle, kind):
    value = kind()
    return value.value if call(function, handle, ctypes.byref(value)) == 1 else None


def sized(function, handle, unit=1):
    """Returns the bytes of a property with a `_size` call, `unit` bytes each, or None if it is absent."""
    size = number(function + "_size", handle, ctypes.c_size_t)
    if size is None:
        return None
    if size == 0:
        return b""
    buffer = (ctypes.c_ubyte * (size * unit))()
    if call(function, handle, buffer, ctypes.c_size_t(size)) != 1:
        return None
    return bytes(buffer)


def utf16(function, handle):
    """Returns UTF-16LE without the terminator that libregf adds."""
    text = sized(function, handle, 2)
    return text[:-2] if text else text


def name(owner, handle):
    """UTF-16LE of a name, from its stored bytes.

    libregf takes one-byte names for Windows-1252 (they are Latin-1) and does not tell which names
    have one byte a character: those do not begin with the UTF-16 text that it makes of them.
    """
    stored = sized(owner + "_get_name", handle) or b""
    try:
        text = utf16(owner + "_get_utf16_name", handle) or b""
    except RegfError:  # only UTF-16 can be ill-formed
        return stored
    if text and stored.startswith(text):
        return stored
    return stored.decode("latin-1").encode("utf-16-le")


def emit(record):
    print(json.dumps(record))


def key_record(key, depth):
    security = sized("key_get_security_descriptor", key)
    return {
        "key": depth,
        "name": name("key", key).hex(),
        "time": number("key_get_last_written_time", key, ctypes.c_uint64),
        "offset": number("key_get_offset", key, ctypes.c_int64),
        "class": (utf16("key_get_utf16_class_name", key) or b"").hex(),
        "security": security.hex() if security else None,
    }


def value_record(value):
    data = sized("value_get_value_data", value) or b""
    return {
        "value": name("value", value).hex(),
        "type": number("value_get_value_type", value, ctypes.c_uint32),
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def handle(function, parent, index):
    pointer = ctypes.c_void_p()
    call(function, parent, ctypes.c_int(index), ctypes.byref(pointer))
    return pointer


def walk(root):
    stack = [(root, 0)]
    while stack:
        key, depth = stack.pop()
        emit(key_record(key, depth))
        for index in range(number("key_get_number_of_values", key, ctypes.c_int)):
            try:
                value = handle("key_get_value_by_index", key, index)
                emit(value_record(value))
                call("value_free", ctypes.byref(value))
            except RegfError as error:
                emit({"error": f"value {index}: {error}"})
        children = []
        for index in range(number("key_get_number_of_sub_keys", key, ctypes.c_int)):
            try:
                children.append((handle("key_get_sub_key_by_index", key, index), depth + 1))
            except RegfError as error:
                emit({"error": f"subkey {index}: {error}"})
        stack.extend(reversed(children))
        call("key_free", ctypes.byref(key))


def main(path):
    file, root = ctypes.c_void_p(), ctypes.c_void_p()
    try:
        call("file_initialize", ctypes.byref(file))
        call("file_open", file, path.encode(), ctypes.c_int(1))
        if call("file_get_root_key", file, ctypes.byref(root)) == 1:
            walk(root)
        else:
            emit({"error": "no root key"})
    except RegfError as error:
        emit({"error": str(error)})


if __name__ == "__main__":
    main(sys.argv[1])
