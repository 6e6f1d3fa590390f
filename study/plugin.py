"""The pytest plugin: options, fixtures and terminal words. It translates, and decides nothing.

At load it needs the standard library and pytest only; everything else is imported when a claim runs.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
import time
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from typing import Any

import pytest

PROPERTY = "study"
CLAIM = "study-claim"
UNJUDGED = 6
"""Exit status of a run in which a claim could not be judged; 1 is a verdict against its prediction."""
SCALES = ("quick", "standard", "full")
PRECISIONS = ("float32", "tf32")
VARIABLES = {"--study-seed-root": "STUDY_SEED_ROOT", "--study-precision": "STUDY_PRECISION"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the study's options, under one heading."""
    group = parser.getgroup("study", "claims about variational autoencoders")
    group.addoption(
        "--study-scale", choices=SCALES, default="quick", help="data and looks: quick (default), standard or full"
    )
    group.addoption(
        "--study-results",
        metavar="DIR",
        help="folder that evidence is recorded in, from the root directory (default: results)",
    )
    group.addoption(
        "--study-cache", metavar="DIR", help="folder that trained VAEs are kept in, likewise (default: .study-cache)"
    )
    group.addoption("--study-strict", action="store_true", help="an INCONCLUSIVE verdict is a failure")
    group.addoption(
        "--study-replicas",
        type=_replicas,
        metavar="N",
        help="replicas of each VAE: one look at N (default: the looks of the scale, 8 at first)",
    )
    group.addoption(
        "--study-precision",
        choices=PRECISIONS,
        help="matrix products on a GPU: float32 (default) or tf32; needs another results folder, too",
    )
    group.addoption(
        "--study-seed-root",
        metavar="NAME",
        help="replicate on the fresh seeds of another root; needs another results folder",
    )
    group.addoption(
        "--study-plan",
        action="store_true",
        help="list what the next look would train, and train nothing; `study train` trains it",
    )


def _replicas(text: str) -> int:
    """Read a number of replicas; argparse turns the error into a usage message."""
    if not text.isdigit() or int(text) < 2:
        from argparse import ArgumentTypeError

        raise ArgumentTypeError(f"expected an integer ≥ 2, received {text!r}.")
    return int(text)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker of searches and, where claims run, the session that judges them."""
    config.addinivalue_line("markers", "search: a claim's search for a counterexample, which raises when it finds one")
    for option, variable in VARIABLES.items():
        if value := config.getoption(option):
            # Through the environment, so that worker processes have it too.
            config.add_cleanup(partial(_restore, variable, os.environ.get(variable)))
            os.environ[variable] = value
    planning = config.getoption("--study-plan")
    session = import_module("study.planning").PlanSession if planning else StudySession
    config.pluginmanager.register(session(config), "study-session")


@pytest.fixture(scope="session")
def lab(request: pytest.FixtureRequest) -> Any:
    """The lab: trains or recalls VAEs, measures them, and records what a claim observes."""
    return request.config.pluginmanager.getplugin("study-session").labs[request.param]


class StudySession:
    """One pytest session: what it was asked for, and what it has judged."""

    def __init__(self, config: pytest.Config) -> None:
        """Read the options; nothing is made or imported yet."""
        self.config = config
        self.scale: str = config.getoption("--study-scale")
        self.replicas: int | None = config.getoption("--study-replicas")
        self.results = config.rootpath / (config.getoption("--study-results") or "results")
        self.cache = config.rootpath / (config.getoption("--study-cache") or ".study-cache")
        self.worker = hasattr(config, "workerinput")
        self.started = datetime.now(UTC)
        self.judged: list[dict[str, Any]] = []
        self.unjudged = False
        self.labs: dict[str, Any] = {}
        self.backend = ""
        self.profile = ""
        self.drawn = 0

    # Before anything is trained.

    @pytest.hookimpl
    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Put a claim to the test on every data set of the scale."""
        if "lab" in metafunc.fixturenames and _claim_of(metafunc.module) is not None:
            data_sets = tuple(import_module("study.design.grids").SCALES[self.scale])
            metafunc.parametrize("lab", data_sets, indirect=True, scope="session")

    @pytest.hookimpl
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Refuse what cannot work, in one line, before anything is trained."""
        data_sets = {_data(item) for item in session.items if _claim(item) is not None}
        if not data_sets or self.config.option.collectonly:
            return
        errors = import_module("study.errors")
        try:
            self._prepare(sorted(data_sets))
        except errors.StudyError as error:
            if self.worker:
                self.config.workeroutput[PROPERTY] = str(error)  # type: ignore[attr-defined]
            raise pytest.UsageError(str(error)) from error

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Say a worker's refusal here, where it can be seen."""
        if refusal := getattr(node, "workeroutput", {}).get(PROPERTY):
            raise pytest.UsageError(refusal)

    def _prepare(self, data_sets: list[str]) -> None:
        self.backend = import_module("study.runtime.backends").selected()
        lab, work = import_module("study.lab.lab"), import_module("study.lab.work")
        design, data = import_module("study.design.grids"), import_module("study.data.loading")
        store = import_module("study.evidence.store").Store(self.results)
        store.check_writable(self.scale, self.backend)
        root, precision = import_module("study.seeds").seed_root(), import_module("study.runtime.backends").precision()
        store.check_unmixed(self.scale, self.backend, seed_root=root, precision=precision)
        import_module("study.lab.cache").check_cache(self.cache)
        import_module("study.runtime.backends").one_thread(self.backend)  # keras.datasets may import the framework
        for name in data_sets:
            data.load(name, images=design.SCALES[self.scale][name])
        self.profile = import_module("hypothesis").settings.get_current_profile_name()
        siblings = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
        workers = max(1, import_module("study.runtime.backends").cores() // siblings)
        bench = work.Bench(self.cache, self.backend)
        for name in data_sets:
            self.labs[name] = lab.Lab(bench, self.scale, name, workers=workers, progress=self._progress)

    # While a claim runs.

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Mark the reports of claims, so that one that ends without a verdict is known."""
        if _claim(item) is not None:
            item.user_properties.append((CLAIM, json.dumps(True)))

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        """Run a claim's test, look by look, and judge it after the last example."""
        claim = _claim(pyfuncitem)
        if claim is None:
            return None
        search = pyfuncitem.get_closest_marker("search") is not None
        lab = self.labs[_data(pyfuncitem)]
        setting = import_module("study.evidence.judging").Setting.of(self.scale, lab.data, self.backend, self.replicas)
        parameters = _parameters(pyfuncitem, search)
        lab.case = import_module("study.lab.lab").Case(claim, parameters, replicas=setting.looks[0])
        try:
            self._test(pyfuncitem, lab, setting, search)
        finally:
            lab.case = None
        return True

    def _test(self, item: pytest.Function, lab: Any, setting: Any, search: bool) -> None:
        case, started, row = lab.case, time.perf_counter(), None
        try:
            row = self._decided(item, lab, setting, search)
        finally:
            # Also on Ctrl-C: observations already made are kept (a worker of xdist keeps its values in the cache only).
            content = self._content(case, row, time.perf_counter() - started)
            if row is not None:
                item.user_properties.append((PROPERTY, json.dumps(content)))
            elif not self.worker:
                self._record(content)
        self._outcome(row, item)

    def _decided(self, item: pytest.Function, lab: Any, setting: Any, search: bool) -> Any:
        """Look until a row is decided, or out of looks; return it."""
        judging, case = import_module("study.evidence.judging"), lab.case
        arguments = {name: item.funcargs[name] for name in item._fixtureinfo.argnames}
        while True:
            if search and case.fresh_for:
                lab.confirm()
            else:
                with suppress(import_module("study.lab.lab").Counterexample):  # what a search is for; judged below
                    item.obj(**arguments)
            row, more = (judging.judge_search if search else judging.judge)(case, setting)
            if more is None:
                return row
            case.replicas, case.fresh_for = more.replicas, more.fresh_for

    def _content(self, case: Any, row: Any, seconds: float) -> dict[str, Any]:
        fresh = [asdict(o) | {"context": f"fresh: {o.context}"} for o in case.fresh.values()]
        return {
            "claim": case.claim.id,
            "row": None if row is None else asdict(row),
            "observations": [*map(asdict, case.observations.values()), *fresh],
            "design": [str(context) for context in case.claim.design],
            "cost": {
                "seconds": seconds,
                "trained": 8 * len(case.tally.trained),
                "recalled": 8 * len(case.tally.recalled),
            },
            "backend": self.backend,
            "profile": self.profile,
            "exhibits": {} if row is None else import_module("study.lab.exhibits").exhibits(self.labs[row.data], case),
        }

    def _outcome(self, row: Any, item: pytest.Function) -> None:
        contradicted = row.predicted and row.verdict not in (row.predicted, "INCONCLUSIVE")
        inconclusive = row.verdict == "INCONCLUSIVE" and self.config.getoption("--study-strict")
        if contradicted or inconclusive:
            pytest.fail(_explain(row, item, self), pytrace=False)

    def _progress(self, label: str, done: int, total: int) -> None:
        """Draw how much of what is being trained is done; workers of xdist cannot draw."""
        capture = self.config.pluginmanager.getplugin("capturemanager")
        if self.worker or capture is None or not sys.__stdout__ or not sys.__stdout__.isatty():
            return
        bar = "█" * (30 * done // total) + "·" * (30 - 30 * done // total)
        line = f"{label} {bar} {8 * done}/{8 * total} VAEs" if done < total else ""
        with capture.global_and_fixture_disabled():
            sys.stdout.write("\r" + line.ljust(self.drawn) + ("" if line else "\r"))
            sys.stdout.flush()
        self.drawn = len(line)

    # What was judged: recorded by the controller alone.

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Record a judged claim as soon as its report arrives."""
        content = content_of(report)
        if report.when == "call" and not self.worker and content is not None:
            self.judged.append(content)
            self._record(content)
        self.unjudged |= report.failed and content is None and content_of(report, CLAIM) is not None

    def _record(self, content: dict[str, Any]) -> None:
        records = import_module("study.evidence.records")
        store = import_module("study.evidence.store").Store(self.results)
        backend = content["backend"]
        row = content["row"] and records.row_from_json(content["row"])
        observations = [records.observation_from_json(o) for o in content["observations"]]
        standing = {r.identity for r in store.rows(self.scale, backend)}
        if row is None and any(o.identity[:3] in standing for o in observations):
            return  # an interrupted test: the complete evidence of an earlier run stands
        store.update(self.scale, backend, content["claim"], [row] if row else [], observations, content["design"])
        for name, rows in content["exhibits"].items():
            _merge_exhibit(store, self.scale, backend, name, rows)

    @pytest.hookimpl
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Write the manifest of the run, and say by the exit status whether a claim could not be judged."""
        if self.unjudged and exitstatus == pytest.ExitCode.TESTS_FAILED:
            session.exitstatus = UNJUDGED
        if self.worker or not self.judged:
            return
        manifests, records = import_module("study.evidence.manifest"), import_module("study.evidence.records")
        rows, devices = {}, set()
        for content in self.judged:
            row = records.row_from_json(content["row"])
            rows[manifests.row_key(row)] = manifests.RowCost(**content["cost"])
            devices.add(row.device)
        backend = self.judged[0]["backend"]
        manifest = manifests.manifest(
            backend=backend,
            device="+".join(sorted(devices - {""})),
            threads=1,
            precision=import_module("study.runtime.backends").precision(),
            hypothesis_profile=self.judged[0]["profile"],
            started=self.started,
            finished=datetime.now(UTC),
            rows=rows,
        )
        import_module("study.evidence.store").Store(self.results).write_manifest(self.scale, backend, manifest)

    # Terminal words.

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: Any) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
        """Say the verdict: a word with -v, a letter without."""
        content = content_of(report) if report.when == "call" else None
        if content is None:
            return None
        verdict = content["row"]["verdict"]
        if report.failed:
            return "failed", "F", (f"FAILED ({verdict})", {"red": True})
        if verdict == "INCONCLUSIVE":
            return "inconclusive", "I", (verdict, {"yellow": True})
        return "passed", verdict[0], (verdict, {"green": True})

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print the table of everything judged."""
        if self.judged:
            from study.report.terminal import table

            width = max(terminalreporter._tw.fullwidth, 132)
            terminalreporter.section(f"claims: scale {self.scale}, backend {self.judged[0]['backend']}")
            terminalreporter.write(table(self.judged, width, color=terminalreporter._tw.hasmarkup))
            terminalreporter.write_line(f"recorded in {self.results}; `study report` rebuilds its README and figures")


def _claim(item: pytest.Item) -> Any:
    """Return the claim whose test this is, or None."""
    if isinstance(item, pytest.Function) and "lab" in item.fixturenames:
        return _claim_of(item.module)
    return None


def _claim_of(module: Any) -> Any:
    claim = getattr(module, "CLAIM", None)
    return claim if type(claim).__module__ == "study.design.claim" else None


def _data(item: Any) -> str:
    return str(item.callspec.params["lab"])


def _parameters(item: Any, search: bool) -> dict[str, str]:
    given = {name: str(value) for name, value in item.callspec.params.items() if name != "lab"}
    return {"form": "every VAE"} if search else given


def content_of(report: Any, name: str = PROPERTY) -> dict[str, Any] | None:
    """Return what a session attached to a test's report, also in another process, or None."""
    found = [value for key, value in getattr(report, "user_properties", ()) if key == name]
    return json.loads(found[-1]) if found else None


def _merge_exhibit(store: Any, scale: str, backend: str, name: str, rows: list[dict[str, Any]]) -> None:
    """Replace the exhibit's rows of the same data, context and axis; keep the others."""
    old = store.exhibits(name).get((scale, backend), {"rows": []})["rows"]
    merged = {(r["data"], r["context"], r.get("axis", "")): r for r in [*old, *rows]}
    if rows:
        store.write_exhibit(scale, backend, name, {"schema": 1, "rows": [merged[key] for key in sorted(merged)]})


def _restore(variable: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(variable, None)
    else:
        os.environ[variable] = value


def _explain(row: Any, item: pytest.Function, session: StudySession) -> str:
    options = f"--study-scale {session.scale}" + (f" --study-replicas {session.replicas}" if session.replicas else "")
    asked = {option: os.environ.get(variable) for option, variable in VARIABLES.items()}  # an option sets the variable
    for option, value in ({"--study-results": session.config.getoption("--study-results")} | asked).items():
        options += f" {option} {shlex.quote(value)}" if value else ""
    lines = [
        f"{row.claim}: predicted {row.predicted or 'nothing'}, found {row.verdict}"
        + (f" ({row.reason})" if row.reason else ""),
        f"  estimate {_number(row.estimate)}, interval [{_number(row.low)}, {_number(row.high)}] {row.unit}, "
        f"threshold {row.threshold:g}",
        f"  {row.contexts} contexts × {row.replicas} replicas, {row.unconverged} replicas not converged",
        *(f"    {_number(value)} in {context}" for context, value in row.spread.items()),
        f"  {row.note}" if row.note else "",
        f"  repeat: KERAS_BACKEND={row.backend} pytest {options} '{item.nodeid}'",
    ]
    return "\n".join(line for line in lines if line)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"
