"""Damaged files: those of the cache are named and made again, evidence is refused; none is recalled as if whole."""

from __future__ import annotations

from functools import partial

import pytest
from faults.damage import CACHE, DAMAGES, EVIDENCE, check_made_again, check_refused, damaged

from study.seeds import generator

pytestmark = pytest.mark.framework
ROOT = "reliability"


def drawn(name, kinds, trial):
    """Return a kind of file, a damage, and what draws the rest; so many trials as there are pairs take all of them."""
    kind, how = trial % len(kinds), trial // len(kinds) % len(DAMAGES)
    return tuple(kinds)[kind], DAMAGES[how], generator(name, trial, root=ROOT)


@pytest.mark.fault("damage of a file of the cache", full=300, sample=5)
def test_a_damaged_file_of_the_cache_is_named_and_made_again(warm, tmp_path, trial, record_property):
    kind, how, rng = drawn("cache", CACHE, trial)
    harmless = check_made_again(warm, tmp_path, kind, partial(damaged, how, rng))
    record_property("moment", f"{kind.rstrip('*')}, {how}{harmless}")


@pytest.mark.fault("damage of a file of evidence", full=200, sample=4)
def test_damaged_evidence_is_refused_and_left_as_it_is(warm, tmp_path, trial, record_property):
    name, how, rng = drawn("evidence", EVIDENCE, trial)
    harmless = check_refused(warm, tmp_path, name, partial(damaged, how, rng))
    record_property("moment", f"{name.partition('.')[0]}, {how}{harmless}")
