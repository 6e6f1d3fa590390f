"""What all tests share: the Hypothesis profile, and what is left out where no framework is installed."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import settings

pytest_plugins = "pytester"

# Neither the machine's speed nor an earlier run may decide a test.
settings.register_profile("study-unit", deadline=None, derandomize=True, database=None, print_blob=True)
settings.load_profile("study-unit")

# Naming a backend promises a framework: then nothing is left out, and a missing one fails.
FRAMEWORK = "KERAS_BACKEND" in os.environ or find_spec("keras") is not None
collect_ignore = [] if FRAMEWORK else ["models", "training"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect tests marked ``framework`` where none is installed and none was promised.

    The hook of any conftest is given the whole session's items: only those beneath this folder are touched.
    """
    if FRAMEWORK:
        return
    here = Path(__file__).parent
    left = {item for item in items if item.get_closest_marker("framework") and here in item.path.parents}
    config.hook.pytest_deselected(items=[item for item in items if item in left])
    items[:] = [item for item in items if item not in left]


@lru_cache
def _claim_module(name: str) -> ModuleType:
    spec = spec_from_file_location(f"claim_{name}", Path(__file__).parents[1] / "claims" / f"test_{name}.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session", name="claim_module")
def claim_module_() -> Callable[[str], ModuleType]:
    """The module of a claim of the study, by its id."""
    return _claim_module


@pytest.fixture(scope="session")
def planted_lab() -> Callable[..., Any]:
    """The real lab over planted VAEs: ``values(block, panel)`` gives the named brackets of each block, once."""

    def make(values: Callable[..., Any], converged: Callable[..., Any] = lambda block: np.ones(8, bool)) -> Any:
        from study.lab import Lab

        bench = SimpleNamespace(
            missing=lambda blocks, panels: [],
            values=lru_cache(values),
            status=lambda block: SimpleNamespace(epochs=1, device="planted", converged=converged(block)),
        )
        return Lab(bench, "quick", "digits")

    return make


@pytest.fixture(scope="session")
def put_to_the_test() -> Callable[..., Any]:
    """Run the body of a claim's test over its design, look by look, and return the row that the judge gives."""

    def run(lab: Any, module: Any, scale: str = "quick", replicas: int | None = None, **parameters: str) -> Any:
        from study.judging import Setting, judge
        from study.lab import Case

        body = getattr(module, f"test_{module.CLAIM.id}").hypothesis.inner_test
        setting = Setting.of(scale, lab.data, "planted", replicas)
        case = lab.case = Case(module.CLAIM, parameters, replicas=setting.looks[0])
        while True:
            for context in module.CLAIM.design:
                body(lab=lab, context=context, **parameters)
            row, more = judge(case, setting)
            if more is None:
                return row
            case.replicas, case.fresh_for = more.replicas, more.fresh_for

    return run
