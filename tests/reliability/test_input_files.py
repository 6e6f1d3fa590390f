"""Files of every content where the study reads one: what is in them, or one clear error."""

from __future__ import annotations

import copy
import gzip
import json

import numpy as np
import pytest
from faults import hostile
from faults.evidence import planted
from faults.inputs import Refused, answered, cases, check_clear, check_finite
from hypothesis import example, given
from hypothesis import strategies as st

from study.data.idx import read_idx
from study.errors import StudyError
from study.evidence import predictions, serialise
from study.evidence.judging import judge_again
from study.evidence.records import Evidence
from study.evidence.store import Store
from study.lab.store import Store as Cache


@pytest.fixture(scope="module", name="folder")
def folder_(tmp_path_factory):
    global FOLDER  # a property of Hypothesis takes no fixture
    FOLDER = tmp_path_factory.mktemp("files")


pytestmark = pytest.mark.usefixtures("folder")
header = st.binary(max_size=4) | st.integers(0, 255).map(lambda axes: bytes([0, 0, 8, axes]))
lengths = st.lists(st.integers(0, 2**32 - 1) | st.integers(0, 4), max_size=5).map(
    lambda sizes: b"".join(size.to_bytes(4, "big") for size in sizes)
)


@pytest.mark.fault("any bytes as an array of images", full=20, sample=1)
@cases
@given(parts=st.tuples(header, lengths, st.binary(max_size=30)), zipped=st.booleans(), cut=st.integers(0, 40))
@example(parts=(b"\0\0\x08\x03", b"\xff" * 12, b""), zipped=False, cut=0)  # 2^96 bytes were announced
@example(parts=(b"\0\0\x08\x64", b"\0\0\0\1" * 100, b"x"), zipped=True, cut=0)  # a hundred axes
@example(parts=(b"\0\0\x08\x01", b"\0\0\0\1", b"\0" * 10**7), zipped=True, cut=0)  # unpacks to more than it says
def test_an_array_of_images(parts, zipped, cut):
    content = b"".join(parts)
    path = FOLDER / ("any-idx3-ubyte" + ".gz" * zipped)
    packed = gzip.compress(content) if zipped else content
    path.write_bytes(packed[: len(packed) - cut] if cut < 20 else packed)
    found = answered(read_idx, path)
    if not isinstance(found, Refused):
        assert found.dtype == np.uint8
        assert found.tobytes() == content[len(content) - found.size :]


def places(value, path=()):
    """Return the path of every value within JSON."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, one in inner for place in places(one, (*path, key)))]


GOOD = json.loads(serialise.page(planted()))
PLACES = places(GOOD)[1:]


def altered(path, value):
    """Return good evidence with another value at a place."""
    found = copy.deepcopy(GOOD)
    inner = found
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return found


@pytest.mark.fault("any values in evidence", full=40, sample=1)
@cases
@given(content=st.builds(altered, st.sampled_from(PLACES), hostile.jsons))
@example(content=altered(("rows", 0, "threshold"), "nan"))
@example(content=altered(("rows", 0, "looks"), []))
@example(content=altered(("rows", 0, "verdict"), "PROVEN"))
@example(content=altered(("rows", 0, "claim"), "../../x"))
def test_evidence(content):
    path = FOLDER / "results" / "quick" / "jax" / "planted.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
    store = Store(FOLDER / "results")
    found = answered(lambda: list(store.evidence()))
    if isinstance(found, Refused):
        return
    serialise.parse(serialise.page(found[0]), Evidence)
    check_finite([row for one in found for row in one.rows])
    differences = answered(judge_again, store)
    if not isinstance(differences, Refused):
        assert all(str(one) for one in differences)


@pytest.mark.fault("any text as a record", full=10, sample=1)
@cases
@given(text=hostile.texts | hostile.jsons.map(json.dumps) | st.integers(1, 100_000).map(lambda n: "[" * n))
@example(text="[" * 100_000)
def test_a_record(text):
    assert isinstance(answered(serialise.parse, text, Evidence), Refused)


OVERTURNED = {
    "claim": "planted", "parameters": {"row": "a"}, "predicted": "SUPPORTED", "found": "REFUTED", "data": "digits",
    "scale": "quick", "backends": ["jax"], "seed_root": "x", "overturned": "2026-12-01",
}  # fmt: skip


@pytest.mark.fault("any text as overturned predictions", full=10, sample=1)
@cases
@given(
    content=st.text()
    | hostile.texts.map(lambda text: f"[[overturned]]\nclaim = {json.dumps(text)}\n")
    | st.builds(
        lambda name, value: (
            "[[overturned]]\n"
            + "".join(f"{key} = {json.dumps(one)}\n" for key, one in {**OVERTURNED, name: value}.items())
        ),
        st.sampled_from(list(OVERTURNED)),
        hostile.jsons,
    )
    | st.integers(1, 5_000).map(lambda n: "x = " + "[" * n)
)
def test_overturned_predictions(content):
    path = FOLDER / predictions.NAME
    path.write_bytes(content.encode("utf-8", "surrogatepass"))
    answered(predictions.read, FOLDER)


@pytest.mark.fault("any bytes in a cache", full=10, sample=1)
@cases
@given(content=st.binary(max_size=60) | hostile.jsons.map(lambda value: json.dumps(value).encode()))
@example(content=b"[" * 100_000)
@example(content=(2**63).to_bytes(8, "little") + b"{}")
def test_a_cache(content):
    path = FOLDER / "any"
    path.write_bytes(content)
    store = Cache(FOLDER)
    assert store._values(path, "") is None
    assert store._arrays(path, "") is None
    assert store.damaged


def test_the_planted_evidence_is_good():
    """Else every case would be refused for nothing."""
    path = FOLDER / "good" / "quick" / "jax" / "planted.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(GOOD), encoding="utf-8")
    assert judge_again(Store(FOLDER / "good")) == []
    with pytest.raises(StudyError) as error:
        serialise.parse("[]", Evidence)
    check_clear(error.value)
