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


@pytest.fixture
def timed(results: Path) -> Path:
    """Benchmarks beside the evidence: one import."""
    one = {"params": {"statement": "import study"}, "extra_info": {}, "stats": {"median": 0.25}}
    machine = {"cpu": {"brand_raw": "Planted 3000", "count": 2}}
    content = {"machine_info": machine, "benchmarks": [one], "datetime": "2026-11-22T18:04:11"}
    (results / "benchmarks").mkdir()
    (results / "benchmarks" / "jax.json").write_text(json.dumps(content), encoding="utf-8")
    return results


def test_benchmarks_json_has_exactly_the_fields(timed: Path) -> None:
    """Other programs read this: the fields are a contract; every goal is there, measured or not."""
    found = _study("benchmarks", "--json", "--results", timed)
    assert found.exit_code == 0
    rows = json.loads(found.output)
    assert {tuple(row) for row in rows} == {
        (
            *("what", "size", "replicas", "backend", "device", "precision", "threads", "ours", "peer_name", "peer"),
            *("unit", "ratio", "share", "goal", "met", "reason", "machine", "date", "commit"),
        )
    }
    assert [(row["ours"], row["goal"], row["met"]) for row in rows if row["ours"]] == [(0.25, "≤ 0.3 s", "yes")]
    assert {row["reason"] for row in rows if not row["ours"]} == {"not run"}


def test_benchmarks_table_is_not_cut(timed: Path) -> None:
    result = _study("benchmarks", "--results", timed)
    assert result.exit_code == 0
    for expected in ("import study, whole process", "0.250 s", "≤ 0.3 s", "training, a block a core", "scikit-learn"):
        assert expected in result.output
    assert result.output.splitlines()[-1] == "Recorded on 2026-11-22, jax, Planted 3000, 2 cores"


def test_missing_and_damaged_benchmarks_are_one_clear_error(timed: Path) -> None:
    """Exit 2 where there are none, 1 where one cannot be read; the report, too, names it."""
    assert _study("benchmarks", "--results", timed / "quick").exit_code == 2
    (timed / "benchmarks" / "jax.json").write_text("{}", encoding="utf-8")
    for command in ("benchmarks", "report"):
        damaged = _study(command, "--results", timed)
        assert damaged.exit_code == 1
        assert len(damaged.output.splitlines()) == 1
        assert "jax.json" in damaged.output


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


def test_commands_import_no_framework(timed: Path) -> None:
    """Old evidence can be read where no deep-learning framework is installed."""
    code = (
        "import sys; from study.cli import main\n"
        "for command in ('verdicts', 'benchmarks', 'report'):\n"
        "    main([command, '--results', sys.argv[1]], standalone_mode=False)\n"
        "main(['info'], standalone_mode=False)\n"
        "assert not {'keras', 'jax', 'tensorflow', 'torch'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(timed)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_module_is_the_command(results: Path) -> None:
    """``python -m study`` works too, and a wrong option is exit 2."""
    arguments = [sys.executable, "-m", "study", "verdicts", "--wrong"]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Usage: study verdicts" in done.stderr
