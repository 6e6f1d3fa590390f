"""Helpers for those who write claims and measures: throw-away projects, and the contract that every measure keeps."""

from __future__ import annotations

import atexit
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from numpy.typing import NDArray

from study.errors import EvidenceError, InvalidValue
from study.evidence.records import VerdictRow
from study.evidence.store import Store as Results
from study.latent.gaussians import Array, DiagonalGaussians
from study.measures.registry import Computation, Measure, Value, of_images
from study.measures.tools.bracket import Bracket
from study.runtime.options import LOCAL, RECORDED

Needs = Mapping[str, object]
Index = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Planted:
    """A case whose value is known.

    Attributes:
        needs: What the measure needs, by name, as it is given to it; two replicas or more.
        value: The value, one number or ``(replica,)``; of a bracket both ends.
        within: How far the measure may be off.
        arguments: Arguments of the measure.
        sample_order: Whether the order of the samples must not matter. It does where needs are seeds, or are draws that
            belong to posteriors one by one.
    """

    needs: Needs
    value: float | Array
    within: float
    arguments: Mapping[str, Value] = field(default_factory=dict)
    sample_order: bool = True


@dataclass(frozen=True, eq=False)
class Loses:
    """A case that the measure must not let pass.

    Attributes:
        needs: As in :class:`Planted`.
        below: What every replica's upper end lies under; None for no such limit.
        above: What every replica's lower end lies over; None for no such limit.
        arguments: Arguments of the measure.
    """

    needs: Needs
    below: float | None = None
    above: float | None = None
    arguments: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Ran:
    """What came of running a project.

    Attributes:
        status: Exit status of pytest.
        outcomes: Numbers of tests by pytest's words, e.g. ``passed``, ``failed``, ``error``, ``deselected`` and
            ``inconclusive``.
        rows: All rows that ``results`` holds after the run, then those of ``results/local``, each by claim and
            parametrisation; none where they are damaged.
        output: What was printed.
        example: The project.
    """

    status: int
    outcomes: Mapping[str, int]
    rows: tuple[VerdictRow, ...]
    output: str
    example: Example = field(repr=False)

    @property
    def folder(self) -> Path:
        """Folder of the project."""
        return self.example.home

    @property
    def verdicts(self) -> dict[str, str]:
        """Parameter values of each row and its data set, joined by ``-`` → its verdict."""
        return {"-".join([*row.parameters.values(), row.data]): row.verdict for row in self.rows}

    @property
    def errors(self) -> list[str]:
        """Lines in which pytest refused to run, or tells of an error."""
        return [line for line in self.output.splitlines() if line.startswith(("ERROR", "INTERNALERROR"))]


@dataclass(eq=False)
class Example:
    """A throw-away project of claims, run as a user would run it.

    A claim of one's own is tried like this; contexts of few epochs have it train in a moment::

        example = Example({"claims/test_mine.py": "…"})
        ran = example.run("-k", "held")
        assert ran.verdicts == {"held-digits": "SUPPORTED"}

    Attributes:
        files: Path → text, e.g. ``{"claims/test_mine.py": "…"}``. A ``pytest.ini`` and a ``conftest.py`` that loads the
            study's Hypothesis profile are added where they are not given.
        folder: Where it is to be written; None for a temporary folder.
        home: Where it was written; a temporary folder lasts as long as this object and what came of its runs.
    """

    files: Mapping[str, str]
    folder: Path | None = None
    home: Path = field(init=False)

    def __post_init__(self) -> None:
        """Write the project."""
        self.home = self.folder or Path(tempfile.mkdtemp(prefix="study-example-")).resolve()
        if self.folder is None:
            weakref.finalize(self, shutil.rmtree, self.home, ignore_errors=True)
        for name, text in {**PLAIN, **self.files}.items():
            path = self.home / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def replace(self, old: str, new: str) -> Example:
        """Return another project, in a folder of its own, with a text replaced in every file.

        Raises:
            InvalidValue: No file holds the text.
        """
        if not any(old in text for text in self.files.values()):
            raise InvalidValue("old", old, "a text of one of the files")
        return Example({name: text.replace(old, new) for name, text in self.files.items()})

    def run(
        self,
        *arguments: str,
        cache: Path | None = None,
        environment: Mapping[str, str] | None = None,
        apart: bool = False,
    ) -> Ran:
        """Run pytest on the project.

        A run in this process leaves variables, current folder, import path and Hypothesis profile as they were, and
        forgets the modules of the project.

        Args:
            *arguments: What pytest is given, e.g. ``-x`` or ``--study-plan``.
            cache: Folder of trained VAEs; None for one that all examples of this process share.
            environment: Variables that are set meanwhile.
            apart: Run in a process of its own, not in this one.
        """
        options = ["-p", "no:cacheprovider"]
        if not any(argument.startswith("--study-cache") for argument in arguments):
            options.append(f"--study-cache={cache or shared_cache()}")  # with a blank, pytest takes it for tests
        if not any(argument.startswith("--study-workers") for argument in arguments):
            options.append("--study-workers=1")
        told = {name: value for name, value in os.environ.items() if not name.startswith(OF_AN_OUTER_RUN)}
        told |= {"PYTHONDONTWRITEBYTECODE": "1", **(environment or {})}
        if apart:
            command = [sys.executable, "-m", "pytest", *options, *arguments]
            done = subprocess.run(
                command, cwd=self.home, env=told, capture_output=True, text=True, encoding="utf-8", check=False
            )
            status, output = done.returncode, done.stdout + done.stderr
        else:
            status, output = _run_here(self.home, told, [*options, *arguments])
        return Ran(status, _outcomes(output), _rows(self.home), output, self)


PLAIN = {
    "pytest.ini": "[pytest]\naddopts = --import-mode=importlib\n",
    "conftest.py": "from study.design.profile import load_profile\n\nload_profile()\n",
}
"""Files of every project."""
OF_AN_OUTER_RUN = ("PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST", "PYTEST_XDIST")
"""Beginnings of variables by which a run would take the run that it is part of for its own."""


def _run_here(folder: Path, environment: Mapping[str, str], arguments: Sequence[str]) -> tuple[int, str]:
    """Run pytest in this process; return its status, and what was printed."""
    # Whoever runs an example in pytest has asserts of its own; those of the study were imported before.
    quiet = ["--capture=sys", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
    printed = io.StringIO()
    with chdir(folder), redirect_stdout(printed), redirect_stderr(printed), _nothing_left(folder, environment):
        status = pytest.main([*arguments, *quiet])
    return int(status), printed.getvalue()


@contextmanager
def _nothing_left(folder: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """Put back what a run changes in its process: variables, paths, the Hypothesis profile, modules of the project."""
    variables, path, modules, written = dict(os.environ), list(sys.path), set(sys.modules), sys.dont_write_bytecode
    profile = settings.get_current_profile_name()
    try:
        os.environ.clear()
        os.environ.update(environment)
        sys.dont_write_bytecode = True
        with warnings.catch_warnings():
            yield
    finally:
        os.environ.clear()
        os.environ.update(variables)
        sys.path[:], sys.dont_write_bytecode = path, written
        settings.load_profile(profile)
        for name in set(sys.modules) - modules:
            if _lies_in(sys.modules[name], folder):
                del sys.modules[name]


def _lies_in(module: object, folder: Path) -> bool:
    """Whether a module comes from a folder; only what it holds is asked, since some make attributes up."""
    held = getattr(module, "__dict__", {})
    places = [held.get("__file__"), *(held.get("__path__") or ())]
    return any(isinstance(place, str) and Path(place).is_relative_to(folder) for place in places)


@cache
def shared_cache() -> Path:
    """Return the folder of trained VAEs that all examples of this process share; it goes with the process."""
    folder = Path(tempfile.mkdtemp(prefix="study-cache-")).resolve()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _rows(folder: Path) -> tuple[VerdictRow, ...]:
    with suppress(EvidenceError):
        return tuple(row for name in (RECORDED, LOCAL) for row in Results(folder / name).rows())
    return ()


def _outcomes(output: str) -> dict[str, int]:
    """Read the numbers of outcomes from pytest's last line, e.g. ``1 failed, 2 errors in 0.12s``."""
    lines = re.findall(r"^=* ?(\d+ [a-z]+(?:, \d+ [a-z]+)*) in [\d.:]+s\b", output, re.MULTILINE)
    pairs = [pair.split() for pair in lines[-1].split(", ")] if lines else []
    return {word.replace("errors", "error"): int(count) for count, word in pairs if not word.startswith("warning")}


def check_measure(name: str, planted: Planted, loses: Loses) -> None:
    """Hold a measure to the contract of all measures.

    One finite number per replica; a replica is measured alike whatever its place, and alone; the order of samples does
    not matter where it should not; NaN is refused by name; the planted value is found, and the case to lose is lost.

    Args:
        name: Name of a measure, the study's or a third party's.
        planted: A case whose value is known.
        loses: A case that the measure must not let pass.

    Raises:
        AssertionError: Naming the measure and the part of the contract that it breaks.
    """
    measure = Measure.of(name, **planted.arguments)
    found = _value(measure, planted.needs)
    count = len(found.low)
    _hold(count >= 2, f"{measure}: plant two replicas or more, to tell them from the samples")

    off = np.maximum(np.abs(found.low - planted.value), np.abs(found.high - planted.value)).max()
    _hold(off <= planted.within, f"{measure}: planted {planted.value}, found {found.low} to {found.high}, off by {off}")

    for what, index in (("in another order", np.roll(np.arange(count), 1)), ("alone", np.array([count - 1]))):
        among = _value(measure, {need: _replicas(need, value, index, count) for need, value in planted.needs.items()})
        _hold(among.low.shape == index.shape, f"{measure}: expected one number per replica, found {among.low.shape}")
        for one, all_ in ((among.low, found.low), (among.high, found.high)):
            same = np.allclose(one, all_[index], rtol=1e-9, atol=1e-9)
            _hold(same, f"{measure}: a replica {what} has another value: {one}, not {all_[index]}")

    if planted.sample_order:
        moved = _value(measure, {need: _samples(need, value) for need, value in planted.needs.items()})
        same = np.allclose([moved.low, moved.high], [found.low, found.high], rtol=1e-9, atol=1e-9)
        _hold(same, f"{measure}: the order of the samples matters: {moved.low}, not {found.low}")

    for need, value in planted.needs.items():
        _check_nan_refused(measure, planted.needs, need, value, count)

    lost = _value(Measure.of(name, **loses.arguments), loses.needs)
    _hold((loses.below, loses.above) != (None, None), f"{measure}: say what the case to lose is below or above")
    low_enough = loses.below is None or (lost.high < loses.below).all()
    high_enough = loses.above is None or (lost.low > loses.above).all()
    limits = f"below {loses.below}, above {loses.above}"
    _hold(bool(low_enough and high_enough), f"{measure}: expected to lose ({limits}), found {lost.low} to {lost.high}")


def _value(measure: Measure, needs: Needs) -> Bracket:
    def giver(value: object) -> Callable[[], object]:
        return lambda: value

    return Computation({need: giver(value) for need, value in needs.items()}).value(measure)


def _hold(condition: object, message: str) -> None:
    if not condition:
        raise AssertionError(message)


def _check_nan_refused(measure: Measure, needs: Needs, need: str, value: object, count: int) -> None:
    """Plant a NaN in the last replica of a need, if it can hold one, and expect it to be refused by name."""
    holes = 0

    def broken(array: Array) -> Array:
        nonlocal holes
        if array.dtype.kind != "f" or len(array) != count:
            return array
        holes += 1
        copy = array.copy()
        copy[-1:].reshape(-1)[0] = np.nan
        return copy

    def holed(given: object) -> object:  # Gaussians and brackets refuse NaN themselves
        return given if isinstance(given, DiagonalGaussians | Bracket) else _mapped(given, broken)

    if of_images(need):
        return
    planted = (lambda *args: holed(value(*args))) if callable(value) else holed(value)
    try:
        found = _value(measure, {**needs, need: planted})
    except InvalidValue as error:
        named = measure.name in error.argument and f"replica {count - 1}" in str(error)
        _hold(named, f"{measure}: a NaN in {need} is refused, but not by name and replica: {error}")
    else:
        _hold(not holes, f"{measure}: expected a NaN in {need} to be refused, found {found.low}")


def _replicas(need: str, value: object, index: Index, count: int) -> object:
    """Return some replicas of what a measure needs, in the order of ``index``."""

    def chosen(given: object) -> object:
        if isinstance(given, DiagonalGaussians):
            return given.subset_replicas(index)
        if isinstance(given, list):
            return [given[i] for i in index]
        return _mapped(given, lambda array: array[index])

    def all_of(given: object) -> object:
        """Return an argument of one value for each chosen replica as one for every replica."""
        if not isinstance(given, np.ndarray):
            return given
        full = np.zeros((count, *given.shape[1:]), given.dtype)
        full[index] = given
        return full

    if of_images(need):
        return value
    if callable(value):
        return lambda *args: chosen(value(*map(all_of, args)))
    return chosen(value)


def _samples(need: str, value: object) -> object:
    """Return what a measure needs with its samples in reverse order."""
    if isinstance(value, DiagonalGaussians):
        return DiagonalGaussians(value.mean[:, ::-1], value.log_var[:, ::-1])
    return value[:, ::-1] if isinstance(value, np.ndarray) and value.ndim > 1 and not of_images(need) else value


def _mapped(value: object, change: Callable[[Array], Array]) -> object:
    """Apply a change to an array, or to every array of a dataclass."""
    if isinstance(value, np.ndarray):
        return change(value)
    if is_dataclass(value) and not isinstance(value, type):
        arrays = {f.name: getattr(value, f.name) for f in fields(value)}
        return replace(value, **{k: change(v) for k, v in arrays.items() if isinstance(v, np.ndarray)})
    return value
