"""Examples run as a user would run them and leave nothing behind; the contract of measures catches what breaks it."""

from __future__ import annotations

import os
import sys
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from study.errors import InvalidValue
from study.evidence.store import Store
from study.latent.gaussians import DiagonalGaussians
from study.measures.tools.bracket import Bracket
from study.runtime import registry
from study.testing import Example, Loses, Planted, check_measure, shared_cache

OUTCOMES = """
import os
import sys
import types
import warnings

import pytest
from hypothesis import settings


class MakesUpAttributes(types.ModuleType):  # as torch.classes does
    def __getattr__(self, name):
        if name == "__path__":
            return 1
        raise AttributeError(name)


sys.modules["made_up"] = MakesUpAttributes("made_up")
os.environ["LEFT_BEHIND"] = "yes"
os.environ.pop("HOME", None)
sys.path.insert(0, "/left/behind")
warnings.simplefilter("ignore")
settings.register_profile("left-behind", max_examples=7)
settings.load_profile("left-behind")


def test_passes():
    assert os.environ["TOLD"] == "yes"
    assert not [name for name in os.environ if name.startswith("PYTEST_XDIST")]


def test_fails():
    assert False


def test_errs(nonsense):
    pass


@pytest.mark.skip(reason="debt")
def test_skipped():
    pass
"""

CONFTEST = """
import warnings


def pytest_unconfigure():
    warnings.filterwarnings("ignore", "left behind")
"""


# Examples.


def state():
    profile = settings.get_current_profile_name()
    return dict(os.environ), Path.cwd(), list(sys.path), list(warnings.filters), profile, sys.dont_write_bytecode


def test_an_example_counts_outcomes_and_leaves_nothing_behind_in_its_process(monkeypatch):
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw0")
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    before, modules = state(), set(sys.modules)
    example = Example({"claims/test_outcomes.py": OUTCOMES, "conftest.py": CONFTEST})
    for _ in range(2):  # nor in the way of another run
        ran = example.run(environment={"TOLD": "yes"})
        assert (ran.status, ran.outcomes) == (1, {"passed": 1, "failed": 1, "skipped": 1, "error": 1})
        del sys.modules["made_up"]
    assert state() == before
    assert not [name for name in set(sys.modules) - modules if "outcomes" in name or "conftest" in name]
    assert not list(example.home.rglob("__pycache__"))


def test_an_example_runs_alike_in_a_process_of_its_own():
    ran = Example({"claims/test_outcomes.py": OUTCOMES, "conftest.py": ""}).run(environment={"TOLD": "yes"}, apart=True)
    assert (ran.status, ran.outcomes) == (1, {"passed": 1, "failed": 1, "skipped": 1, "error": 1})
    assert "test_outcomes.py::test_fails" in ran.output


def test_a_temporary_folder_lasts_as_long_as_what_came_of_it():
    ran = Example({"test_one.py": "def test_one():\n    pass\n"}).run()
    folder = ran.folder
    assert (folder / "test_one.py").exists()
    del ran
    assert not folder.exists()


def test_a_folder_that_is_given_stays(tmp_path):
    Example({"test_one.py": "def test_one():\n    pass\n"}, tmp_path / "mine").run()
    assert {"test_one.py", "pytest.ini", "conftest.py"} <= {path.name for path in (tmp_path / "mine").iterdir()}


def test_texts_are_replaced_in_another_project():
    first = Example({"test_one.py": "def test_one():\n    assert True\n"})
    second = first.replace("True", "False")
    assert (first.run().outcomes, second.run().outcomes) == ({"passed": 1}, {"failed": 1})
    with pytest.raises(InvalidValue, match="old: expected a text of one of the files, received 'true'"):
        first.replace("true", "false")


def test_an_error_and_a_refusal_are_read_from_what_is_printed():
    ran = Example({"test_one.py": "import nonsense\n"}).run()
    assert (ran.status, ran.outcomes) == (2, {"error": 1})
    assert ran.errors == ["ERROR test_one.py"]
    refused = Example({}).run("nonsense")
    assert (refused.status, refused.outcomes) == (4, {})
    assert refused.errors == ["ERROR: file or directory not found: nonsense"]


@pytest.mark.framework
def test_examples_share_a_cache_and_say_their_verdicts(tiny):
    example = tiny()
    first = example.run("-k", "held or denied")
    assert first.verdicts == {"held-digits": "SUPPORTED", "denied-digits": "REFUTED"}
    assert [row.predicted for row in first.rows] == ["REFUTED", "SUPPORTED"]
    assert list(shared_cache().glob("*/*/weights.safetensors"))
    second = tiny().run("-k", "held")
    (manifest,) = Store(second.folder / "results" / "local").manifests().values()
    assert (manifest.trained, manifest.recalled) == (0, 16)
    assert second.verdicts == {"held-digits": "SUPPORTED"}
    (path,) = (example.home / "results" / "local").glob("quick/*/tiny.json")
    path.write_text("{")
    assert example.run("--collect-only").rows == ()  # damaged: there is nothing to be read


# The contract of measures.

Q = DiagonalGaussians(np.array([[[1.0], [3.0]], [[2.0], [4.0]]]), np.zeros((2, 2, 1)))
FLAT = DiagonalGaussians(np.zeros((2, 2, 1)), np.zeros((2, 2, 1)))
TRUTH = np.array([2.5, 5.0])
PLANTED = Planted({"train": Q}, TRUTH, 1e-12)
LOSES = Loses({"train": FLAT}, below=1e-12)
Z = np.arange(12.0).reshape(2, 3, 2)


def test_a_measure_that_keeps_it_passes():
    check_measure("rate", PLANTED, LOSES)


@pytest.mark.parametrize(
    ("function", "match"),
    [
        (lambda q: q.kl().mean(1) + 0.1, "rate: planted .* off by 0.1"),
        (lambda q: Bracket(q.kl().mean(1), q.kl().mean(1) + 9), "rate: planted .* off by 9"),
        (lambda q: np.array([2.5, 5.0])[: q.replicas], "rate: a replica in another order has another value"),
        (lambda q: q.kl().mean(1) + (q.replicas == 1), "rate: a replica alone has another value"),
        (lambda q: q.kl() @ [0.5, 0.5] + (q.mean[0, 0, 0] == 3), "rate: the order of the samples matters"),
        (lambda q: np.where(q.kl().mean(1) > 0, q.kl().mean(1), 1.0), "rate: expected to lose"),
    ],
)
def test_one_that_breaks_it_is_caught(function, match, monkeypatch):
    module = registry.load("study.measures", "rate")
    monkeypatch.setattr(module, "rate", replace(module.rate, function=function))
    with pytest.raises(AssertionError, match=match):
        check_measure("rate", PLANTED, LOSES)


def test_a_nan_that_is_counted_as_a_miss_is_caught(monkeypatch):
    ratios = {"aggregate_ratios": np.arange(6.0).reshape(2, 3), "prior_ratios": np.array([[9.0, 9, -9], [-9, -9, -9]])}
    case = Planted(ratios, np.array([1 / 3, 1.0]), 1e-9)
    monkeypatch.setattr("study.measures.registry._refusing", lambda name, value: value)
    with pytest.raises(AssertionError, match=r"a NaN in [a-z]+_ratios to be refused"):
        check_measure("hole_mass", case, Loses(case.needs, above=0.3))


@pytest.mark.parametrize(
    ("planted", "loses", "match"),
    [
        (PLANTED, Loses({"train": FLAT}), "say what the case to lose is below or above"),
        (Planted({"train": Q.subset_replicas(0)}, 2.5, 1e-12), LOSES, "two replicas or more"),
    ],
)
def test_cases_that_could_not_fail_are_refused(planted, loses, match):
    with pytest.raises(AssertionError, match=match):
        check_measure("rate", planted, loses)
