"""Digests of code: what computes an artefact is the static closure of its imports, read from the syntax trees.

Comments, docstrings and layout do not count, nor does what only a type checker imports. What is looked up by name is a
root of its own, which the caller adds: see :mod:`study.runtime.registry`.
"""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from study.errors import InvalidValue
from study.runtime import registry
from study.runtime.backends import backend_version, version

EXCLUDED = frozenset(
    {"study", "study.errors", "study.types", "study.vae.config", "study.runtime.files", "study.runtime.registry"}
)
"""Modules that shape no number by their code: a config enters keys by its values, the others only refuse and find."""
HERE = Path(__file__).parents[1]
DISTRIBUTIONS = {"sklearn": "scikit-learn"}
"""Distributions whose top-level package has another name; those of others are looked up, which takes longer."""


@dataclass(frozen=True)
class Closure:
    """What a module imports, directly or not.

    Attributes:
        modules: Dotted names of the study's modules, itself among them.
        packages: Top-level names of the third-party packages that they import.
    """

    modules: frozenset[str]
    packages: frozenset[str]


def digest(roots: Iterable[str]) -> str:
    """Return the digest of everything that some modules run: SHA-256 in hexadecimal.

    Args:
        roots: Dotted names of modules, of the study or of a third party. A third party's counts by its own code and by
            the versions of what it imports.
    """
    closures = [closure(root) for root in roots]
    modules = sorted({name for one in closures for name in one.modules})
    packages = sorted({name for one in closures for name in one.packages})
    text = [f"{name}\0{_tree(name)}" for name in modules]
    text += [f"{name}\0{_version(name)}" for name in packages]
    return hashlib.sha256("\0".join(text).encode()).hexdigest()


@cache
def closure(root: str) -> Closure:
    """Return the static closure of a module: every ``import`` and ``from`` at any depth, inside functions too."""
    modules, packages, waiting = {root}, set[str](), [root]
    while waiting:
        for name in _imports(waiting.pop()):
            if not _own(name):
                packages.add(name.partition(".")[0])
            elif name not in modules and name not in EXCLUDED:
                modules.add(name)
                waiting.append(name)
    return Closure(frozenset(modules), frozenset(packages - set(sys.stdlib_module_names)))


@cache
def _imports(module: str) -> tuple[str, ...]:
    """Names of the modules that one imports; of third parties only the top level matters."""
    found: list[str] = []
    for node in _statements(_source(module)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        else:
            base = _base(module, node)
            inside = [f"{base}.{alias.name}" for alias in node.names]
            found += [name if _own(base) and _path(name) else base for name in inside]
    return tuple(name for name in found if not _own(name) or _path(name))


@cache
def _statements(source: bytes) -> tuple[ast.Import | ast.ImportFrom, ...]:
    """Find the import statements of a text; like :func:`_dumped`, by what it says, whichever file holds it."""
    return tuple(node for node in _runtime_nodes(ast.parse(source)) if isinstance(node, (ast.Import, ast.ImportFrom)))


def _own(module: str) -> bool:
    return module.partition(".")[0] == "study"


def _base(module: str, node: ast.ImportFrom) -> str:
    """Return what a ``from`` statement names, relative ones too."""
    if not node.level:
        return node.module or ""
    package = module.rsplit(".", node.level)[0]
    return f"{package}.{node.module}" if node.module else package


def _runtime_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Walk a tree, leaving out what stands under ``if TYPE_CHECKING``."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test).rpartition(".")[2] == "TYPE_CHECKING":
            for other in node.orelse:
                yield other
                yield from _runtime_nodes(other)
        else:
            yield node
            yield from _runtime_nodes(node)


@cache
def _tree(module: str) -> str:
    """Return a module's syntax tree as text."""
    return _dumped(_source(module))


@cache
def _dumped(source: bytes) -> str:
    """Return the syntax tree of a text, without strings that are statements."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [one for one in body if not _is_string(one)]  # type: ignore[attr-defined]
    return ast.dump(tree)


def _is_string(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


@cache
def _path(module: str) -> Path | None:
    """Return the file of a module, or None where there is none of that name; nothing of the study is imported."""
    top, *rest = module.split(".")
    if top == "study":
        place = HERE.joinpath(*rest)
        files = (place.with_suffix(".py"), place / "__init__.py")
        return next((file for file in files if file.is_file()), None)
    spec = find_spec(module)
    return Path(spec.origin) if spec and spec.origin and spec.has_location else None


def _source(module: str) -> bytes:
    path = _path(module)
    if path is None:
        raise InvalidValue("module", module, "a module with a source file")
    return path.read_bytes()


@cache
def _version(package: str) -> str:
    """Return the version of the distribution of a package; ``none`` where it is not installed."""
    if found := version(DISTRIBUTIONS.get(package, package)) or backend_version(package):
        return found
    others = metadata.packages_distributions().get(package, ())  # some have another name than their package
    return ", ".join(f"{name} {version(name)}" for name in sorted(set(others))) or "none"


def digest_named(roots: Iterable[tuple[str, str]], modules: Iterable[str] = ()) -> str:
    """Return the digest of what is looked up by name, and of further modules.

    Args:
        roots: ``(package, name)``, e.g. ``("study.measures", "rate")``.
        modules: Dotted names of modules that are imported, not looked up.
    """
    pairs = sorted(set(roots))
    text = [digest(sorted({*modules, *(registry.module_of(*pair) for pair in pairs)}))]
    text += [f"{package}.{name}\0{registry.distribution_of(package, name)}" for package, name in pairs]
    return hashlib.sha256("\0".join(text).encode()).hexdigest()
