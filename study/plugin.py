"""The pytest plugin: options and words. It translates, decides nothing, and imports nothing until there is a claim."""

from __future__ import annotations

import atexit
import signal
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from _pytest.skipping import evaluate_skip_marks

if TYPE_CHECKING:
    from study.lab.bodies import Body
    from study.session import Session

SEARCH, PROPERTY, MARK, SAID, REFUSAL = "study_search", "study", "study-claim", "study-said", "study-refusal"
UNJUDGED = 6  # exit status of a run in which a claim could not be judged; 1 is a verdict against its prediction
OPTIONS: dict[str, dict[str, Any]] = {
    "scale": {"choices": ("quick", "standard", "full"), "default": "quick", "help": "data and looks (default: quick)"},
    "record": {"action": "store_true", "help": "record in results/: registered, committed claims, with all looks"},
    "results": {"metavar": "DIR", "help": "folder of the evidence (default: results/local, not recorded)"},
    "cache": {"metavar": "DIR", "default": ".study-cache", "help": "folder of trained VAEs (default: .study-cache)"},
    "workers": {"metavar": "N", "help": "processes (default: one a core), or whose: dask://HOST:PORT, a file"},
    "strict": {"action": "store_true", "help": "an INCONCLUSIVE verdict is a failure"},
    "replicas": {"metavar": "N", "help": "one look at N replicas (default: the looks of the scale)"},
    "precision": {"choices": ("float32", "tf32"), "default": "float32", "help": "matrix products on a GPU"},
    "seed-root": {"metavar": "NAME", "help": "replicate on fresh seeds; needs another results folder"},
    "plan": {"action": "store_true", "help": "list what would be trained, and stop"},
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the study's options, under one heading."""
    group = parser.getgroup("study", "claims about variational autoencoders")
    for name, settings in OPTIONS.items():
        group.addoption(f"--study-{name}", **settings)


@pytest.hookimpl(tryfirst=True)  # so that its end comes after that of the others
def pytest_configure(config: pytest.Config) -> None:
    """Register the marker of searches, and what waits for claims."""
    config.addinivalue_line("markers", f"{SEARCH}: a claim's search for a counterexample, which raises")
    claims = Claims(config)
    config.add_cleanup(claims.deaf.close)
    config.pluginmanager.register(claims, "study-claims")


class Claims:
    """Translates between pytest and the session, which is made when the first claim is seen."""

    def __init__(self, config: pytest.Config) -> None:
        self.config, self.worker, self.unjudged, self.said = config, hasattr(config, "workerinput"), False, ""
        self.session: Session | None = None
        self.deaf = ExitStack()  # to Ctrl-C, while a run ends
        self.bodies: dict[str, Body] = {}
        self.files: dict[str, Any] = {}

    def made(self) -> Session:
        """Return the session, made when it is first asked for."""
        if self.session is None:
            from study.session import Session

            asked = {name.replace("-", "_"): self.config.getoption(f"--study-{name}") for name in OPTIONS}
            self.session = Session.asked(asked, self.config.invocation_params)
        return self.session

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Give a claim's body its lab, one for every data set of the scale."""
        if (claim := _claim(metafunc)) is not None:
            from study.lab.bodies import check_one_file
            from study.lab.lab import labs

            check_one_file(self.files, claim.id, metafunc.definition.path)
            known = labs(self.config.getoption("--study-scale"), claim.about, given=bool(claim.data))
            metafunc.parametrize("lab", list(known.values()), ids=list(known))

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Have the bodies of the claims selected read; what is wrong with one is said in one line."""
        if not (items := [item for item in session.items if _claim(item) is not None]):
            return
        from study.errors import StudyError

        try:
            self.bodies = {item.nodeid: _body(item) for item in items if evaluate_skip_marks(item) is None}
            out = {name: self.bodies.pop(name) for name, body in list(self.bodies.items()) if body.left_out}
            self.config.hook.pytest_deselected(items=[item for item in items if item.nodeid in out])
            session.items[:] = [item for item in session.items if item.nodeid not in out]
            self.made().collect(list(self.bodies.values()))
            if self.config.option.collectonly:
                return
            self.made().check()
            if self.made().options.plan:
                session.items.clear()
                self.hand_on({SAID: self.made().plan_text()})
            elif not self.worker:
                self.made().begin(self.config.pluginmanager.get_plugin if self.config.option.verbose >= 0 else None)
        except (StudyError, OSError, pytest.fail.Exception) as error:  # the last of a skipif without a condition
            self.hand_on({REFUSAL: " ".join(str(error).split())})

    def hand_on(self, said: Mapping[str, str]) -> None:
        """Keep what is said for the summary, and refuse with a refusal; a worker leaves both to its controller."""
        self.said += said.get(SAID, "")
        getattr(self.config, "workeroutput", {}).update({**said, SAID: self.said})
        if REFUSAL in said:
            raise pytest.UsageError(said[REFUSAL])

    def pytest_exception_interact(self, call: Any, report: Any) -> None:
        """Say in one line why the module of a claim cannot be collected."""
        if isinstance(report, pytest.CollectReport) and type(call.excinfo.value).__module__ == "study.errors":
            report.longrepr = f"{report.nodeid}: {call.excinfo.value}"

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Say here what a worker handed on."""
        self.hand_on(getattr(node, "workeroutput", {}))

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        """Judge a claim's test, in place of running its body again."""
        if (body := self.bodies.get(pyfuncitem.nodeid)) is not None:
            text, failure = self.made().verdict(body)
            pyfuncitem.user_properties.append((PROPERTY, text))
            if failure:
                pytest.fail(failure, pytrace=False)
        return body is not None or None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Record a judged claim when its report arrives, from another process too, and before a user is told."""
        text = str((attached := dict(report.user_properties)).get(PROPERTY, ""))
        if report.when == "call" and text and not self.worker and (why := self.made().record(text)):
            report.outcome, report.longrepr, report.user_properties, text = "failed", why, [], ""
        self.unjudged |= report.failed and not text and MARK in attached

    @pytest.hookimpl(tryfirst=True)
    def pytest_keyboard_interrupt(self) -> None:
        """Say at once that what is going on ends, which takes seconds; another Ctrl-C is not to break that off."""
        reporter = self.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is None or self.session is None or not self.session.engine.pending:
            return
        if threading.current_thread() is threading.main_thread():
            self.deaf.callback(signal.signal, signal.SIGINT, signal.signal(signal.SIGINT, signal.SIG_IGN))
            atexit.register(signal.signal, signal.SIGINT, signal.SIG_IGN)  # where libraries end their threads
        reporter.ensure_newline()
        reporter.write_line("study: stopping, which takes seconds; what is trained is kept")

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """End the run, and say by the status whether a claim could not be judged, or recorded."""
        if self.session is not None:
            self.hand_on({SAID: self.session.close(record=not self.worker)})
            self.unjudged |= "manifest" in self.session.engine.notes
        if self.unjudged and exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            session.exitstatus = UNJUDGED
        if self.said and exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
            session.exitstatus = pytest.ExitCode.OK

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: Any) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
        """Say the verdict: a word with -v, a letter without."""
        text = dict(getattr(report, "user_properties", ())).get(PROPERTY) if report.when == "call" else None
        return self.made().status(text, failed=report.failed) if text else None

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print the plan, or what a user should know of the run and the table of everything judged."""
        writer, contexts = terminalreporter._tw, self.config.option.verbose > 0
        told = self.session.summary(writer.fullwidth, color=writer.hasmarkup, contexts=contexts) if self.session else ""
        terminalreporter.write(self.said + told)


def _claim(asking: Any) -> Any:
    """Return the CLAIM of the module of a test that asks for a lab, or None; nothing is imported to find out."""
    claim = getattr(getattr(asking, "module", None), "CLAIM", None)
    known = "lab" in getattr(asking, "fixturenames", ()) and type(claim).__module__ == "study.design.claim"
    return claim if known else None


def _body(item: Any) -> Body:
    """Translate a test into a body: its parameters, and what else it asks for, which is refused; mark its reports."""
    from study.lab.bodies import Body

    item.user_properties.append((MARK, ""))  # so that a report without a verdict is known for a claim's
    lab, given = item.callspec.params["lab"], {k: v for k, v in item.callspec.params.items() if k != "lab"}
    stray = [name for name in item._fixtureinfo.argnames if name not in item.callspec.params]
    call, search = partial(item.obj, lab=lab, **given), item.get_closest_marker(SEARCH) is not None
    return Body.of(item.nodeid, call, _claim(item), given, lab, search=search, stray=stray, file=item.path)
