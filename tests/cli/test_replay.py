"""``study replay``: what a small search found, found again; a planted value is told, and so is a file that is none."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from study.testing import Example

SEARCH = """
import pytest
from hypothesis import given

from study import Claim, Estimand, search_space

CLAIM = Claim(
    id="sought", statement="No VAE is cheap.", source="", chapter="", parameters={"row": ("a",)},
    estimand=lambda row: Estimand(0.0, "nats"), search=Estimand(1e6, "nats"),
)
GRID = {"latent_dim": (1, 2), "width": (4, 8), "epochs": (2,)}


@pytest.mark.study_search
@given(context=search_space(GRID))
def test_sought(lab, context):
    lab.examine(CLAIM, lab.run(context).value("rate"))
"""
FILE = Path("results/local/quick/jax/counterexamples/sought/every-VAE,digits.json")
pytestmark = pytest.mark.framework


@pytest.fixture(scope="module")
def ran() -> Any:
    """A small search that found a counterexample."""
    return Example({"claims/test_sought.py": SEARCH}).run()


@pytest.fixture
def project(ran: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Its folder, where commands are typed; its files are as the run left them."""
    monkeypatch.chdir(ran.folder)
    kept = {path: path.read_text(encoding="utf-8") for path in (file(ran.folder), Path("claims/test_sought.py"))}
    yield ran.folder
    for path, text in kept.items():
        path.write_text(text, encoding="utf-8")


def file(folder: Path) -> Path:
    (path,) = folder.glob("results/local/quick/*/counterexamples/sought/every-VAE,digits.json")
    return path


def planted(path: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """Change what a file holds."""
    content = json.loads(path.read_text(encoding="utf-8"))
    del content["sha256"]  # as in files from before there were digests
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_the_command_that_a_run_prints_finds_it_again(ran: Any, project: Path, study: Callable[..., Result]) -> None:
    assert ran.verdicts == {"every VAE-digits": "REFUTED"}, ran.output
    (command,) = re.findall(r"^  replay: KERAS_BACKEND=\w+ study (.*)$", ran.output, re.MULTILINE)
    found = study(*shlex.split(command))
    assert found.exit_code == 0, found.output
    said = dict(re.split(r" {2,}", line, maxsplit=1) for line in found.output.splitlines()[1:])
    assert found.output.startswith("No VAE is cheap.\n")
    assert said["claim"] == "sought, for every VAE, on digits at scale quick"
    assert re.fullmatch(
        r"smallest found of \d VAEs examined: latent_dim=1, width=4, epochs=2 \(\d+ parameters\)", said["VAE"]
    )
    assert said["difference"] == "0 nats; of a single VAE at most 0"
    assert said["threshold"] == "≥ 1e+06 nats: 16 of 16 fall short"
    assert said["recorded"].split(" nats")[0] == said["replayed"].split(" nats")[0]
    assert said[""] == "still a counterexample"


def test_a_planted_value_and_another_backend_are_told(project: Path, study: Callable[..., Result]) -> None:
    def change(content: dict[str, Any]) -> None:
        content["confirmed"]["low"][3] += 0.5
        content["backend"] = "another"

    found = study("replay", planted(file(project), change))
    assert found.exit_code == 0, found.output
    assert "of a single VAE at most 0.5\n" in found.output
    assert ", not on another, on which it was recorded\n" in found.output


def test_what_is_none_any_more_is_exit_1(project: Path, study: Callable[..., Result]) -> None:
    def change(content: dict[str, Any]) -> None:
        content["threshold"] = 0.0
        content["confirmed"]["low"] = [-1.5] * 16

    text = SEARCH.replace("Estimand(1e6", "Estimand(0.0")
    (project / "claims" / "test_sought.py").write_text(text, encoding="utf-8")
    found = study("replay", planted(file(project), change))
    assert found.exit_code == 1
    assert re.search(r"^recorded +-1\.5 nats", found.output, re.MULTILINE)
    assert not re.search(r"^difference +0 nats", found.output, re.MULTILINE)
    assert "0 of 16 fall short\n" in found.output
    assert "no longer a counterexample\n" in found.output


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        (lambda c: c.update(schema=99), 1, "expected schema 3, received 99"),
        (lambda c: c.pop("config"), 1, "missing required field `config`"),
        (lambda c: c.update(claim="../sought"), 2, "claim: expected a claim of the folder claims"),
        (lambda c: c.update(precision="half"), 2, "precision: expected one of 'float32'"),
    ],
)
def test_what_cannot_be_replayed_is_one_line(
    project: Path, study: Callable[..., Result], change: Callable[[dict[str, Any]], None], status: int, said: str
) -> None:
    found = study("replay", planted(file(project), change))
    (line,) = found.output.splitlines()
    assert (found.exit_code, line.startswith("Error: "), said in line) == (status, True, True), found.output


def test_a_path_that_is_no_file_is_one_line(project: Path, study: Callable[..., Result]) -> None:
    evidence = next(project.glob("results/local/quick/*/sought.json"))
    for path in (project / "absent.json", project, evidence):
        found = study("replay", path)
        (line,) = found.output.splitlines()
        assert (found.exit_code, line.startswith(f"Error: {path}: expected ")) == (1, True), line
