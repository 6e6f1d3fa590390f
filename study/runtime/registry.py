"""What is looked up by name: one file each, here or in an installed distribution; the only import by string.

A *door* is a package of the study, e.g. ``study.measures``; a name in it is a module of that package, or an entry point
of the group of that name which a third party's distribution declares.
"""

from __future__ import annotations

import difflib
import pkgutil
from functools import cache
from importlib import import_module, metadata
from importlib.util import find_spec
from types import ModuleType

from study.errors import InvalidValue


def names(package: str) -> tuple[str, ...]:
    """Return every name behind a door, sorted; nothing behind it is imported.

    Args:
        package: The door, e.g. ``study.measures``.
    """
    return tuple(sorted({*_own(package), *_foreign(package)}))


def load(package: str, name: str) -> ModuleType:
    """Import the module of a name.

    Args:
        package: The door, e.g. ``study.measures``.
        name: A module of that package, or an entry point of that group.

    Raises:
        InvalidValue: There is no such name; the closest ones are named.
    """
    return import_module(module_of(package, name))


def module_of(package: str, name: str) -> str:
    """Return the dotted name of the module behind a name, without importing it.

    Raises:
        InvalidValue: There is no such name; the closest ones are named.
    """
    close: list[str] = []
    if isinstance(name, str):
        if name in _own(package):
            return f"{package}.{name}"
        if (foreign := _foreign(package).get(name)) is not None:
            return foreign.module
        close = difflib.get_close_matches(name, names(package), n=3, cutoff=0.5)
    raise InvalidValue(package.rpartition(".")[2], name, "one of " + ", ".join(map(repr, close or names(package))))


def distribution_of(package: str, name: str) -> tuple[str, str] | None:
    """Return name and version of the distribution that a third party's name comes from; None for the study's own."""
    if name in _own(package):
        return None
    entry = _foreign(package).get(name)
    return None if entry is None or entry.dist is None else (entry.dist.name, entry.dist.version)


@cache
def _own(package: str) -> frozenset[str]:
    """Modules of a package that are names: no packages, no ``registry``, and nothing that begins with an underscore."""
    spec = find_spec(package)
    folders = list(spec.submodule_search_locations or ()) if spec else []
    return frozenset(
        m.name for m in pkgutil.iter_modules(folders) if not (m.ispkg or m.name.startswith("_") or m.name == "registry")
    )


def _foreign(package: str) -> dict[str, metadata.EntryPoint]:
    return {entry.name: entry for entry in metadata.entry_points(group=package)}
