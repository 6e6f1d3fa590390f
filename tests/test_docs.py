"""What README, CONTRIBUTING and docs/ tell a reader to type exists: commands, options, links, tables."""

from __future__ import annotations

import configparser
import itertools
import re
import shlex
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from study.cli.calibrate import calibrate
from study.cli.length import length
from study.cli.main import main
from study.cli.published import published
from study.cli.specifications import specifications
from study.design.grids import LEVELS
from study.plugin import OPTIONS
from study.testing import Example
from study.vae.config import VAEConfig

ROOT = Path(__file__).parents[1]
PAGES = {path.relative_to(ROOT).as_posix(): path for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]}
TEXTS = {name: path.read_text(encoding="utf-8") for name, path in PAGES.items()}
IN_TESTS = {"docs/tutorial.md": "tutorial", "docs/library.md": "library", "CONTRIBUTING.md": "contributing"}
"""Pages with blocks of Python, and the test that runs them."""


def commands(text: str) -> Iterator[list[str]]:
    """Yield every command of a page, as words; variables that it sets are left out."""
    for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            for sign, group in itertools.groupby(words, lambda word: word in {"&&", "&"}):
                if not sign:
                    yield [word for word in group if not re.match(r"[A-Z_]+=", word)]


ALL = [pytest.param(words, id=f"{page}: {shlex.join(words)}") for page in TEXTS for words in commands(TEXTS[page])]
OF = {  # program → its commands
    program: [one for one in ALL if one.values[0][0] == program]
    for program in ("study", "pytest", "tox", "python", "dask", "srun")
}
WRITING = {"report", "replay", "--retire", "--against"}
READ = {tuple(one.values[0][1:]) for one in OF["study"] if not WRITING & {*one.values[0]}}
"""Commands of the study that write and train nothing, and that the repository's own evidence is enough for."""
CHECKS = ("ruff", "mypy", "lint-imports")
INSTALLED = ("pre-commit",)


def parsed(command: click.Command, arguments: list[str]) -> None:
    """Parse arguments as a command does, and run nothing."""
    command.make_context(str(command.name), list(arguments))


def settings(name: str) -> configparser.ConfigParser:
    found = configparser.ConfigParser(interpolation=None)
    found.read(ROOT / name, encoding="utf-8")
    return found


def test_no_page_is_empty_of_commands_by_mistake():
    assert {"README.md", "CONTRIBUTING.md", "docs/options.md", "docs/cluster.md"} <= TEXTS.keys()
    assert all(OF.values())


def test_every_command_is_of_a_program_that_is_tested_below():
    known = {*OF, *CHECKS, *INSTALLED}
    assert {one.values[0][0] for one in ALL} <= known


@pytest.mark.parametrize("words", OF["study"])
def test_commands_of_the_study_are_what_they_are_called(words):
    name, *arguments = words[1:]
    parsed(main.commands[name], arguments)


@pytest.mark.parametrize("arguments", sorted(READ), ids=shlex.join)
def test_commands_that_only_read_are_run_on_what_is_recorded(arguments, monkeypatch):
    monkeypatch.chdir(ROOT)
    found = CliRunner().invoke(main, list(arguments))
    assert found.exit_code == 0, found.output
    assert found.output.strip()


def test_a_wrong_option_would_be_found():
    with pytest.raises(click.NoSuchOption):
        parsed(main.commands["verdicts"], ["--wrong"])


@pytest.mark.parametrize("words", OF["python"])
def test_what_python_runs_is_there(words):
    module, *arguments = words[2:]
    assert words[1] == "-m"
    if module == "pip":
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        for extra in re.findall(r"\.\[(.*)\]", " ".join(arguments)):
            assert set(extra.split(",")) <= project["optional-dependencies"].keys()
        assert arguments[0] == "install"
    else:
        ours = {"calibrate": calibrate, "length": length, "published": published, "specifications": specifications}
        parsed(ours[module.removeprefix("study.cli.")], arguments)


@pytest.fixture(scope="module")
def project() -> Example:
    """A project with the files of the real claims, each a tiny one."""
    ids = [path.stem.removeprefix("test_") for path in (ROOT / "claims").glob("test_*.py")]
    text = (
        "from hypothesis import given\nfrom study import Claim, Context, Estimand\n"
        "CLAIM = Claim(id='{id}', statement='', source='', chapter='', parameters={{}},"
        " estimand=lambda: Estimand(0.0, 'nats'), design=[Context.of(epochs=2, width=4)])\n"
        "@given(context=CLAIM.contexts())\ndef test_latents_{id}(lab, context):\n"
        "    lab.observe(CLAIM, lab.run(context).value('rate'))\n"
    )
    files = {f"claims/test_{one}.py": text.format(id=one) for one in ids}
    return Example({**files, "scheduler.json": "{}"})  # which a scheduler would write; a plan asks none


@pytest.mark.framework
@pytest.mark.parametrize("words", [one for one in OF["pytest"] if len(one.values[0]) > 1])
def test_runs_are_planned(project, words):
    scales = [after for word, after in itertools.pairwise(words) if word == "--study-scale"]
    assert set(scales) <= set(OPTIONS["scale"]["choices"])
    small = [word if word not in scales else "quick" for word in words[1:]]  # other data may be out of reach
    ran = project.run(*small, "--study-plan", cache=project.home / "cache")
    assert ran.status == 0, ran.output
    assert "block" in ran.output, ran.output


@pytest.mark.framework
def test_a_wrong_option_of_a_run_would_be_found(project):
    assert project.run("claims/", "--study-wrong", "--study-plan").status == 4


@pytest.mark.parametrize("words", OF["tox"])
def test_environments_of_tox_are_there(words):
    found = settings("tox.ini")
    for name in re.findall(r"-e (\S+)", " ".join(words)):
        kind, backend = name.split("-")
        (section,) = [one for one in found.sections() if one.startswith(f"testenv:{kind}-")]
        assert backend in re.findall(r"\w+", section.partition("{")[2])
    ours = [word for word in words if word.startswith("--study-")]
    assert {word.removeprefix("--study-") for word in ours} <= OPTIONS.keys()


@pytest.mark.framework  # Dask comes with the backends
@pytest.mark.parametrize("words", [*OF["dask"], *OF["srun"]])
def test_workers_and_schedulers_take_these_options(words):
    from distributed.cli import dask_scheduler, dask_worker

    name, *arguments = words[words.index("dask") + 1 :]
    parsed({"scheduler": dask_scheduler.main, "worker": dask_worker.main}[name], arguments)


def test_style_is_checked_as_tox_checks_it():
    lint = settings("tox.ini")["testenv:lint"]["commands"].strip().splitlines()
    shown = [shlex.join(one.values[0]) for one in ALL if one.values[0][0] in CHECKS]
    assert shown == lint


@pytest.mark.parametrize("page", TEXTS)
def test_every_block_of_python_is_run_by_a_test(page):
    if "```python" in TEXTS[page]:
        assert (ROOT / "tests" / f"test_{IN_TESTS[page]}.py").exists()


@pytest.mark.parametrize("page", TEXTS)
def test_links_lead_somewhere(page):
    for target, _, heading in re.findall(r"\]\(([^)#:\s]*)(#([^)\s]*))?\)", TEXTS[page]):
        path = (PAGES[page].parent / target).resolve() if target else PAGES[page]
        assert path.exists(), target
        if heading:
            titles = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
            assert heading in {re.sub(r"[^\w -]", "", one).lower().replace(" ", "-") for one in titles}


def test_every_page_of_docs_is_reached_from_the_readme():
    named = set(re.findall(r"\]\((docs/\w+\.md)\)", TEXTS["README.md"]))
    assert named == {name for name in TEXTS if name.startswith("docs/")}


def test_every_command_of_the_study_is_shown():
    shown = {one.values[0][1] for one in OF["study"]}
    assert shown == main.commands.keys()


@pytest.mark.parametrize("page", TEXTS)
def test_commands_named_in_a_sentence_are_there(page):
    for text in re.findall(r"`study (\w[^`]*)`", TEXTS[page]):
        name, *arguments = text.split()
        options = {option for parameter in main.commands[name].params for option in parameter.opts}
        assert {one for one in arguments if one.startswith("--")} <= options
    assert set(re.findall(r"`[^`]*--study-([a-z-]+)[^`]*`", TEXTS[page])) <= OPTIONS.keys()


def test_every_option_of_a_run_is_listed():
    assert set(re.findall(r"^\| `--study-([a-z-]+)", TEXTS["docs/options.md"], re.MULTILINE)) == OPTIONS.keys()


def test_the_layout_names_what_is_there():
    rooms = re.findall(r"^  (\w+)/ ", TEXTS["CONTRIBUTING.md"], re.MULTILINE)
    assert {*rooms, "cli", "runtime"} == {path.parent.name for path in (ROOT / "study").glob("*/__init__.py")}


def test_the_table_of_axes_is_that_of_the_grids():
    lines = re.findall(r"^\| `(\w+)`([^|]*)\| ([^|]*) \| ([^|]*) \|$", TEXTS["CONTRIBUTING.md"], re.MULTILINE)
    table = {axis: (quick, larger) for axis, _, quick, larger in lines}
    free = {axis for axis, _, quick, _ in lines if "those you list" in quick}
    assert free == {"kl_weight"}
    assert free <= {field.name for field in fields(VAEConfig)}
    assert table.keys() - free == LEVELS["quick"].keys()
    for axis in table.keys() - free:
        shown = [tuple(map(int, levels.split(", "))) for levels in table[axis]]
        assert shown == [LEVELS["quick"][axis], LEVELS["full"][axis]]
        assert LEVELS["standard"][axis] == LEVELS["full"][axis]


def test_the_table_of_doors_names_folders_that_are_there():
    paths = re.findall(r"\| `(study/[\w/]+)/NAME\.py` \|", TEXTS["CONTRIBUTING.md"])
    assert len(paths) == 7
    assert all((ROOT / path).is_dir() for path in paths)


def test_no_page_is_long():
    assert {name: len(text.splitlines()) for name, text in TEXTS.items() if len(text.splitlines()) > 250} == {}
