"""What docs/library.md shows of numbers, of models and of the VAE works as it is written."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from study.testing import Example

PAGE = (Path(__file__).parents[1] / "docs" / "library.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
NUMBERS, GIVEN, COMPONENTS, VAE = BLOCKS


def ran(block: str, names: dict | None = None) -> dict:
    names = {} if names is None else names
    exec(compile(block, "docs/library.md", "exec"), names)
    return names


def test_numbers_of_ones_own_are_judged_and_measured(capsys):
    names = ran(NUMBERS)
    (said,) = re.findall(r"print\(judged\)  # → (.*)$", NUMBERS, re.MULTILINE)
    assert said in capsys.readouterr().out.splitlines()
    assert {"rate", "empirical_marginal_kl", "active_units"} <= names["found"].keys()


@pytest.mark.framework
def test_the_claim_about_numbers_of_ones_own_is_judged(tmp_path):
    run = Example({"claims/test_our_rate_is_high.py": GIVEN}, tmp_path).run("claims")
    assert run.verdicts == {"our scans": "SUPPORTED"}, run.output
    assert {row.backend for row in run.rows} == {"given"}


def test_somebody_elses_model_is_measured(capsys):
    names = ran(COMPONENTS)
    (said,) = re.findall(r"# ≈ ([\d.]+)$", COMPONENTS, re.MULTILINE)
    assert float(capsys.readouterr().out) == pytest.approx(float(said), rel=0.1)
    bracket = names["bracket"]
    assert bracket.low.shape == (8,)
    assert ((bracket.low >= 0) & (bracket.low <= bracket.high)).all()
    # Codes thrice as wide are farther from N(0, I).
    wide = names["PrincipalComponents"](2)
    wide.posterior = lambda x: type(wide).posterior(wide, x).standardised(0.0, 1 / 3)
    assert (names["study"].measure(wide, "marginal_kl").low > bracket.high).all()


@pytest.mark.framework
def test_the_vae_does_what_is_said_of_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    x = (np.random.default_rng(0).random((32, 64)) < 0.5).astype("float32")
    quick = VAE.replace("epochs=50", "epochs=1, verbose=0").replace("vae.predict(x)", "vae.predict(x, verbose=0)")
    assert quick.count("verbose=0") == 2
    vae = ran(quick, names := {"x": x})["vae"]
    assert names["mean"].shape == (8, 32, 2)
    assert vae.decode(names["mean"]).shape == (8, 32, 64)
    assert vae.sample(10, seed=0).shape == (8, 10, 64)
    assert vae.predict(x, verbose=0)["mean"].shape == (32, 8, 2)
