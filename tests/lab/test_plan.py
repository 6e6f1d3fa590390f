"""The plan: what the store lacks, program by program, and what it takes."""

from __future__ import annotations

import numpy as np
import pytest

from study.lab.artefacts import Block, Setting
from study.lab.plan import ASSUMED, plan
from study.lab.run import Engine
from study.lab.store import Store
from study.measures.registry import Measure
from study.measures.tools.bracket import Bracket
from study.vae.config import BLOCK, VAEConfig
from study.vae.training.cost import flop

SETTING = Setting("jax")
SMALL, LARGE = (VAEConfig(latent_dim=2, encoder_width=width) for width in (4, 256))
RATE, ELBO = Measure("rate"), Measure("elbo")
ONE, TWO, WEAK, BIG = (
    Block(config, index, SETTING)
    for config, index in ((SMALL, 0), (SMALL, 1), (SMALL.replace(kl_weight=0.5), 0), (LARGE, 0))
)
WANTED = {ONE: {RATE, ELBO}, TWO: {RATE}, BIG: {RATE}, WEAK: {RATE}}
IMAGES = 1437


@pytest.fixture
def engine(tmp_path):
    return Engine(Store(tmp_path), SETTING)


def train(engine, block, *measures, seconds=50.0):
    about = {"epochs": 3, "device": "cpu", "seconds": seconds, "finite": [True] * BLOCK}
    engine.store.publish_training(block, {"w": np.ones(1, np.float32)}, about)
    for measure in measures:
        engine.store.publish_value(block, measure, Bracket(*np.ones((2, BLOCK))))


def test_programs_are_those_of_the_blocks_the_costliest_first(engine):
    found = plan(engine, WANTED)
    large, small = found.programs
    assert (large.config, large.blocks, small.config, small.blocks) == (LARGE.program(), 1, SMALL.program(), 3)
    assert small.flop == pytest.approx(2 * flop(SMALL, IMAGES) + flop(WEAK.config, IMAGES))
    assert small.seconds == pytest.approx(small.flop / ASSUMED)
    assert found.assumed
    assert (found.blocks, found.values, found.known, found.later) == (4, 5, 0, 0)
    assert found.seconds == pytest.approx(large.seconds + small.seconds)


def test_what_the_store_has_is_left_out(engine):
    train(engine, ONE, RATE)
    train(engine, BIG, RATE)
    found = plan(engine, WANTED)
    (small,) = found.programs
    assert (small.blocks, small.measured, found.values, found.known) == (2, 1, 3, 1)
    assert not found.assumed
    assert found.rate == pytest.approx((flop(SMALL, IMAGES) + flop(LARGE, IMAGES)) / 100)


def test_nothing_is_left_to_do_where_all_is_known(engine):
    for block in WANTED:
        train(engine, block, RATE, ELBO)
    found = plan(engine, WANTED, [WANTED])
    assert (found.programs, found.values, found.known, found.later, found.seconds) == ((), 0, 4, 0, 0)
    assert found.table()[1] == []


def test_later_looks_count_what_only_they_would_train(engine):
    train(engine, ONE, RATE)
    later = {ONE: {RATE, ELBO}, TWO: {RATE}}
    assert plan(engine, {ONE: {RATE}}, [later]).later == pytest.approx(flop(SMALL, IMAGES))


def test_a_held_decoder_is_planned_too_unless_it_is_trained(engine):
    held = Block(SMALL.replace(encoder_width=2, decoder_trained_with=4), 0, SETTING)
    assert held.base == ONE
    found = plan(engine, {held: {RATE}})
    assert (found.blocks, found.values) == (2, 1)
    assert sum(program.flop for program in found.programs) == pytest.approx(
        flop(SMALL, IMAGES) + flop(held.config, IMAGES)
    )
    assert plan(engine, {held: {RATE}, ONE: {RATE}}).blocks == 2
    train(engine, ONE)
    assert plan(engine, {held: {RATE}}).blocks == 1
    train(engine, held)
    assert plan(engine, {held: {RATE}}).blocks == 0


def test_a_program_is_named_by_what_is_unusual_about_it(engine):
    config = SMALL.replace(likelihood="gaussian", pixels="grey", prior="uniform")
    ((name, *_),) = plan(engine, {Block(config, 0, SETTING): {RATE}}).table()[1]
    assert name.endswith("relu, grey, gaussian, uniform")


def test_a_plan_trains_nothing(engine):
    before = sorted(engine.store.root.rglob("*"))
    plan(engine, WANTED, [WANTED])
    assert sorted(engine.store.root.rglob("*")) == before
    assert (engine.pending, engine.trained) == (0, set())


def test_the_table_and_notes_say_it_in_words(engine):
    train(engine, ONE)
    found = plan(engine, WANTED, [{TWO: {RATE}}])
    headings, rows = found.table()
    assert headings[:3] == ("program", "blocks", "VAEs")
    assert [row[:3] for row in rows] == [
        ("digits, D = 2, encoder 1 × 256, decoder 1 × 32, relu, binarised", "1", "8"),
        ("digits, D = 2, encoder 1 × 4, decoder 1 × 32, relu, binarised", "2", "16"),
    ]
    assert all(row[5].endswith("iB") for row in rows)
    said = "\n".join(found.notes())
    for words in ("together 3 blocks, 24 VAEs", "5 values to measure", "0 blocks whole, 1 trained and only to be"):
        assert words in said
