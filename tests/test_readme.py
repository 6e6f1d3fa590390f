"""The README's own examples work: what is shown to a newcomer is run."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from study.cli.main import main
from study.testing import Example

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def block(beginning: str) -> str:
    (found,) = [text for text in BLOCKS if beginning in text]
    return found


def test_somebody_elses_model_is_measured():
    names: dict = {}
    exec(compile(block("class PrincipalComponents"), "README.md", "exec"), names)
    bracket = names["study"].measure(names["PrincipalComponents"](), "marginal_kl")
    assert (bracket.low >= 0).all()
    assert (bracket.low <= bracket.high).all()
    # Codes thrice as wide are farther from N(0, I).
    wide = names["PrincipalComponents"]()
    wide.posterior = lambda x: type(wide).posterior(wide, x).standardised(0.0, 1 / 3)
    assert (names["study"].measure(wide, "marginal_kl").low > bracket.high).all()


@pytest.mark.skipif(find_spec("keras") is None, reason="a run is planned for a backend, and none is installed")
def test_the_claim_of_ones_own_is_planned(tmp_path):
    example = Example({"claims/test_doubling_lowers_the_rate.py": block("doubling_lowers_the_rate")}, tmp_path)
    ran = example.run("--study-plan", cache=example.folder / "cache")
    assert ran.status == 0, ran.output
    assert "9 blocks" in ran.output, ran.output  # three contexts at three KL weights


@pytest.mark.skipif(find_spec("keras") is None, reason="a run names the backend that it would train on")
def test_the_claim_about_numbers_of_ones_own_is_judged(tmp_path):
    ran = Example({"claims/test_our_rate_is_high.py": block("our_rate_is_high")}, tmp_path).run("claims")
    assert ran.verdicts == {"our scans": "SUPPORTED"}, ran.output
    assert {row.backend for row in ran.rows} == {"given"}


def test_numbers_of_ones_own_are_judged_and_measured(capsys):
    names: dict = {}
    exec(compile(block("study.judge"), "README.md", "exec"), names)
    (said,) = re.findall(r"print\(judged\)  # (.*) …", block("study.judge"))
    assert said in capsys.readouterr().out
    assert {"rate", "empirical_marginal_kl", "active_units"} <= names["found"].keys()


@pytest.mark.framework
def test_the_library_does_what_is_said_of_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    x = (np.random.default_rng(0).random((32, 64)) < 0.5).astype("float32")
    text = (
        block("vae.compile")
        .replace("epochs=50", "epochs=1, verbose=0")
        .replace("vae.predict(x)", "vae.predict(x, verbose=0)")
    )
    names: dict = {"x": x}
    exec(compile(text, "README.md", "exec"), names)
    vae = names["vae"]
    assert names["mean"].shape == (8, 32, 2)
    assert vae.decode(names["mean"]).shape == (8, 32, 64)
    assert vae.sample(10, seed=0).shape == (8, 10, 64)
    assert vae.predict(x, verbose=0)["mean"].shape == (32, 8, 2)


def test_every_command_of_the_study_is_listed_as_it_is():
    listed = set(re.findall(r"^study (\w+)", README, re.MULTILINE))
    assert listed == set(main.commands)
    for name in listed:
        assert CliRunner().invoke(main, [name, "--help"]).exit_code == 0


def test_every_option_of_pytest_is_listed():
    from study.plugin import OPTIONS

    assert set(re.findall(r"`--study-([a-z-]+)", README)) == set(OPTIONS)


def test_the_layout_names_what_is_there():
    study = Path(__file__).parents[1] / "study"
    rooms = re.findall(r"^  (\w+)/ ", README, re.MULTILINE)
    assert {*rooms, "cli", "runtime"} == {path.parent.name for path in study.glob("*/__init__.py")}
