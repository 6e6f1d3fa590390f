"""``pytest --study-plan``: run the claims until each would train, list what that is, train and record nothing."""

from __future__ import annotations

import json
import shlex
from importlib import import_module
from typing import Any

import pytest

from study.plugin import StudySession, content_of

PROPERTY = "study-plan"


class PlanSession(StudySession):
    """One pytest session that plans: looks that the cache holds are judged, and the next ones are listed."""

    def __init__(self, config: pytest.Config) -> None:
        """Read the options; nothing is made or imported yet."""
        super().__init__(config)
        self.rows: list[dict[str, Any]] = []
        self.plan: Any = None

    def _prepare(self, data_sets: list[str]) -> None:
        super()._prepare(data_sets)
        for lab in self.labs.values():
            lab.planning = True

    def _test(self, item: pytest.Function, lab: Any, setting: Any, search: bool) -> None:
        plans, tasks = import_module("study.lab.plan"), []
        try:
            self._decided(item, lab, setting, search)
        except plans.Planned as planned:
            claim = lab.case.claim.id
            tasks = [plans.Task.of(lab.bench, block, planned.panel, claim).as_json() for block in planned.blocks]
        root = setting.seed_root
        item.user_properties.append(
            (PROPERTY, json.dumps({"backend": self.backend, "seed_root": root, "tasks": tasks}))
        )

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Gather what a row waits for; a worker's report comes here, too."""
        if report.when == "call" and (content := content_of(report, PROPERTY)) is not None:
            self.rows.append(content)

    @pytest.hookimpl
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Publish the plan in the cache."""
        if self.worker or not self.rows:
            return
        plans = import_module("study.lab.plan")
        backend = self.rows[0]["backend"]
        undecided = sum(bool(row["tasks"]) for row in self.rows)
        called = self.config.invocation_params
        self.plan = plans.Plan(
            backend=backend,
            seed_root=self.rows[0]["seed_root"],
            precision=import_module("study.runtime.backends").precision(),
            folder=str(called.dir),
            arguments=tuple(map(str, called.args)),
            undecided=undecided,
            decided=len(self.rows) - undecided,
        ).with_tasks(
            [plans.Task.from_json(task) for row in self.rows for task in row["tasks"]],
            import_module("study.lab.times").Times.read(self.cache, backend),
        )
        self.plan.write(self.cache)

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: Any) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
        """Say whether a row waits for training: a word with -v, a letter without."""
        content = content_of(report, PROPERTY) if report.when == "call" and report.passed else None
        if content is None:
            return None
        if tasks := content["tasks"]:
            if new := sum(not task["trained"] for task in tasks):
                return "to be trained", "t", (f"TO BE TRAINED ({new} blocks)", {"yellow": True})
            return "to be measured", "m", (f"TO BE MEASURED ({len(tasks)} blocks)", {"yellow": True})
        return "decided or out of looks", "d", ("DECIDED OR OUT OF LOOKS", {"green": True})

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print the plan."""
        if self.plan is None:
            return
        terminalreporter.section(f"plan: scale {self.scale}, backend {self.plan.backend}")
        if not self.plan.tasks:
            terminalreporter.write_line("nothing is left to train: every row is decided, or out of looks")
            return
        from study.report.terminal import plan_table

        width = max(terminalreporter._tw.fullwidth, 132)
        terminalreporter.write(plan_table(self.plan, width, color=terminalreporter._tw.hasmarkup))
        option = self.config.getoption("--study-cache")
        train = "study train" + (f" --cache {shlex.quote(str(self.cache))}" if option else "")
        terminalreporter.write_line(f"\nwritten to {self.cache / 'plan.json'}; `{train}` trains it")
