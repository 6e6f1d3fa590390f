"""How long blocks took: what is noted, and what is estimated from it."""

from __future__ import annotations

import pytest

from study.lab.cache import Block
from study.lab.cost import flop
from study.lab.times import ASSUMED, RECENT, Times, note
from study.lab.work import Receipt
from study.vae.config import VAEConfig

SMALL, LARGE = VAEConfig(latent_dim=2), VAEConfig(latent_dim=2, encoder_width=64)
WORK = flop(SMALL, 1437)


def test_without_notes_the_rate_is_assumed(tmp_path):
    times = Times.read(tmp_path, "jax")
    assert not times.noted
    assert not times.knows(SMALL)
    assert times.seconds(SMALL, 5 * ASSUMED) == pytest.approx(5)


def test_a_program_is_known_by_its_blocks_and_others_by_the_rate(tmp_path):
    for seconds in (2.0, 4.0):
        note(tmp_path, "jax", Receipt(Block(SMALL), True, seconds))
    times = Times.read(tmp_path, "jax")
    assert times.knows(SMALL.replace(kl_weight=0.5))  # an input of the same program
    assert times.seconds(SMALL, WORK) == pytest.approx(3)
    assert not times.knows(LARGE)
    assert times.rate == pytest.approx(2 * WORK / 6)
    assert times.seconds(LARGE, 10 * WORK) == pytest.approx(30)
    assert not Times.read(tmp_path, "torch").noted  # backends differ


def test_the_newest_notes_count_and_damaged_ones_do_not(tmp_path):
    for seconds in [100.0] * 3 + [1.0] * RECENT:
        note(tmp_path, "jax", Receipt(Block(SMALL), True, seconds))
    assert Times.read(tmp_path, "jax").seconds(SMALL, WORK) == pytest.approx(1)
    (path,) = (tmp_path / "times" / "jax").iterdir()
    path.write_text(path.read_text() + '{"seconds": 7\n{"flop": 1}\n[]\n')
    assert Times.read(tmp_path, "jax").seconds(SMALL, WORK) == pytest.approx(1)


def test_what_cannot_be_noted_spoils_nothing(tmp_path):
    (tmp_path / "times").touch()
    note(tmp_path, "jax", Receipt(Block(SMALL), True, 1.0))
    assert not Times.read(tmp_path, "jax").noted
