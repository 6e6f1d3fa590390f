"""Digests of code: the static closure of what computes, and nothing that shapes no number."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import study
from study.errors import InvalidValue
from study.lab import digests
from study.lab.artefacts import MEASURING, POSTERIOR, TRAINING
from study.runtime import registry

CACHED = [getattr(digests, name) for name in ("closure", "_imports", "_tree", "_path", "_version")]


@dataclass
class Package:
    """A package named ``study`` of our own: module → source."""

    root: Path

    def write(self, **sources: str) -> None:
        for name, source in sources.items():
            path = self.root.joinpath(*name.split("__")).with_suffix(".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source)
        for function in CACHED:
            function.cache_clear()

    def modules(self, root: str = "study.a") -> set[str]:
        return set(digests.closure(root).modules) - {root}

    def digest(self, source: str) -> str:
        self.write(a=source)
        return digests.digest(["study.a"])


@pytest.fixture
def package(tmp_path, monkeypatch) -> Package:
    monkeypatch.setattr(digests, "HERE", tmp_path)
    made = Package(tmp_path)
    made.write(b="", part__c="", errors="")
    (tmp_path / "part" / "__init__.py").touch()
    yield made
    made.write()


@pytest.mark.parametrize(
    "text",
    [
        "import study.part.c",
        "import study.part.c as c",
        "from study.part import c",
        "from study.part.c import something",
        "from .part import c",
        "from .part.c import something",
        "from . import part",
        "import os, study.part.c",
        "def f():\n    def g():\n        from study.part import c",
        "class A:\n    if True:\n        import study.part.c",
        "try:\n    import study.part.c\nexcept ImportError:\n    pass",
        "if TYPE_CHECKING:\n    pass\nelse:\n    import study.part.c",
        "async def f():\n    with x:\n        from study.part.c import y",
    ],
)
def test_what_is_imported_anywhere_counts(package, text):
    package.write(a=text)
    assert package.modules() == {"study.part" if "import part" in text else "study.part.c"}


@pytest.mark.parametrize(
    "text",
    [
        "if TYPE_CHECKING:\n    import study.part.c",
        "if typing.TYPE_CHECKING:\n    from study.part import c",
        "def f():\n    if TYPE_CHECKING:\n        from study.part.c import y",
        "'import study.part.c'",
        "from study import errors",
        "import study",
    ],
)
def test_what_is_not_run_or_shapes_no_number_does_not_count(package, text):
    package.write(a=text)
    assert package.modules() == set()


def test_a_closure_goes_on_and_ends_where_imports_are_circular(package):
    package.write(a="from study import b", b="def f():\n    from study.part import c", part__c="import study.a, numpy")
    assert package.modules() == {"study.b", "study.part.c"}
    assert package.modules("study.part.c") == {"study.a", "study.b"}
    assert digests.closure("study.a").packages == {"numpy"}


def test_relative_imports_are_of_the_package_they_stand_in(package):
    package.write(part__a="from . import c\nfrom .. import b\nfrom ..b import x")
    assert package.modules("study.part.a") == {"study.part.c", "study.b"}


def test_third_parties_count_by_their_top_level_and_the_standard_library_does_not(package):
    package.write(
        a="import os.path, scipy.stats\nfrom sklearn.svm import SVC\nfrom studying import x\nimport numpy as np"
    )
    assert digests.closure("study.a").packages == {"scipy", "sklearn", "numpy", "studying"}


SOURCE = (
    '"""Doc."""\n\nA = 1\n"""Of A."""\n\n\ndef f(x):\n    """Double."""\n    return 2 * x\n\n\n'
    'class B:\n    """Doc."""\n'
)


@pytest.mark.parametrize(
    "change",
    [
        ("Doc.", "Another."),
        ("Double.", "Two times."),
        ("Of A.", "Else."),
        ('"""Of A."""\n', ""),
        ("2 * x", "(2\n        * x)  # twice"),
        ("A = 1", "A = 1  # one"),
        ("\n\n\n", "\n"),
    ],
)
def test_words_and_layout_do_not_count(package, change):
    assert change[0] in SOURCE
    assert package.digest(SOURCE.replace(*change)) == package.digest(SOURCE)


@pytest.mark.parametrize(
    "change", [("A = 1", "A = 2"), ("2 * x", "x * 2"), ("f(x)", "f(x, y=1)"), ("A = 1", "A = '1'"), ("return ", "")]
)
def test_code_counts(package, change):
    assert change[0] in SOURCE
    assert package.digest(SOURCE.replace(*change)) != package.digest(SOURCE)


def test_code_of_what_is_imported_counts_and_that_of_what_is_not_does_not(package):
    package.write(b="X = 1", part__c="X = 1")
    first = package.digest("from study import b")
    package.write(part__c="X = 2", d="X = 1")
    assert digests.digest(["study.a"]) == first
    package.write(b="X = 2")
    assert digests.digest(["study.a"]) != first


def test_excluded_modules_shape_no_number(package):
    first = package.digest("import study.errors, study.runtime.files, study.vae.config")
    package.write(errors="X = 1", runtime__files="X = 1", vae__config="X = 1")
    assert digests.digest(["study.a"]) == first


def test_versions_of_third_parties_count(package, monkeypatch):
    first = package.digest("import numpy")
    assert first != package.digest("import scipy")
    monkeypatch.setattr(digests, "version", lambda name: "0.0" if name == "numpy" else None)
    assert first != package.digest("import numpy")


@pytest.mark.parametrize(("name", "distribution"), [("sklearn", "scikit-learn"), ("_pytest", "pytest"), ("numpy",) * 2])
def test_a_version_is_found_under_whatever_name_a_distribution_has(name, distribution):
    assert metadata.version(distribution) in digests._version(name)


def test_what_is_not_installed_has_no_version():
    assert digests._version("no_such_package") == "none"


def test_a_root_without_a_file_is_refused():
    for name in ("study.no_such_module", "no_such_module", "sys"):
        with pytest.raises(InvalidValue, match=f"^module: expected a module with a source file, received '{name}'"):
            digests.digest([name])


@given(st.permutations([*TRAINING, *POSTERIOR, *MEASURING]))
def test_the_order_of_roots_does_not_count(roots):
    assert digests.digest(roots) == digests.digest([*TRAINING, *POSTERIOR, *MEASURING])


def test_a_third_party_counts_by_its_own_code_and_its_distribution(tmp_path, monkeypatch):
    (tmp_path / "theirs.py").write_text("import numpy\nfrom study import seeds\nX = 1")
    monkeypatch.syspath_prepend(tmp_path)
    found: dict[str, tuple[str, str] | None] = {"dist": ("theirs", "1")}
    monkeypatch.setattr(registry, "module_of", lambda package, name: "theirs")
    monkeypatch.setattr(registry, "distribution_of", lambda package, name: found["dist"])

    def digest() -> str:
        for function in CACHED:
            function.cache_clear()
        return digests.digest_named([("study.measures", "mine")])

    assert "study.seeds" in digests.closure("theirs").modules
    first = digest()
    assert digest() == first
    found["dist"] = ("theirs", "2")
    second = digest()
    (tmp_path / "theirs.py").write_text("import numpy\nfrom study import seeds\nX = 2")
    assert len({first, second, digest()}) == 3


@pytest.fixture(scope="module")
def computed_apart() -> Callable[[], tuple[str, list[str]]]:
    """The digest of all that trains and measures, computed in another process, and what that one had imported."""
    code = (
        "import sys\n"
        "from study.lab.digests import digest_named\n"
        "known = set(sys.modules)\n"
        "roots = [('study.vae.backends', b) for b in ('jax', 'tensorflow', 'torch')]\n"
        "roots.append(('study.measures', 'coverage'))\n"
        "print(digest_named(roots, ['study.vae.training.loop', 'study.lab.subjects.trained', 'study.lab.measuring']))\n"
        "print(*sorted(set(sys.modules) - known))\n"
        "print(*sorted(sys.modules))\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    digest, new, every = run.stdout.splitlines()
    return digest, new.split(), every.split()


def test_nothing_of_the_study_is_imported_while_digesting(computed_apart):
    _, new, every = computed_apart
    assert not {name.partition(".")[0] for name in every} & {"keras", "jax", "tensorflow", "torch", "sklearn"}
    # The packages of the doors are, to find what lies behind them; they hold a docstring only.
    assert {name for name in new if name.startswith("study")} <= {"study.vae", "study.vae.backends", "study.measures"}


def test_a_digest_is_the_same_in_another_process(computed_apart):
    roots = [("study.vae.backends", b) for b in ("jax", "tensorflow", "torch")] + [("study.measures", "coverage")]
    assert computed_apart[0] == digests.digest_named(roots, [*TRAINING[:1], *POSTERIOR, *MEASURING])


PACKAGES = sorted(Path(study.__file__).parent.rglob("__init__.py"))


@pytest.mark.parametrize("path", PACKAGES[1:], ids=lambda path: path.parent.name)
def test_packages_hold_a_docstring_only(path):
    """They run whatever is imported from them, and stand in no closure."""
    assert len(PACKAGES) > 20
    (only,) = ast.parse(path.read_text(encoding="utf-8")).body
    assert digests._is_string(only)
