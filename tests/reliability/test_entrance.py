"""Nobody gets in: no code in any file that is read, no path out of its folder, no text that is obeyed, no open port."""

from __future__ import annotations

import io
import json
import os
import pickle
import re
import shutil
import sys
import zipfile
from dataclasses import replace
from functools import partial
from itertools import product

import numpy as np
import pytest
from click.testing import CliRunner
from faults import hostile
from faults.evidence import TERMS, written
from faults.inputs import Unclear, cases, check_clear, check_printable
from hypothesis import given
from hypothesis import strategies as st

from study import Claim, Estimand
from study.cli.main import main
from study.data.idx import read_idx
from study.design.contexts import LISTED
from study.errors import EvidenceError, InvalidValue, StudyError
from study.evidence import history, predictions, serialise
from study.evidence.counterexample import Counterexample
from study.evidence.manifest import Manifest
from study.evidence.records import Evidence
from study.evidence.store import Store
from study.lab.store import Store as Cache
from study.report import page, terminal

WORDS = [text for text in hostile.TEXTS if text.strip() and "\ud800" not in text and len(text) < 1_000]


class Bomb:
    """Unpickled, it leaves a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (os.mkdir, (str(self.path),))


def archive(content):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as files:
        for name, text in content.items():
            files.writestr(name, text)
    return made.getvalue()


def npz(bomb):
    made = io.BytesIO()
    np.savez(made, images=np.array([bomb], object))
    return made.getvalue()


CARRIERS = {
    "pickle": pickle.dumps,
    "npz of objects": npz,
    "archive": lambda bomb: archive({"data.pkl": pickle.dumps(bomb)}),
    "safetensors that is a pickle": lambda bomb: len(pickle.dumps(bomb)).to_bytes(8, "little") + pickle.dumps(bomb),
    "tags": lambda bomb: (
        f'{{"py/object/apply": "os.mkdir", "x": "!!python/object/apply:os.mkdir [{bomb.path}]"}}'.encode()
    ),
}
READERS = {
    "weights, posteriors": lambda path: Cache(path.parent)._arrays(path, ""),
    "values": lambda path: Cache(path.parent)._values(path, ""),
    "evidence": lambda path: serialise.read(path, Evidence),
    "manifest": lambda path: serialise.read(path, Manifest),
    "counterexample": lambda path: serialise.read(path, Counterexample),
    "predictions": lambda path: predictions.read(path.parent),
    "history": lambda path: history.read(path.parent),
    "images": read_idx,
}
NAMES = {"predictions": "predictions.toml", "history": "history/index.json"}


PATHS = ["../../../x", "/tmp/x", "..", "x/../../../y", "a\0b", "..\\..\\x"]
PLANTED = list(product(READERS, CARRIERS))


@pytest.mark.fault("code planted in a file", full=len(PLANTED), sample=len(PLANTED))
def test_no_file_that_is_read_runs_code(tmp_path, trial):
    reader, carrier = PLANTED[trial]
    left = tmp_path / "left"
    path = tmp_path / NAMES.get(reader, "planted")
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(CARRIERS[carrier](Bomb(left)))
    try:
        assert not READERS[reader](path if reader != "history" else path.parent)
    except StudyError as error:
        check_clear(error)
    assert not left.exists()


def test_the_planted_pickle_would_run(tmp_path):
    """Else its refusal would mean nothing."""
    pickle.loads(pickle.dumps(Bomb(tmp_path / "left")))
    assert (tmp_path / "left").exists()


@pytest.mark.framework
@pytest.mark.parametrize("carrier", CARRIERS)
def test_no_saved_model_runs_code(tmp_path, carrier):
    from study import load_vae

    left = tmp_path / "left"
    path = tmp_path / "planted.keras"
    path.write_bytes(CARRIERS[carrier](Bomb(left)))
    with pytest.raises(InvalidValue, match=r"^path: expected a \.keras file"):
        load_vae(path)
    assert not left.exists()


@pytest.mark.framework
def test_a_saved_model_with_code_in_a_layer_is_refused(tmp_path):
    import keras

    from study import load_vae

    keras.Sequential([keras.Input((2,)), keras.layers.Lambda(lambda x: x + 1)]).save(tmp_path / "code.keras")
    with pytest.raises(InvalidValue, match=r"^path: expected a \.keras file"):
        load_vae(tmp_path / "code.keras")


def altered(root, **fields):
    """Write evidence whose first row was altered by hand."""
    (path,) = written(root).root.rglob("planted.json")
    found = json.loads(path.read_text())
    del found["sha256"]  # as in files from before there were digests
    for row in found["rows"]:
        row |= fields
    path.write_text(json.dumps(found))
    return Store(root)


def outside(folder, own):
    """Return what lies in a folder beside a folder of its own."""
    return [path for path in folder.rglob("*") if path != own and own not in path.parents]


@pytest.mark.fault("a place elsewhere, named in evidence", full=3 * len(PATHS), sample=3 * len(PATHS))
def test_a_row_cannot_name_a_place_elsewhere(tmp_path, trial):
    field, name = list(product(["claim", "scale", "backend"], PATHS))[trial]
    store = altered(tmp_path / "a" / "b" / "results", **{field: name})
    with pytest.raises(StudyError) as error:
        store.write_counterexamples()
    check_clear(error.value)
    assert not outside(tmp_path / "a" / "b", store.root)


@pytest.mark.parametrize("name", PATHS)
def test_parameters_and_data_stay_in_their_folder(tmp_path, name):
    store = written(tmp_path / "a" / "b" / "results", words=name)
    for path in store.root.rglob("counterexamples/*/*.json"):
        path.unlink()
    (path,) = store.write_counterexamples()
    assert path.parent == store.root / "quick" / "jax" / "counterexamples" / "planted"
    assert path.exists()
    assert not outside(tmp_path / "a" / "b", store.root)


@pytest.mark.parametrize("name", [name for name in PATHS if "\\" not in name or sys.platform == "win32"])
def test_history_stays_in_its_folder(tmp_path, name):
    store = altered(tmp_path / "a" / "b" / "results", seed_root=name)
    with pytest.raises(EvidenceError, match="seed root that names no folder"):
        history.move(store.root, ["planted"], rule="counting", reason="x", moved="2026-12-01")
    assert not outside(tmp_path / "a" / "b", store.root)


@pytest.mark.parametrize("name", [*PATHS, "", ".x", "a b", "x" * 300])
def test_a_claim_cannot_be_recorded_elsewhere(tmp_path, name):
    claim = Claim(
        id=name, statement="", source="", chapter="", parameters={}, estimand=lambda: Estimand(0.0, "nats"),
        design=LISTED,
    )  # fmt: skip
    store = Store(tmp_path / "a" / "b" / "results")
    with pytest.raises(InvalidValue, match=r"^claim: expected letters"):
        store.check_writable("quick", "jax", [claim.id])
    assert not outside(tmp_path, tmp_path / "a")


def check_page(text, *, markdown):
    """Look through a page for what a reader's browser or terminal would obey.

    Raises:
        Unclear: It holds such a thing.
    """
    check_printable(text.replace("\u00a0", " "))
    # Tags and attributes that nobody but a template writes; what is within code is text.
    outside = re.sub(r"```.*?```|(?<!\\)`[^`\n]*`", "", text, flags=re.DOTALL) if markdown else text
    tags = ["<script>alert", "</script><img", "<img src=x"]
    if markdown:  # of which a table of HTML is none, up to a blank line
        if any("\n\n" in table for table in re.findall(r"<table.*?</table>", text, re.DOTALL)):
            raise Unclear("a table with a blank line")
        outside = re.sub(r"\\(.)", r"\1\0", outside)
        links = re.sub(r"<table.*?</table>", "", outside, flags=re.DOTALL)
        if "](javascript:" in links:
            raise Unclear("a link came out as one")
    if found := [tag for tag in tags if tag in outside]:
        raise Unclear(f"{found} came out as they are")


@pytest.fixture(scope="module", name="folder", autouse=True)
def folder_(tmp_path_factory):
    global FOLDER  # a property of Hypothesis takes no fixture
    FOLDER = tmp_path_factory.mktemp("pages")


@pytest.mark.fault("hostile words in evidence, shown", full=20, sample=1)
@partial(cases, count=10)
@given(word=st.sampled_from(WORDS) | st.text(min_size=1, max_size=20).filter(str.strip))
def test_hostile_words_come_out_escaped(word):
    terms = replace(
        TERMS, data=word, unit=word, seed_root=f"s{word}", device=word, precision=word,
        contexts=tuple(f"{context}, data={word}" for context in TERMS.contexts),
    )  # fmt: skip
    shutil.rmtree(FOLDER / "results", ignore_errors=True)
    store = written(FOLDER / "results", terms, word, ("most", "every"))
    content = page.gather(store, [], None, None)
    check_page(page.readme(content), markdown=True)
    check_page(page.claim_markdown(content, "planted"), markdown=True)
    lines = page.claim_markdown(content, "planted").splitlines()
    columns = {len(re.findall(r"(?<!\\)\|", line)) for line in lines if line.startswith("| ")}
    assert len(columns) == 1, [line for line in lines if line.startswith("| ")]
    told = terminal.verdicts(content.rows, content.claims, 100, color=False, contexts=True, folder=store.root)
    check_printable(told)
    for row in content.rows:
        check_printable(terminal.explained(content.claims["planted"], row, "pytest"))
    for command in (["verdicts"], ["verdicts", "--json"], ["judge"], ["verdicts", "--history"]):
        check_printable(CliRunner().invoke(main, [*command, "--results", str(store.root)]).output)


def test_hostile_words_come_out_escaped_on_the_page(tmp_path):
    pytest.importorskip("vl_convert")
    from study.report import html
    from study.report.charts.gallery import figures, svg

    store = written(tmp_path / "results", replace(TERMS, data="".join(WORDS)), "".join(WORDS), ("most", "every"))
    drawn = figures(store)
    content = page.gather(store, drawn, None, None)
    whole = html.render(content)
    own = whole.replace(html.libraries(), "")
    check_page(own.replace("\t", " "), markdown=False)
    assert drawn
    for figure in drawn:
        check_page(svg(figure.spec), markdown=False)


def test_an_unescaped_word_is_found():
    """The plants: what an unescaped page and an unescaped terminal would hold."""
    with pytest.raises(Unclear, match="script"):
        check_page("| <script>alert(1)</script> |", markdown=True)
    with pytest.raises(Unclear, match="raw"):
        check_printable("\x1b[31mred")
    with pytest.raises(Unclear, match="raw"):
        check_page("\u202eabc", markdown=False)


@pytest.mark.fault("hostile names in errors", full=10, sample=1)
@cases
@given(word=hostile.texts)
def test_hostile_names_in_errors_come_out_escaped(word):
    for error in (
        InvalidValue(f"claim {word}", word, f"no {word}"),
        EvidenceError(f"{word}: expected a file"),
    ):
        check_printable(str(error))
    if re.search("[\0\ud800-\udfff]", word):  # which no argument of a command can hold
        return
    found = CliRunner().invoke(main, ["verdicts", "--results", f"{FOLDER}/{word}"])
    assert found.exit_code in (0, 1, 2)
    assert found.exception is None or isinstance(found.exception, SystemExit)
    check_printable(found.output)


@pytest.mark.framework
def test_workers_listen_on_loopback():
    pytest.importorskip("distributed")
    import psutil

    from study.lab.artefacts import Setting
    from study.lab.cluster import local

    workers = local(Setting("jax"), 1)
    try:
        info = workers.client.scheduler_info()
        addresses = [info["address"], *info["workers"], *(one["nanny"] for one in info["workers"].values())]
        assert len(addresses) == 3
        assert all(address.startswith("tcp://127.0.0.1:") for address in addresses), addresses
        own = psutil.Process()
        listening = {
            connection.laddr.ip
            for process in (own, *own.children(recursive=True))
            for connection in process.net_connections("inet")
            if connection.status == psutil.CONN_LISTEN
        }
        assert listening == {"127.0.0.1"}
    finally:
        workers.close()
