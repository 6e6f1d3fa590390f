"""Looks and what is read at them: blocks, devices, live subjects."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.design.contexts import Context
from study.lab.artefacts import Setting
from study.lab.lab import Own
from study.lab.reading import FRESH_BLOCK, Look, Reader
from study.lab.store import Store
from study.vae.config import BLOCK

SETTING = Setting("jax")
SMALL = Context((("latent_dim", 1),))


def value(lab, what=SMALL, name="rate"):
    return lab.run(what).value(name)


@given(replicas=st.integers(1, 40), fresh=st.booleans())
def test_a_look_asks_for_its_replicas_and_fresh_ones_have_never_been_looked_at(replicas, fresh):
    own = Own(SMALL.config("digits", "quick"))
    look = Look(replicas, frozenset(["latent_dim=1"]) if fresh else frozenset())
    assert look.count == (16 if fresh else replicas)
    found = [replica for block in look.blocks(own, SETTING) for replica in block.replicas]
    first = FRESH_BLOCK * BLOCK if fresh else 0
    assert found[: look.count] == list(range(first, first + look.count))
    assert len(found) - look.count < BLOCK
    assert fresh or max(found) < FRESH_BLOCK * BLOCK


def test_what_vanishes_while_it_is_read_is_said(tmp_path, lab):
    with pytest.raises(FileNotFoundError, match="vanished while it was being read"):
        value(lab).evaluate(Reader(Store(tmp_path), SETTING).at(Look()))


def test_devices_are_those_of_what_was_read(lab, world):
    reader = world()
    value(lab).evaluate(reader.at(Look(16)))
    assert reader.devices == {"planted"}


def test_draws_of_a_subject_are_those_of_the_seed_root(lab, somebody, tmp_path):
    named, readers = value(lab, somebody(), "marginal_kl"), []
    for root in ("one", "one", "two"):
        reader = Reader(Store(tmp_path), Setting("jax", seed_root=root))
        readers.append(tuple(named.evaluate(reader.at(Look())).low))
    assert readers[0] == readers[1] != readers[2]
