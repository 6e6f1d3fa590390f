"""The forms that the fields of a claim must have; what has another is refused when the claim is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from study.errors import InvalidValue


def check_texts(**fields: object) -> None:
    """Refuse what is no string."""
    for name, value in fields.items():
        if not isinstance(value, str):
            raise InvalidValue(name, value, "a string")


def check_list(name: str, value: object, *kinds: type) -> None:
    """Refuse what is no list, and in one what is of none of the kinds; a string is no list of its letters."""
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        raise InvalidValue(name, value, "a list, or a tuple")
    for one in value if kinds else ():
        if not isinstance(one, kinds):
            raise InvalidValue(name, one, "one of " + " or ".join(kind.__name__ for kind in kinds))


def check_table(name: str, value: object) -> Mapping[str, object]:
    """Return a mapping by strings, and refuse anything else."""
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise InvalidValue(name, value, "a mapping by strings")
    return value


def check_rows(name: str, value: object) -> None:
    """Refuse what does not list the values of each parameter, which are strings or numbers."""
    for key, values in check_table(name, value).items():
        check_list(f"{name}[{key!r}]", values, str, int, float)
