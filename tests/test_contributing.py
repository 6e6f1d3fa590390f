"""CONTRIBUTING, followed to the letter: from a template to a judged claim, of most VAEs, of every VAE, of models."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path
from types import ModuleType

import pytest

from study.testing import Example

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MOST, TRY, CONTROL, EVERY, SUBJECTS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
ONE_SCREEN = 45
"""Lines."""


def path_of(block: str) -> str:
    """The path that a block names as its file's."""
    (path,) = re.findall(r'"""  # (\S+\.py)$', block, re.MULTILINE)
    return path


def module_of(block: str) -> ModuleType:
    module = ModuleType(Path(path_of(block)).stem)
    exec(compile(block, path_of(block), "exec"), module.__dict__)
    return module


def tiny(contexts: str) -> str:
    """The contexts of few epochs that the page shows, and no others."""
    (text,) = re.findall(r"^tiny = '(.*)'$", TRY, re.MULTILINE)
    return contexts.replace("LISTED", text)


@pytest.mark.framework
def test_a_claim_of_most_vaes_is_tried_as_the_page_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = Path(path_of(MOST))
    path.parent.mkdir()
    path.write_text(MOST, encoding="utf-8")
    names: dict = {}
    with contextlib.redirect_stdout(out := io.StringIO()):
        exec(compile(TRY, "CONTRIBUTING.md", "exec"), names)
    (said,) = re.findall(r"# → (.*)$", TRY, re.MULTILINE)
    assert out.getvalue().strip() == said, names["ran"].output
    assert {row.claim for row in names["ran"].rows} == {"doubling_lowers_the_rate"}
    assert {row.parameters["weight"] for row in names["ran"].rows} == {"0.5", "1"}
    assert not any(row.registered for row in names["ran"].rows)


@pytest.mark.framework
def test_the_template_as_it_is_would_train_nine_blocks(tmp_path):
    planned = Example({path_of(MOST): MOST}, tmp_path).run("--study-plan", cache=tmp_path / "cache")
    assert planned.status == 0, planned.output
    assert "9 blocks" in planned.output, planned.output  # three contexts at three KL weights


def test_the_template_fits_a_screen_and_is_asked_one_row_on_mnist():
    assert len(MOST.splitlines()) <= ONE_SCREEN
    claim = module_of(MOST).CLAIM
    assert (claim.declared("digits"), claim.declared("mnist"), len(claim.on("fashion_mnist").places)) == (2, 1, 2)
    assert claim.on("digits") == claim.whole
    for part in ("Claim:", "Source:", "Prediction:", "Refuted by:", "Threshold:"):
        assert part in module_of(MOST).__doc__


@pytest.mark.framework
@pytest.mark.parametrize(("threshold", "verdict"), [("1.0", "SUPPORTED"), ("3.0", "REFUTED")])
def test_a_claim_of_every_vae_is_judged_and_can_lose(threshold, verdict):
    text = EVERY.replace('{"kl_weight": (1.0, 0.5), "latent_dim": (2, 8)}', '{"latent_dim": (2,)}')
    text = text.replace(", LISTED)", tiny(", LISTED)").replace("epochs=1, learning_rate=1e-4", "epochs=30")).replace(
        "Estimand(1.0", f"Estimand({threshold}"
    )
    assert text.count("epochs=30") == 1
    ran = Example({path_of(EVERY): text}).run()
    assert ran.verdicts == {"digits": verdict}, ran.output
    assert [row.kind for row in ran.rows] == ["every"]


@pytest.mark.framework  # a run names a backend, whatever its claims ask for
@pytest.mark.parametrize(("margin", "verdict"), [("1.0 -", "SUPPORTED"), ("0.01 -", "REFUTED")])
def test_a_claim_about_somebodys_model_is_judged_and_can_lose(margin, verdict):
    (model,) = re.findall(
        r"```python\n(import numpy[^`]*class PrincipalComponents.*?)\n\nbracket = ", library(), re.DOTALL
    )
    files = {path_of(SUBJECTS): SUBJECTS.replace("1.0 -", margin), "components.py": model}
    ran = Example(files).run("claims", apart=True)  # `python -m pytest` finds components.py
    assert ran.verdicts == {"digits": verdict}, ran.output
    assert {row.backend for row in ran.rows} == {"given"}


def library() -> str:
    return (ROOT / "docs" / "library.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("case", [0, 1])
def test_its_judge_wins_and_loses_on_planted_vaes(case, planted_session, put_to_the_test, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "tests" / "controls"))
    control = module_of(CONTROL)
    (mark,) = control.test_it_wins_and_loses.pytestmark
    power, verdict = mark.args[1][case]
    assert {one for _, one in mark.args[1]} == {"SUPPORTED", "REFUTED"}

    def named(name: str) -> ModuleType:
        assert name == module_of(MOST).CLAIM.id
        return module_of(MOST)

    control.test_it_wins_and_loses(planted_session, named, put_to_the_test, power, verdict)
