"""What all tests share: the Hypothesis profile, what is left out where no framework is installed, planted sessions."""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import settings

# Neither the machine's speed nor an earlier run may decide a test.
settings.register_profile("study-unit", deadline=None, derandomize=True, database=None, print_blob=True)
settings.load_profile("study-unit")

HERE = Path(__file__).parent
# Naming a backend promises a framework: then nothing is left out, and a missing one fails.
FRAMEWORK = "KERAS_BACKEND" in os.environ or find_spec("keras") is not None
NEED_KERAS = [  # as they are imported
    *(f"vae/{folder}" for folder in ("interventions", "likelihoods", "networks", "training")),
    *(f"vae/test_{name}.py" for name in ("initial", "layers", "linear_gaussian", "model")),
]
if gone := [name for name in NEED_KERAS if not (HERE / name).exists()]:
    raise FileNotFoundError(f"tests/conftest.py leaves out what is not there: {gone}")
collect_ignore = [] if FRAMEWORK else NEED_KERAS


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect tests marked ``framework`` where none is installed and none was promised.

    The hook of any conftest is given the whole session's items: only those beneath this folder are touched.
    """
    if FRAMEWORK:
        return
    left = {item for item in items if item.get_closest_marker("framework") and HERE in item.path.parents}
    config.hook.pytest_deselected(items=[item for item in items if item in left])
    items[:] = [item for item in items if item not in left]


@pytest.fixture(scope="session")
def unsealed() -> Callable[[Path], str]:
    """The text of a recorded file without its digest, as of one from before there were digests."""
    return lambda path: re.sub(r'\n  "sha256": "\w+",', "", path.read_text(encoding="utf-8"))


@lru_cache
def _claim_module(name: str) -> ModuleType:
    spec = spec_from_file_location(f"claim_{name}", HERE.parent / "claims" / f"test_{name}.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session", name="claim_module")
def claim_module_() -> Callable[[str], ModuleType]:
    """The module of a claim of the study, by its id."""
    return _claim_module


TINY = '''
"""Claim: the rate of a tiny VAE is at least so much, and its rows take every outcome."""

import pytest
from hypothesis import given

from study import Claim, Context, Estimand

ROWS = {
    "held": (-1.0, "SUPPORTED"), "denied": (1e6, "REFUTED"), "open": (0.0, "SUPPORTED"), "free": (-1.0, ""),
    "wrong": (1e6, "SUPPORTED"),
}
CLAIM = Claim(
    id="tiny", statement="", source="", chapter="", parameters={"row": tuple(ROWS)},
    estimand=lambda row: Estimand(ROWS[row][0], "nats", ROWS[row][1]),
    design=[Context.of(kl_weight=weight, latent_dim=2, width=4, epochs=2) for weight in (0.5, 1.0)],
)


@pytest.mark.parametrize("row", ROWS)
@given(context=CLAIM.contexts())
def test_tiny(lab, row, context):
    vae = lab.run(context)
    bracket = vae.value("marginal_kl")
    lab.observe(CLAIM, bracket - bracket if row == "open" else vae.value("rate"))
'''


@pytest.fixture(scope="session", name="tiny")
def tiny_() -> Callable[..., Any]:
    """Projects of one claim with a row for every outcome, ``claims/test_tiny.py``; its VAEs train in a moment."""
    from study.testing import Example

    def make(files: dict[str, str] | None = None, folder: Path | None = None, end: str = "") -> Example:
        return Example({"claims/test_tiny.py": TINY + end, **(files or {})}, folder)

    return make


class PlantedPool:
    """Does what an engine's pool does, but for training: ``values(block, measure)`` is planted, and published."""

    def __init__(self, store: Any, values: Callable[..., Any], finite: Callable[..., Any]) -> None:
        self.store, self.values, self.finite = store, values, finite
        self.waiting: deque[Any] = deque()

    def submit(self, unit: Any, order: int) -> None:
        self.waiting.append(unit)

    def next(self, meanwhile: Callable[[], None]) -> tuple[Any, list[Any]]:
        from study.lab.work import Done

        unit = self.waiting.popleft()
        for block, measures in ((task.block, task.measures) for task in unit.tasks):
            about = {"epochs": 1, "device": "planted", "seconds": 1.0, "finite": self.finite(block).tolist()}
            self.store.publish_training(block, {"none": np.zeros(8)}, about)
            for measure in measures:
                self.store.publish_value(block, measure, self.values(block, measure))
        return unit, [Done(task.block, trained=True) for task in unit.tasks]

    def close(self) -> None:
        self.waiting.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[object]:
    """Have a test leave the environment as it found it: a session, once checked, tells this process its backend."""
    before = dict(os.environ)
    try:
        return (yield)
    finally:
        for name in [name for name in os.environ if name not in before]:
            del os.environ[name]
        os.environ.update({name: value for name, value in before.items() if os.environ.get(name) != value})


@pytest.fixture(scope="session")
def planted_session(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Sessions over planted VAEs: all is real but training, and nothing of a framework is imported."""

    def make(
        values: Callable[..., Any], finite: Callable[..., Any] = lambda block: np.ones(8, bool), **options: Any
    ) -> Any:
        from study.lab.artefacts import Setting
        from study.lab.run import Engine
        from study.lab.store import Store
        from study.session import Options, Session

        folder = tmp_path_factory.mktemp("planted")
        setting = Setting("jax")
        engine = Engine(Store(folder / "cache"), setting)
        engine._pool = PlantedPool(engine.store, values, finite)
        asked = {"scale": "quick", "results": folder / "results", "cache": folder / "cache", **options}
        return Session(Options(**asked), setting, engine)

    return make


@pytest.fixture(scope="session")
def put_to_the_test() -> Callable[..., Any]:
    """Have a session judge one row of a claim's module, as the plugin would, its figures left out; return the row."""

    def run(session: Any, module: Any, *, search: str = "", test: str = "", **parameters: str) -> Any:
        from study.lab.bodies import Body
        from study.lab.lab import Lab

        lab, name = Lab(session.options.scale, "digits"), search or test or f"test_{module.CLAIM.id}"
        call = partial(getattr(module, name), lab=lab, **parameters)
        body = Body.of(name, call, module.CLAIM, parameters, lab, search=bool(search))
        session.collect([body])
        if body.id in session._collected:
            session._collected[body.id].shown.clear()
        return session.judge(body).row

    return run
