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


SMALL = '''
"""Claim: a tiny one, with a row for each way of being planned: decided at once, never, and by a search."""

from dataclasses import replace

import pytest
from hypothesis import given

from study.design.claim import Claim, Estimand
from study.design.contexts import search_space

GRID = {
    "kl_weight": (0.5, 1.0), "latent_dim": (2,), "encoder_width": (4,), "decoder_width": (4,),
    "max_epochs": (2,), "window_epochs": (1,), "tolerance": (1000.0,),
}
CLAIM = Claim(
    id="small", statement="", source="", parameters={"measure": ("total_correlation", "energy_distance")},
    size=2, grid=GRID,
    estimand=lambda measure: Estimand(-1e6 if measure == "total_correlation" else 0.0, "nats"),
    search=Estimand(1e6, "nats"),
)


@pytest.mark.parametrize("measure", CLAIM.parameters["measure"])
@given(context=CLAIM.contexts())
def test_small(lab, measure, context):
    value = lab.run(context).value(measure)
    if measure == "energy_distance":  # undecided, however many replicas
        swings = 1.0 - 2.0 * (value.replicas % 2)
        value = replace(value, low=swings, high=swings)
    lab.observe(CLAIM, value)


@pytest.mark.search
@given(context=search_space(GRID | {"kl_weight": (2.0, 4.0)}))
def test_every_vae(lab, context):
    lab.examine(CLAIM, context)
'''
SMALL_CONFTEST = """
import sys
from pathlib import Path

from study.design.profile import load_profile
from study.verdicts.looks import LOOKS

load_profile()
LOOKS["quick"] = (8, 16)


def pytest_unconfigure(config):
    if not hasattr(config, "workerinput"):
        Path("modules.txt").write_text("\\n".join(sys.modules))
"""


@pytest.fixture(scope="session")
def small_study() -> Callable[[Path], Path]:
    """Write a study of one small claim, with two looks, into a folder."""

    def write(folder: Path) -> Path:
        folder.mkdir(exist_ok=True)
        (folder / "pytest.ini").write_text("[pytest]\nfilterwarnings = ignore", encoding="utf-8")
        (folder / "conftest.py").write_text(SMALL_CONFTEST, encoding="utf-8")
        (folder / "test_small.py").write_text(SMALL, encoding="utf-8")
        return folder

    return write


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
        from study.lab.lab import Lab

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
        from study.evidence.judging import Setting, judge
        from study.lab.lab import Case

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
