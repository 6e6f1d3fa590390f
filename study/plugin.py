"""The pytest plugin: options and words. It translates, and decides nothing.

At load it needs the standard library and pytest only; in a run without claims nothing else of the study is imported.
"""

from __future__ import annotations

import argparse
import os
import shlex
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from study.evidence.records import VerdictRow
    from study.session import Body, Session

PROPERTY, CLAIM, SEARCH = "study", "study-claim", "study_search"
UNJUDGED = 6
"""Exit status of a run in which a claim could not be judged; 1 is a verdict against its prediction."""


def _replicas(text: str) -> int:
    """Read a number of replicas; argparse turns the error into a usage message."""
    if not text.isdigit() or int(text) < 2:
        raise argparse.ArgumentTypeError(f"expected an integer ≥ 2, received {text!r}.")
    return int(text)


OPTIONS: dict[str, dict[str, Any]] = {
    "scale": {"choices": ("quick", "standard", "full"), "default": "quick", "help": "data and looks (default: quick)"},
    "results": {"metavar": "DIR", "default": "results", "help": "folder of the evidence (default: results)"},
    "cache": {"metavar": "DIR", "default": ".study-cache", "help": "folder of trained VAEs (default: .study-cache)"},
    "workers": {
        "metavar": "N|dask://HOST:PORT|FILE",
        "help": "worker processes (default: one a core; 1: this process alone), or a Dask scheduler's address or file",
    },
    "strict": {"action": "store_true", "help": "an INCONCLUSIVE verdict is a failure"},
    "replicas": {"type": _replicas, "metavar": "N", "help": "one look at N replicas (default: the looks of the scale)"},
    "precision": {
        "choices": ("float32", "tf32"),
        "default": "float32",
        "help": "matrix products on a GPU (default: float32); tf32 needs another results folder",
    },
    "seed-root": {"metavar": "NAME", "help": "replicate on fresh seeds; needs another results folder"},
    "plan": {
        "action": "store_true",
        "help": "list what would be trained, and stop",
    },
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the study's options, under one heading."""
    group = parser.getgroup("study", "claims about variational autoencoders")
    for name, settings in OPTIONS.items():
        group.addoption(f"--study-{name}", **settings)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker of searches, and what waits for claims."""
    config.addinivalue_line(
        "markers", f"{SEARCH}: a claim's search for a counterexample, which raises"
    )
    config.pluginmanager.register(Claims(config), "study-claims")


class Claims:
    """Translates between pytest and the session, which is made when the first claim is seen."""

    def __init__(self, config: pytest.Config) -> None:
        """Read nothing yet."""
        self.config = config
        self.session: Session | None = None
        self.bodies: dict[str, Body] = {}
        self.rows: list[VerdictRow] = []
        self.unjudged = False

    def option(self, name: str) -> Any:
        """Return the value of an option."""
        return self.config.getoption(f"--study-{name}")

    def made(self) -> Session:
        """Return the session, made when it is first asked for."""
        if self.session is None:
            from study.lab.cluster import checked
            from study.seeds import ROOT
            from study.session import Options, Session

            here = Path(self.config.invocation_params.dir)
            self.session = Session.of(
                Options(
                    scale=self.option("scale"),
                    results=here / self.option("results"),
                    cache=here / self.option("cache"),
                    workers=None if (asked := self.option("workers")) is None else checked(asked),
                    replicas=self.option("replicas"),
                    seed_root=self.option("seed-root") or ROOT,
                    precision=self.option("precision"),
                    siblings=int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")),
                )
            )
        return self.session

    # Before anything is trained.

    @pytest.hookimpl
    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Give a claim's body its lab, one for every data set of the scale."""
        if "lab" in metafunc.fixturenames and claim_of(metafunc.module) is not None:
            from study.lab.lab import labs

            known = labs(self.option("scale"))
            metafunc.parametrize("lab", list(known.values()), ids=list(known))

    @pytest.hookimpl
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Run the bodies of the claims selected, and refuse what cannot work, in one line."""
        items = [item for item in session.items if _is_claim(item) and not _skipped(item)]
        if not items:
            return
        from study.errors import StudyError

        try:
            bodies = {item.nodeid: _body(item) for item in items}
            self.made().collect(list(bodies.values()))
            if self.config.option.collectonly:
                return
            self.made().check(sorted({body.lab.data for body in bodies.values()}))
        except StudyError as error:
            if hasattr(self.config, "workerinput"):
                self.config.workeroutput[PROPERTY] = str(error)  # type: ignore[attr-defined]
            raise pytest.UsageError(str(error)) from None
        self.bodies = bodies
        if self.option("plan"):
            self._plan()
            session.items.clear()
        elif not hasattr(self.config, "workerinput"):
            self._begin()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Say a worker's refusal here, where it can be seen."""
        if refusal := getattr(node, "workeroutput", {}).get(PROPERTY):
            raise pytest.UsageError(refusal)

    def _begin(self) -> None:
        from study.report.terminal import progress

        reporter = self.config.pluginmanager.getplugin("terminalreporter")
        file = getattr(getattr(reporter, "_tw", None), "_file", None)
        self.made().engine.progress = progress(file) if self.config.option.verbose >= 0 else None
        self.made().submit(list(self.bodies.values()))

    def _plan(self) -> None:
        from study.report.terminal import table

        reporter = self.config.pluginmanager.getplugin("terminalreporter")
        plan = self.made().plan(list(self.bodies.values()))
        if reporter is not None:
            reporter.section(f"plan: scale {self.option('scale')}, backend {self.made().setting.backend}")
            if plan.blocks:
                reporter.write(table(*plan.table(), max(reporter._tw.fullwidth, 132), color=reporter._tw.hasmarkup))
            reporter.write("\n".join(["", *plan.notes(), ""]))

    # Test by test.

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Mark the reports of claims, so that one that ends without a verdict is known."""
        if item.nodeid in self.bodies:
            item.user_properties.append((CLAIM, ""))

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        """Judge a claim's test, in place of running its body again."""
        body = self.bodies.get(pyfuncitem.nodeid)
        if body is None:
            return None
        from study.evidence.serialise import line

        judged = self.made().judge(body)
        pyfuncitem.user_properties.append((PROPERTY, line(judged)))
        row = judged.row
        contradicted = row.predicted and row.verdict not in (row.predicted, "INCONCLUSIVE")
        if contradicted or (row.verdict == "INCONCLUSIVE" and self.option("strict")):
            from study.report.terminal import explained

            pytest.fail(explained(row, self._repeat(row, pyfuncitem.nodeid)), pytrace=False)
        return True

    def _repeat(self, row: VerdictRow, nodeid: str) -> str:
        given = {name: self.option(name) for name in OPTIONS if name not in ("strict", "plan", "cache", "workers")}
        options = [
            f"--study-{name} {shlex.quote(str(value))}"
            for name, value in given.items()
            if value is not None and (name == "scale" or value != OPTIONS[name].get("default"))
        ]
        return f"KERAS_BACKEND={row.backend} pytest {' '.join(options)} {shlex.quote(nodeid)}"

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Record a judged claim as soon as its report arrives, from another process too."""
        text = property_of(report)
        if report.when == "call" and text is not None and not hasattr(self.config, "workerinput"):
            from study.evidence.serialise import parse
            from study.session import Judged

            judged = parse(text, Judged)
            self.made().record(judged)
            self.rows.append(judged.row)
        self.unjudged |= report.failed and text is None and property_of(report, CLAIM) is not None

    # What was judged.

    @pytest.hookimpl
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Write the manifest, end the workers, and say by the status whether a claim could not be judged."""
        if self.unjudged and exitstatus == pytest.ExitCode.TESTS_FAILED:
            session.exitstatus = UNJUDGED
        if self.option("plan") and self.bodies:
            session.exitstatus = pytest.ExitCode.OK
        if self.session is not None:
            self.session.close()
            if not hasattr(self.config, "workerinput"):
                from hypothesis import settings

                self.session.finish(settings.get_current_profile_name())

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: Any) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
        """Say the verdict: a word with -v, a letter without."""
        text = property_of(report) if report.when == "call" else None
        if text is None:
            return None
        from study.evidence.serialise import parse
        from study.report.words import status
        from study.session import Judged

        return status(parse(text, Judged).row.verdict, failed=report.failed)

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print the table of everything judged, and what a user should know of the run."""
        if self.session is None:
            return
        for note in self.session.engine.notes.values():
            terminalreporter.write_line(f"study: {note}", yellow=True)
        if self.rows:
            from study.report.terminal import verdicts

            width = max(terminalreporter._tw.fullwidth, 132)
            terminalreporter.section(f"claims: scale {self.option('scale')}, backend {self.rows[0].backend}")
            color = terminalreporter._tw.hasmarkup
            terminalreporter.write(verdicts(self.rows, self.session.judged, width, color=color))
            results = self.session.options.results
            terminalreporter.write_line(f"recorded in {results}; `study report` rebuilds its README and figures")

    @pytest.hookimpl
    def pytest_keyboard_interrupt(self) -> None:
        """Say what is kept, and that the next run goes on."""
        reporter = self.config.pluginmanager.getplugin("terminalreporter")
        if self.session is not None and reporter is not None:
            kept = 8 * len(self.session.engine.trained)
            reporter.write_line(f"\nstudy: {kept} VAEs of this run are kept; the same command goes on")


def claim_of(module: object) -> Any:
    """Return the CLAIM of a module, or None; nothing is imported to find out."""
    claim = getattr(module, "CLAIM", None)
    return claim if type(claim).__module__ == "study.design.claim" else None


def property_of(report: Any, name: str = PROPERTY) -> str | None:
    """Return what was attached to a test's report, also in another process, or None."""
    found = [value for key, value in getattr(report, "user_properties", ()) if key == name]
    return str(found[-1]) if found else None


def _is_claim(item: pytest.Item) -> bool:
    return isinstance(item, pytest.Function) and "lab" in item.fixturenames and claim_of(item.module) is not None


def _skipped(item: pytest.Item) -> bool:
    from _pytest.skipping import evaluate_skip_marks

    return evaluate_skip_marks(item) is not None


def _body(item: Any) -> Body:
    """Translate a test into a body; what it asks for beside the lab, its parameters and `@given` is refused."""
    from study.errors import InvalidValue
    from study.session import EVERY, Body

    given = {name: value for name, value in item.callspec.params.items() if name != "lab"}
    if other := [name for name in item._fixtureinfo.argnames if name != "lab" and name not in given]:
        raise InvalidValue(item.nodeid, f"the fixture {other[0]!r}", "the lab, its parameters and what @given draws")
    search = item.get_closest_marker(SEARCH) is not None
    parameters = EVERY if search else {name: str(value) for name, value in given.items()}
    lab = item.callspec.params["lab"]
    return Body(item.nodeid, partial(item.obj, lab=lab, **given), claim_of(item.module), parameters, lab, search)
