"""What all commands have in common: one line for an error, silence where a pipe is closed, no framework."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from study.cli.main import main

ON_RESULTS = ("verdicts", "report", "judge")
ALONE = ("measures", "info")
OF_AUTHORS = ("calibrate", "length", "specifications")  # modules: those who read evidence do not need them


def test_every_command_is_listed_with_what_it_does() -> None:
    assert set(main.commands) == {*ON_RESULTS, *ALONE, "replay"}
    assert all(command.help for command in main.commands.values())


@pytest.mark.parametrize("command", ON_RESULTS)
def test_a_folder_without_evidence_is_one_clear_line(
    study: Callable[..., Result], tmp_path: Path, command: str
) -> None:
    """Exit 2 for a wrong argument; never a traceback."""
    missing = study(command, "--results", tmp_path / "absent")
    assert missing.exit_code == 2
    (line,) = missing.output.splitlines()
    assert line.startswith("Error: --results: expected a folder that holds ")
    assert line.endswith(f"received {str(tmp_path / 'absent')!r}.")


@pytest.mark.parametrize("command", ON_RESULTS)
def test_damaged_evidence_is_one_clear_line(study: Callable[..., Result], results: Path, command: str) -> None:
    (results / "quick" / "jax" / "per_sample_posterior_differs.json").write_text('{"schema": 99}', encoding="utf-8")
    damaged = study(command, "--results", results)
    assert damaged.exit_code == 1
    (line,) = damaged.output.splitlines()
    assert "per_sample_posterior_differs.json" in line


@pytest.mark.parametrize(
    "arguments",
    [
        *([name, "--results"] for name in ON_RESULTS),
        *([name] for name in ALONE),
        ["--help"],
        ["--version"],
    ],
    ids=" ".join,
)
def test_a_reader_that_has_seen_enough_ends_it_in_silence(timed: Path, arguments: list[str]) -> None:
    """A pipe that nobody reads any more, as after ``| head``: no word, no traceback."""
    folders = [str(timed)] if arguments[-1] == "--results" else []
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "study", *arguments, *folders]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert done.stderr == ""
    assert done.returncode == 1


def test_head_shows_the_beginning(results: Path) -> None:
    shell = f'"{sys.executable}" -m study verdicts --json --results "{results}" | head -n 2'
    done = subprocess.run(shell, shell=True, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[", "  {"]
    assert done.stderr == ""


def test_commands_import_no_framework(timed: Path) -> None:
    """Old evidence can be read where no deep-learning framework is installed."""
    code = (
        "import sys; from study.cli.main import main\n"
        f"for command in {ON_RESULTS}:\n"
        "    main([command, '--results', sys.argv[1]], standalone_mode=False)\n"
        f"for command in {ALONE}:\n"
        "    main([command], standalone_mode=False)\n"
        "assert not {'keras', 'jax', 'tensorflow', 'torch'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(timed)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_module_is_the_command() -> None:
    """``python -m study`` works too, and a wrong option is exit 2."""
    arguments = [sys.executable, "-m", "study", "verdicts", "--wrong"]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Usage: study verdicts" in done.stderr


@pytest.mark.parametrize("name", OF_AUTHORS)
def test_what_authors_run_is_a_module_whose_errors_are_one_line(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    wrong = ("--studies=1", "--results=file/beneath") if name == "calibrate" else ("--workers=none",)
    command = [sys.executable, "-m", f"study.cli.{name}"]
    helped, failed = (
        subprocess.run([*command, *arguments], capture_output=True, text=True, check=False, cwd=tmp_path)
        for arguments in (("--help",), wrong)
    )
    assert (helped.returncode, failed.returncode) == (0, 1 if name == "calibrate" else 2), failed.stderr
    assert helped.stdout.startswith(f"Usage: python -m study.cli.{name}")
    (line,) = failed.stderr.splitlines()
    assert line.startswith("Error: ")
