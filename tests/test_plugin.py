"""The pytest plugin over a tiny claim, whose VAEs train in a moment: options, words, records and refusals."""

from __future__ import annotations

import json
import re

import pytest

from study.evidence.admission import DRAFTS
from study.evidence.store import Store
from study.plugin import OPTIONS, UNJUDGED
from study.testing import Example

FILE = "claims/test_tiny.py"
AS_PREDICTED = {"held": "SUPPORTED", "denied": "REFUTED", "open": "INCONCLUSIVE", "free": "SUPPORTED"}
VERDICTS = {f"{row}-digits": verdict for row, verdict in {**AS_PREDICTED, "wrong": "REFUTED"}.items()}
OUTCOMES = {"passed": 3, "failed": 1, "inconclusive": 1}
LISTS_MODULES = """
import sys
from pathlib import Path


def pytest_unconfigure(config):
    Path("modules.txt").write_text("\\n".join(sys.modules))
"""

framework = pytest.mark.framework


def files(folder):
    """Paths beneath a folder, but for what another plugin leaves there."""
    paths = {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
    return {path for path in paths if not path.startswith(".benchmarks")}


def document(ran):
    return next(ran.folder.glob("results/local/quick/*/tiny.json")).read_text()


def rows(ran):
    return {row.parameters["row"]: row for row in ran.rows}


def manifest(ran):
    (found,) = Store(ran.folder / "results/local").manifests().values()
    return found


@pytest.fixture(scope="module")
def plain(tiny):
    """Everything, with -v; its VAEs serve the other tests."""
    example = tiny()
    return example, example.run("-v")


# Words and outcomes.


@framework
def test_with_v_every_row_says_its_verdict(plain):
    _, ran = plain
    for name, word in {**AS_PREDICTED, "wrong": "FAILED (REFUTED)"}.items():
        assert f"{FILE}::test_tiny[digits-{name}] {word}" in ran.output
    assert (ran.status, ran.outcomes, ran.verdicts) == (1, OUTCOMES, VERDICTS)


@framework
def test_sentences_and_numbers_end_the_run(plain):
    ended = " ".join(plain[1].output.partition("tiny (digits, quick, ")[2].split())
    assert all(re.search(rf"{verdict}, [\w, -]*: {name} ", ended) for name, verdict in AS_PREDICTED.items())
    for text in (
        "AGAINST the prediction SUPPORTED, exploratory: wrong 16 of 16 fall short", "kept in results/local",
        "S epochs=2, kl_weight=0.5, latent_dim=2, width=4 8 of 8 reach", "rate: Mean over training images",
        "2 as predicted, 1 against, 1 undecided, 0 not applicable; 1 not predicted",
    ):  # fmt: skip
        assert text in ended, text


@framework
def test_a_contradicted_prediction_shows_what_it_rests_on(plain):
    _, ran = plain
    found = rows(ran)["wrong"]
    for text in (
        "tiny: predicted SUPPORTED, found REFUTED", f"median {found.median:.4g}", "nats, threshold 1e+06",
        f"interval [{found.low:.4g}, {found.high:.4g}]", "2 contexts × 8 replicas", "0 replicas diverged",
        "in epochs=2, kl_weight=0.5, latent_dim=2", f"'{FILE}::test_tiny[digits-wrong]'",
        f"repeat: KERAS_BACKEND={found.backend} pytest --study-scale quick",
    ):  # fmt: skip
        assert text in ran.output, text
    assert not re.search("Traceback|def test_tiny", ran.output)


@framework
def test_a_warm_run_says_letters_warns_of_nothing_and_imports_no_framework(tiny, plain):
    profile = "from study.design.profile import load_profile\n\nload_profile()\n"
    ran = tiny(files={"conftest.py": profile + LISTS_MODULES}).run(
        "-Werror", "-k", "held or denied or open", apart=True
    )
    assert ran.status == 0, ran.output
    assert f"{FILE} SRI" in ran.output
    assert ran.outcomes == {"passed": 2, "deselected": 2, "inconclusive": 1}
    modules = set((ran.folder / "modules.txt").read_text().split())
    assert "study.session" in modules
    assert not modules & {"keras", "tensorflow", "jax", "torch", "distributed"}
    for name, row in rows(ran).items():  # neither -k nor a warm cache changes a row
        assert row == rows(plain[1])[name]
    assert (manifest(ran).trained, manifest(ran).recalled) == (0, 48)


@framework
def test_strict_makes_inconclusive_a_failure(tiny, plain):
    ran = tiny().run("-k", "open or held", "--study-strict", "--study-replicas=4")
    assert (ran.status, ran.outcomes) == (1, {"failed": 1, "passed": 1, "deselected": 3})
    assert "predicted SUPPORTED, found INCONCLUSIVE (floor-bound)" in ran.output
    assert "--study-replicas 4 '" in ran.output
    assert {row.replicas for row in ran.rows} == {4}


# Records.


@framework
def test_everything_is_recorded(plain):
    example, ran = plain
    content = json.loads(document(ran))
    assert [row["parameters"]["row"] for row in content["rows"]] == ["denied", "free", "held", "open", "wrong"]
    assert len(content["observations"]) == 10
    assert all(series["replicas"] == [*range(8)] for series in content["observations"])
    assert content["design"] == [series["context"] for series in content["observations"][:2]]
    about = manifest(ran)
    assert (about.trained + about.recalled, about.hypothesis_profile, about.threads) == (80, "study", 1)
    assert "seconds" not in document(ran)  # neither times nor counts are in the evidence
    folders = {name.partition("/")[0] for name in files(example.home)}
    assert folders == {"pytest.ini", "conftest.py", "claims", "results"}


@framework
def test_each_row_is_recorded_as_soon_as_it_is_judged(tiny, plain):
    counting = """
import json
from pathlib import Path
from study.design.profile import load_profile

load_profile()


def pytest_runtest_teardown(item):
    (path,) = Path().glob("results/local/quick/*/tiny.json")
    with Path("counts.txt").open("a") as file:
        file.write(f"{len(json.loads(path.read_text())['rows'])} ")
"""
    ran = tiny(files={"conftest.py": counting}).run("-k", "held or denied or open")
    assert (ran.folder / "counts.txt").read_text() == "1 2 3 "


@framework
def test_x_stops_at_the_first_failure_and_keeps_what_was_judged(tiny, plain):
    ran = tiny().replace('"denied": (1e6, "REFUTED")', '"denied": (1e6, "SUPPORTED")').run("-x")
    assert (ran.status, ran.outcomes) == (1, {"passed": 1, "failed": 1})
    assert ran.verdicts == {"held-digits": "SUPPORTED", "denied-digits": "REFUTED"}


@framework
def test_a_test_that_cannot_be_judged_says_so_in_a_line_and_leaves_no_evidence(tiny):
    ran = tiny().replace("epochs=2", "epochs=2, learning_rate=1e30").run("-k", "held")
    assert (ran.status, ran.outcomes, ran.rows) == (UNJUDGED, {"failed": 1, "deselected": 4}, ())
    (line,) = re.findall("^loss: expected a finite number.*$", ran.output, re.MULTILINE)
    assert "smaller learning_rate" in line
    assert not re.search(r"Traceback|\.py:\d", ran.output)
    assert not (ran.folder / "results").exists()


@framework
def test_a_replication_has_seeds_and_a_folder_of_its_own(plain):
    example, first = plain
    before = document(first)
    mixed = example.run("-k", "held", "--study-seed-root=fresh", "--study-cache=unused")
    assert mixed.status == pytest.ExitCode.USAGE_ERROR
    (error,) = mixed.errors
    assert error.startswith(f"ERROR: --study-seed-root: expected '{DRAFTS}', ")
    assert error.endswith("--study-results, received 'fresh'.")
    assert not (example.home / "unused").exists()  # before anything was trained
    again = example.run("-k", "held", "--study-seed-root=fresh", "--study-results=again")
    assert again.outcomes["passed"] == 1
    assert document(again) == before
    stores = [Store(example.home / name) for name in ("again", "results/local")]
    assert [row.seed_root for row in stores[0].rows()] == ["fresh"]
    values = [{o.low for o in store.observations() if o.parameters["row"] == "held"} for store in stores]
    assert not values[0] & values[1]


@framework
def test_folders_are_those_of_the_place_of_invocation_and_may_hold_blanks(tiny, plain, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "a b").mkdir()
    example = tiny(folder=tmp_path / "here")
    # Pytest takes the folder for one of tests, and with it moves its root.
    ran = example.run(FILE, "-k", "held", "--study-cache", str(tmp_path / "a b"), "--rootdir", str(tmp_path))
    assert ran.verdicts == {"held-digits": "SUPPORTED"}, ran.output
    assert not (tmp_path / "results").exists()
    assert list((tmp_path / "a b").glob("*/*/weights.safetensors"))
    unnamed = example.run(FILE, "-k", "held", "--study-cache=.study-cache", "--study-plan")
    assert "together 2 blocks" in unnamed.output


# With xdist.


@framework
def test_workers_give_the_same_evidence(tiny, plain):
    pytest.importorskip("xdist")
    ran = tiny().run("-n", "2")
    assert ran.outcomes == OUTCOMES, ran.output
    assert "tiny (digits, quick, " in ran.output
    assert document(ran) == document(plain[1])
    assert (manifest(ran).trained, manifest(ran).recalled) == (0, 80)


@framework
def test_a_worker_hands_on_what_is_wrong_and_what_is_planned(tiny, plain):
    pytest.importorskip("xdist")
    wrong = tiny().replace('value("rate")', 'value("rates")').run("-n", "1")
    assert wrong.status == pytest.ExitCode.USAGE_ERROR
    assert wrong.errors == [
        f"ERROR: {FILE}::test_tiny[digits-held]: measures: expected one of 'rate', received 'rates'."
    ]
    planned = tiny().run("-n", "1", "--study-plan")
    assert planned.status == 0
    assert planned.output.count("in the cache: 2 blocks whole") == 1


# Plans.


@framework
def test_a_plan_lists_what_would_be_trained_and_trains_nothing(tiny, tmp_path):
    ran = tiny().run("--study-plan", cache=tmp_path / "empty")
    assert (ran.status, ran.outcomes, ran.rows) == (0, {}, ())
    heading, line = re.findall("^(?:program|digits, D = 2).*$", ran.output, re.MULTILINE)
    for name in ("blocks", "VAEs", "parameters", "FLOP", "memory, each", "time, one worker"):
        assert name in heading
    parameters = 64 * 4 + 4 + 20 + 12 + 64 * 5
    assert re.search(rf" 2 +16 +{parameters} +\S+ +\S+ MiB +\d+ seconds", line)
    assert "together 2 blocks, 16 VAEs" in ran.output
    assert "4 values to measure" in ran.output  # of both blocks the rate and the marginal KL
    assert not (tmp_path / "empty").exists()
    assert not (ran.folder / "results").exists()


# What is refused when it is collected.


RATE, LINE = 'vae.value("rate"))', "    lab.observe"
WRONG = {
    "measure": (RATE, 'vae.value("ratee"))', "measures: expected one of 'rate', received 'ratee'."),
    "axis": (
        RATE, 'lab.run(context.along("latent_dims")).fall("rate"))',
        "axis: expected one of 'latent_dim', received 'latent_dims'.",
    ),
    "sampler": (
        RATE, 'vae.value("coverage", sampler="priour"))', "samplers: expected one of 'prior', received 'priour'.",
    ),
    "look": (
        LINE, "    if bracket > 0:\n        lab.observe",
        "marginal_kl(…) has no value yet: observe it, or use .where(marginal_kl, at_least=2)",
    ),
    "skip": (
        LINE, '    pytest.skip("later")\n    lab.observe',
        "Skipped: later; a body neither skips nor fails, mark its test instead",
    ),
    "error": (LINE, '    raise RuntimeError("two\\nlines")\n    lab.observe', "RuntimeError: two lines"),
    "fixture": (
        "lab, row, context", "lab, row, context, tmp_path",
        "expected the lab, its parameters and what @given draws, received \"the fixture 'tmp_path'\".",
    ),
    "row": (
        '("row", ROWS)', '("row", ["held", "new"])',
        "expected a row that CLAIM.parameters declares: "
        "{'row': ['held', 'denied', 'open', 'free', 'wrong']}, received {'row': 'new'}.",
    ),
}  # fmt: skip


@framework
@pytest.mark.parametrize(("old", "new", "error"), WRONG.values(), ids=list(WRONG))
def test_what_is_wrong_with_a_body_is_one_line_at_collection(tiny, old, new, error, tmp_path):
    ran = tiny().replace(old, new).run(cache=tmp_path / "empty")
    assert not list((tmp_path / "empty").rglob("*.safetensors"))  # nothing was trained
    assert ran.status == pytest.ExitCode.USAGE_ERROR
    (line,) = ran.errors
    assert re.fullmatch(rf"ERROR: {FILE}::test_tiny\[digits-\w+\]: {re.escape(error)}", line)
    assert "Traceback" not in ran.output
    assert not (tmp_path / "empty").exists()


@framework
def test_two_tests_of_one_row_and_two_claims_of_one_id_are_refused(tiny):
    first = f"{FILE}::test_tiny[digits-held]"
    (twice,) = tiny(end="\n\ntest_twice = test_tiny\n").run().errors
    assert twice.endswith(
        f"test_twice[digits-held]: expected a row of its own; {first} is the same row, received {{'row': 'held'}}."
    )
    (text,) = tiny().files.values()
    for selected in ((), ("-k", "test_z")):  # of whichever tests are run
        ran = tiny(files={"claims/test_z.py": text}).run(*selected)
        said = "claims/test_z.py: id: expected an id of its own; that of test_tiny.py is the same, received 'tiny'."
        assert said in ran.output
        assert (ran.status, "Traceback" in ran.output) == (pytest.ExitCode.INTERRUPTED, False)


@framework
def test_collecting_only_checks_names_too(tiny, plain):
    misspelt = tiny().replace('value("rate")', 'value("rates")').run("--collect-only", "-q")
    assert misspelt.status == pytest.ExitCode.USAGE_ERROR
    assert "expected one of 'rate', received 'rates'." in misspelt.errors[0]
    right = tiny(end="\n\ndef test_of_another_kind():\n    pass\n").run("--collect-only", "-q")
    assert (right.status, right.output.count(f"{FILE}::test_"), right.rows) == (0, 6, ())


@framework
@pytest.mark.parametrize("mark", ["skip", "skipif(True, reason='debt')"])
def test_what_is_marked_skip_is_not_collected(tiny, mark):
    ran = tiny().replace("    vae = ", "    1 / 0\n    vae = ").replace("@given", f"@pytest.mark.{mark}\n@given").run()
    assert (ran.status, ran.outcomes) == (0, {"skipped": 5})


@framework
@pytest.mark.parametrize(
    ("arguments", "environment", "message"),
    [
        (["--study-scale=huge"], {}, r".*--study-scale: invalid choice: 'huge' \(choose from .*"),
        *(
            ([f"--study-replicas={n}"], {}, f"ERROR: --study-replicas: expected an integer from 2 .*, received '{n}'.")
            for n in ("0", "-1", "1", "many")
        ),
        ([], {"KERAS_BACKEND": "theano"}, "ERROR: KERAS_BACKEND: expected one of 'tensorflow', .*, received 'theano'."),
        *(
            (
                [f"--study-{kind}={FILE}/below"],
                {},
                f"ERROR: --study-{kind}: expected a folder that can be written to, .*",
            )
            for kind in ("results", "cache")
        ),
        (["--study-scale=standard"], {"STUDY_DATA": "nowhere"}, "ERROR: .*mnist.*nowhere.*"),
    ],
)
def test_what_cannot_work_is_one_error_before_anything_is_trained(tiny, arguments, environment, message):
    example = tiny()
    before = files(example.home)
    ran = example.run(*arguments, environment=environment)
    assert ran.status == pytest.ExitCode.USAGE_ERROR
    (error,) = [line for line in ran.output.splitlines() if re.search(r"error: |ERROR: (?!usage)", line)]
    assert re.fullmatch(message, error)
    assert "Traceback" not in ran.output
    assert files(example.home) == before


# Runs without claims.


def test_options_are_under_one_heading():
    lines = Example({}).run("--help").output.splitlines()
    start = lines.index("claims about variational autoencoders:")
    section = lines[start + 1 : lines.index("", start)]
    options = [line.split()[0].split("=")[0] for line in section if line.startswith("  --")]
    assert options == [f"--study-{name}" for name in OPTIONS]
    assert sum(line.strip().startswith("--study-") for line in lines) == len(OPTIONS)


def test_other_peoples_tests_are_left_alone():
    """A fixture of theirs may be called lab, and a constant CLAIM; there is no fixture of ours, and one marker."""
    theirs = """
import pytest

CLAIM = "ours"


@pytest.fixture
def lab():
    return 1


def test_plain(lab):
    assert lab == 1
"""
    example = Example({"test_plain.py": theirs, "conftest.py": LISTS_MODULES})
    ran = example.run("--study-results=/dev/null/nowhere", "--study-plan", apart=True)
    assert (ran.status, ran.outcomes) == (0, {"passed": 1})
    modules = (ran.folder / "modules.txt").read_text().split()
    assert {name for name in modules if name.partition(".")[0] == "study"} == {"study", "study.plugin"}
    assert not set(modules) & {"numpy", "rich", "msgspec"}
    assert "study" not in example.run("--fixtures", "-q").output
    assert re.findall("^@pytest.mark.study.*?:", example.run("--markers").output, re.MULTILINE) == [
        "@pytest.mark.study_search:"
    ]
