"""Overturned predictions are read, typed and named where they are wrong; history says nothing of today's rows."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from study.errors import EvidenceError
from study.evidence import predictions

ENTRY = """
[[overturned]]
claim = "pull"
parameters = { axis = "width" }
predicted = "SUPPORTED"
dated = 2026-11-01
found = "REFUTED"
overturned = 2026-11-22
data = "digits"
scale = "quick"
backends = ["jax", "torch"]
seed_root = "first"
"""
CLAIM = SimpleNamespace(id="pull", parameters={"axis": ("width", 2)}, search=None)


@pytest.fixture
def read(tmp_path):
    def make(text):
        (tmp_path / "predictions.toml").write_text(text)
        return predictions.read(tmp_path)

    return make


def test_an_entry_is_read_and_says_what_was_overturned(read, tmp_path):
    assert predictions.read(tmp_path) == ()
    found = read(ENTRY)
    (one,) = found
    assert str(one) == "SUPPORTED, overturned on 2026-11-22 (digits, quick, jax, torch, seed root first)"
    predictions.check(found, CLAIM)
    assert predictions.of_row(found, "pull", {"axis": "width"}, "digits") == (one,)
    for other in (("push", {"axis": "width"}, "digits"), ("pull", {"axis": "2"}, "digits"), ("pull", {}, "mnist")):
        assert predictions.of_row(found, *other) == ()


def test_an_empty_file_is_refused_and_one_without_entries_is_not(read):
    with pytest.raises(EvidenceError, match=r"predictions\.toml: expected TOML, received an error: it is empty"):
        read("\n")
    assert read("# none yet") == ()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"SUPPORTED"', '"PROVEN"', r"predictions.toml: pull: expected .*PROVEN"),
        ("2026-11-22", '"lately"', "predictions.toml: pull: expected .*date"),
        ("found =", "fuond =", "predictions.toml: pull: expected .*fuond"),
        ('seed_root = "first"', "", "predictions.toml: pull: expected .*seed_root"),
        ("[[overturned]]", "[[overturned", "predictions.toml: expected TOML"),
        ("[[overturned]]", "[[overtuned]]", "predictions.toml: expected only .*overtuned"),
    ],
)
def test_what_is_wrong_is_named_with_its_claim(read, old, new, message):
    with pytest.raises(EvidenceError, match=message):
        read(ENTRY.replace(old, new))


def test_a_row_that_its_claim_does_not_declare_is_refused_unless_it_is_history(read):
    for wrong in ('{ axis = "depth" }', "{}", '{ form = "every VAE" }'):
        found = read(ENTRY.replace('{ axis = "width" }', wrong))
        with pytest.raises(EvidenceError, match=r"predictions.toml: pull: expected a row of the claim, received"):
            predictions.check(found, CLAIM)
        predictions.check(read(ENTRY.replace('{ axis = "width" }', wrong) + 'rule = "an earlier one"'), CLAIM)
    predictions.check(read(ENTRY.replace('{ axis = "width" }', '{ axis = "2" }')), CLAIM)
    searched = SimpleNamespace(**vars(CLAIM) | {"search": object()})
    predictions.check(read(ENTRY.replace('{ axis = "width" }', '{ form = "every VAE" }')), searched)
    assert predictions.of_row(read(ENTRY + 'rule = "an earlier one"'), "pull", {"axis": "width"}, "digits") == ()
