"""Records ↔ JSON: nine significant digits, NaN as null, infinities as words, the same bytes for equal records."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from study.errors import EvidenceError, InvalidValue

SCHEMA = 3
"""Version of every recorded file; readers refuse any other."""

SEAL = "sha256"
"""What the digest of a sealed file's content is called; older files have none."""

JSON = None | bool | int | float | str | list["JSON"] | dict[str, "JSON"]
Record = TypeVar("Record")


def rounded(value: float) -> float | None:
    """Round to nine significant digits, which repeat under reading and writing; NaN becomes None."""
    return None if math.isnan(value) else float(f"{value:.9g}") + 0.0  # "+ 0.0": no negative zero.


def line(record: object, where: str = "record") -> str:
    """Write a record on one line, to travel between processes.

    Args:
        record: A frozen dataclass.
        where: What it is, for an error.

    Raises:
        InvalidValue: It holds something that JSON cannot.
    """
    return json.dumps(content(record, where), ensure_ascii=False, allow_nan=False)


def page(record: object, where: str = "record", *, sealed: bool = False) -> str:
    """Write a record as a file that people read.

    Each item takes a line; each of its ``rows`` takes one for every field.

    Args:
        record: A frozen dataclass.
        where: What it is, for an error.
        sealed: Whether it carries the digest of its content, so that a changed one is refused.

    Raises:
        InvalidValue: As for :func:`line`.
    """
    items = content(record, where)
    seal: dict[str, JSON] = {"schema": SCHEMA, SEAL: _digest(items)} if sealed else {}
    pieces = [
        f"  {json.dumps(key)}: {_lines(value, 2 if key == 'rows' else 1, 1)}" for key, value in (seal | items).items()
    ]
    return "{\n" + ",\n".join(pieces) + "\n}\n"


def parse(text: str, kind: type[Record], where: str = "record") -> Record:
    """Read a record that :func:`line` or :func:`page` wrote.

    Args:
        text: JSON.
        kind: The record's type.
        where: What is read, for an error; a file's path.

    Raises:
        EvidenceError: It is no JSON, of another schema version, not of that type, or was changed since it was sealed.
    """
    try:
        read = msgspec.json.decode(text)
        received = read.get("schema") if isinstance(read, dict) else type(read).__name__
        if received != SCHEMA:
            raise EvidenceError(f"{where}: expected schema {SCHEMA}, received {received!r}.")
        seal = read.pop(SEAL, None)
        if seal is not None and seal != (digest := _digest(read)):
            raise EvidenceError(f"{where}: expected content of SHA-256 {seal!r}, as it says, received {digest!r}.")
        found = msgspec.convert(read, kind, strict=False)  # so that "-inf" is a number where one is due
    except (msgspec.MsgspecError, RecursionError, UnicodeEncodeError) as error:
        raise EvidenceError(f"{where}: expected JSON of a {kind.__name__}, received an error: {error}.") from error
    # Only a text may say so, in letters or escaped: to look through every number of a record takes a third of reading.
    if any(sign in text.lower() for sign in ("nan", "\\u")) and _holds_nan(found):
        raise EvidenceError(f"{where}: expected numbers, or null where there is none, received NaN.")
    return found


def _holds_nan(value: object) -> bool:
    """Whether there is a NaN in a record, which no file of ours says."""
    if isinstance(value, float):
        return value != value
    if is_dataclass(value):
        return any(_holds_nan(getattr(value, one.name)) for one in fields(value))
    if isinstance(value, dict):
        return any(map(_holds_nan, value.values()))
    return isinstance(value, tuple | list) and any(map(_holds_nan, value))


def read_any(path: Path, kind: type[Record]) -> Record | None:
    """Read a record as :func:`read` does; None where there is no file."""
    return read(path, kind) if path.exists() else None


def read(path: Path, kind: type[Record]) -> Record:
    """Read a record from a file.

    Raises:
        EvidenceError: It cannot be read; or as for :func:`parse`.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise EvidenceError(f"{path}: expected a JSON file of schema {SCHEMA}, received {error}.") from error
    return parse(text, kind, str(path))


def content(record: object, where: str = "record") -> dict[str, JSON]:
    """Return a record as JSON values, with the version of the schema."""

    def plain(value: object) -> object:
        if hasattr(value, "tolist"):  # NumPy's scalars and arrays
            return value.tolist()
        raise InvalidValue(where, value, "JSON values or arrays")

    found: dict[str, JSON] = msgspec.to_builtins(record, str_keys=True, enc_hook=plain)
    return {"schema": SCHEMA} | {key: _plain(value) for key, value in found.items()}


def _digest(items: dict[str, JSON]) -> str:
    return hashlib.sha256(json.dumps(items, sort_keys=True).encode()).hexdigest()


def _plain(value: JSON) -> JSON:
    """Replace what JSON has no word for: NaN by null, infinities by "-inf" and "inf"; round what is left."""
    if isinstance(value, float):
        return str(value) if math.isinf(value) else rounded(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def _lines(value: JSON, depth: int, indent: int) -> str:
    """JSON that breaks lines down to ``depth`` levels of containers, and keeps what is deeper on one line."""
    if depth == 0 or not value or not isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    if isinstance(value, dict):
        items = [
            f"{json.dumps(key, ensure_ascii=False)}: {_lines(item, depth - 1, indent + 1)}"
            for key, item in value.items()
        ]
    else:
        items = [_lines(item, depth - 1, indent + 1) for item in value]
    pad = "\n" + "  " * (indent + 1)
    left, right = "{}" if isinstance(value, dict) else "[]"
    return f"{left}{pad}" + f",{pad}".join(items) + f"\n{'  ' * indent}{right}"
