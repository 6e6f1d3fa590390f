"""The ``study`` command, called as a user calls it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from study.cli import FIELDS, main
from study.evidence.records import VerdictRow
from study.evidence.store import Store


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Evidence of one row."""
    row = VerdictRow(
        claim="kl_pull",
        parameters={"step": "each"},
        data="digits",
        scale="quick",
        backend="jax",
        device="cpu",
        predicted="SUPPORTED",
        verdict="REFUTED",
        reason="",
        estimate=-0.5,
        low=-0.6,
        high=-0.4,
        threshold=1.0,
        unit="nats",
        contexts=2,
        replicas=8,
        level=0.95,
        p_supported=1.0,
        p_refuted=1e-9,
    )
    store = Store(tmp_path / "results")
    store.update("quick", "jax", "kl_pull", [row], [], [])
    return store.root


def _study(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_verdicts_json_has_exactly_the_fields(results: Path) -> None:
    """Other programs read this: the fields are a contract."""
    result = _study("verdicts", "--json", "--results", results)
    assert result.exit_code == 0
    (row,) = json.loads(result.output)
    assert list(row) == list(FIELDS)
    assert (row["claim"], row["parameters"], row["estimate"]) == ("kl_pull", {"step": "each"}, -0.5)


def test_verdicts_table_is_not_cut(results: Path) -> None:
    """A table that is piped shows every word."""
    result = _study("verdicts", "--results", results)
    assert result.exit_code == 0
    for expected in ("kl_pull", "each on digits", "✘ REFUTED", "−0.50 [−0.60, −0.40]", "≥ 1 nats", "2 × 8"):
        assert expected in result.output


def test_report_says_what_it_wrote(results: Path) -> None:
    """The page is written beside the evidence, and named."""
    result = _study("report", "--results", results)
    assert result.exit_code == 0
    assert result.output.split() == [str(results / "README.md")]
    assert (results / "README.md").exists()


@pytest.mark.parametrize("command", ["verdicts", "report"])
def test_missing_and_damaged_results_are_one_clear_error(results: Path, command: str) -> None:
    """Exit 2 for a folder without evidence, 1 for evidence that cannot be read; never a traceback."""
    missing = _study(command, "--results", results / "absent")
    assert missing.exit_code == 2
    assert missing.output.splitlines() == [
        f"Error: --results: expected a folder that holds evidence, received {str(results / 'absent')!r}."
    ]
    (results / "quick" / "jax" / "kl_pull.json").write_text('{"schema": 99}', encoding="utf-8")
    damaged = _study(command, "--results", results)
    assert damaged.exit_code == 1
    assert "kl_pull.json" in damaged.output
    assert "Traceback" not in damaged.output


def test_info_lists_backends_and_data() -> None:
    """Digits are on board everywhere."""
    facts = json.loads(_study("info", "--json").output)
    assert {"python", "platform", "backends", "keras_backend", "backend", "device", "data"} <= set(facts)
    assert {"name": "digits", "reachable": True} in [
        {key: one[key] for key in ("name", "reachable")} for one in facts["data"]
    ]
    plain = _study("info")
    assert plain.exit_code == 0
    assert "backend torch" in plain.output
    (use,) = [line for line in plain.output.splitlines() if line.startswith("a run would use")]
    assert use.split(maxsplit=4)[4].startswith(
        f"{facts['backend']} on {facts['device']}" if facts["backend"] else "nothing: "
    )


def test_commands_import_no_framework(results: Path) -> None:
    """Old evidence can be read where no deep-learning framework is installed."""
    code = (
        "import sys; from study.cli import main\n"
        "for command in (['verdicts', '--results', sys.argv[1]], ['report', '--results', sys.argv[1]], ['info']):\n"
        "    main(command, standalone_mode=False)\n"
        "assert not {'keras', 'jax', 'tensorflow', 'torch'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(results)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_module_is_the_command(results: Path) -> None:
    """``python -m study`` works too, and a wrong option is exit 2."""
    arguments = [sys.executable, "-m", "study", "verdicts", "--wrong"]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Usage: study verdicts" in done.stderr
