"""Records ↔ JSON, for every record: nine significant digits, NaN as null, the same bytes for equal records."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TypeVar

import msgspec

from study.errors import EvidenceError, InvalidValue

SCHEMA = 2
"""Version of every recorded file; readers refuse any other."""

JSON = None | bool | int | float | str | list["JSON"] | dict[str, "JSON"]
Record = TypeVar("Record")


def number(value: float, where: str) -> float | None:
    """Round to nine significant digits, which repeat under reading and writing; NaN becomes None.

    Raises:
        InvalidValue: The value, which stands at ``where``, is infinite.
    """
    if math.isinf(value):
        raise InvalidValue(where, value, "a finite number")
    return None if math.isnan(value) else float(f"{value:.9g}") + 0.0  # "+ 0.0": no negative zero.


def line(record: object, where: str = "record") -> str:
    """Write a record on one line, to travel between processes.

    Args:
        record: A frozen dataclass.
        where: What it is, for an error.

    Raises:
        InvalidValue: It holds an infinite number, or something that JSON cannot.
    """
    return json.dumps(_content(record, where), ensure_ascii=False, allow_nan=False)


def page(record: object, where: str = "record") -> str:
    """Write a record as a file that people read.

    Each item takes a line; each of its ``rows`` takes one for every field.

    Raises:
        InvalidValue: As for :func:`line`.
    """
    pieces = [
        f"  {json.dumps(key)}: {_lines(value, 2 if key == 'rows' else 1, 1)}"
        for key, value in _content(record, where).items()
    ]
    return "{\n" + ",\n".join(pieces) + "\n}\n"


def parse(text: str, kind: type[Record], where: str = "record") -> Record:
    """Read a record that :func:`line` or :func:`page` wrote.

    Args:
        text: JSON.
        kind: The record's type.
        where: What is read, for an error; a file's path.

    Raises:
        EvidenceError: It is no JSON, of another schema version, or not of that type.
    """
    try:
        content = msgspec.json.decode(text)
        received = content.get("schema") if isinstance(content, dict) else type(content).__name__
        if received != SCHEMA:
            raise EvidenceError(f"{where}: expected schema {SCHEMA}, received {received!r}.")
        return msgspec.convert(content, kind)
    except msgspec.MsgspecError as error:
        raise EvidenceError(f"{where}: expected JSON of a {kind.__name__}, received an error: {error}.") from error


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


def _content(record: object, where: str) -> dict[str, JSON]:
    def plain(value: object) -> object:
        if hasattr(value, "tolist"):  # NumPy's scalars and arrays
            return value.tolist()
        raise InvalidValue(where, value, "JSON values or arrays")

    content: dict[str, JSON] = msgspec.to_builtins(record, str_keys=True, enc_hook=plain)
    return {"schema": SCHEMA} | {key: _rounded(value, f"{where}.{key}") for key, value in content.items()}


def _rounded(value: JSON, where: str) -> JSON:
    if isinstance(value, float):
        return number(value, where)
    if isinstance(value, dict):
        return {key: _rounded(item, f"{where}.{key}") for key, item in value.items()}
    return [_rounded(item, where) for item in value] if isinstance(value, (list, tuple)) else value


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
