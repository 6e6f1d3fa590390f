"""Training of blocks: held decoders come first, and are recalled; replicas that diverged are told."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace

import numpy as np
import pytest
from filelock import FileLock

from study.lab import training as module
from study.lab import work as working
from study.lab.artefacts import Block, Setting
from study.lab.store import Store
from study.lab.work import Done, Task, Unit, agreement, work
from study.measures.registry import Measure
from study.vae.config import VAEConfig

pytestmark = pytest.mark.framework

CONFIG = VAEConfig(latent_dim=2, encoder_width=4, decoder_width=4, epochs=2)
RATE, ELBO = Measure("rate"), Measure("elbo")


@pytest.fixture(scope="module")
def setting():
    from study.runtime.backends import selected

    return Setting(selected())


@pytest.fixture(scope="module")
def block(setting):
    return Block(CONFIG, 0, setting)


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    monkeypatch.setattr(os, "environ", os.environ.copy())


def do(root, *tasks, run="first", **changes):
    unit = Unit(tasks, str(root), agreement(tasks), run)
    return work(replace(unit, **changes), here=True)


@pytest.fixture(scope="module")
def worked(block, tmp_path_factory):
    """A store in which the block was worked, and what came of it."""
    root = tmp_path_factory.mktemp("cache")
    (done,) = do(root, Task(block, (RATE, ELBO)))
    return root, done


@pytest.fixture
def root(worked, tmp_path):
    """A copy of that store, to be damaged."""
    return shutil.copytree(worked[0], tmp_path / "cache")


def held_by(block, **changes):
    return Block(block.config.replace(encoder_width=2, decoder_trained_with=4, **changes), block.index, block.setting)


def test_what_holds_a_decoder_recalls_it_and_moves_none_of_it(root, block, monkeypatch):
    """The base is trained once, whoever asks for it; and held weights are, to the bit, the trained ones."""
    import study.vae.training.loop as training

    trained, train = [], training.train_blocks
    monkeypatch.setattr(
        training,
        "train_blocks",
        lambda configs, *rest, **more: trained.extend(configs) or train(configs, *rest, **more),
    )
    held = held_by(block)
    assert held.base == block
    assert do(root, Task(held, (RATE,)), run="second") == [Done(held, trained=True)]
    assert trained == [held.config]
    found, given = Store(root).weights(held), Store(root).weights(block)
    same = {path for path in found if found[path].tobytes() == given[path].tobytes()}
    assert same == {"decoder_0/kernel", "decoder_0/bias", "output/kernel", "output/bias"}
    assert do(root, Task(held, (RATE,)), run="third") == [Done(held)]
    assert trained == [held.config]


def test_what_holds_a_decoder_has_it_trained_first_where_nobody_did(worked, block, setting, tmp_path):
    held = held_by(block)
    do(tmp_path, Task(held), Task(block))
    for path, weight in Store(worked[0]).weights(block).items():
        assert Store(tmp_path).weights(block)[path].tobytes() == weight.tobytes()
    assert Store(tmp_path).status(held).finite.all()


def test_what_holds_a_decoder_that_another_process_trains_comes_last(block, setting, tmp_path, monkeypatch):
    free, held, order = Block(CONFIG, 1, setting), held_by(block), []
    folder = Store(tmp_path).folder(block)
    folder.mkdir(parents=True)
    lock = FileLock(folder / "lock")
    ensure = module.ensure

    def ensured(store, blocks, run, *, wait):
        if blocks == [free]:
            lock.release()
        ensure(store, blocks, run, wait=wait)
        order.append(blocks[0])

    monkeypatch.setattr(module, "ensure", ensured)  # by which the base is trained
    monkeypatch.setattr(working, "ensure", ensured)
    with lock:
        do(tmp_path, Task(held), Task(free))
    assert order == [free, block, held]


@pytest.fixture
def poisoned(monkeypatch):
    """Make a replica's first weights NaN, so that it diverges at once."""
    import study.vae.training.loop as training

    draw = training.initial_weights

    def plant(replica, width=4):
        def poison(config, replicas, root):
            weights = draw(config, replicas, root)
            if config.encoder_width == width:
                weights["posterior/bias"][replica] = np.nan
            return weights

        monkeypatch.setattr(training, "initial_weights", poison)

    return plant


def test_a_replica_that_diverged_is_told_and_a_sibling_is_measured_in_its_place(worked, block, tmp_path, poisoned):
    poisoned(3)
    (done,) = do(tmp_path, Task(block, (RATE, ELBO)))
    assert (done.error, done.unmeasured) == (None, ())
    store, usual = Store(tmp_path), Store(worked[0])
    assert store.status(block).finite.tolist() == [True] * 3 + [False] + [True] * 4
    found, expected = store.values(block, RATE).low, usual.values(block, RATE).low
    np.testing.assert_array_equal(np.delete(found, 3), np.delete(expected, 3))
    assert found[3] == found[0]
    training = json.loads((store.folder(block) / "training.json").read_text())["values"]
    assert training["rate"][0][3] is None


def test_a_replica_whose_decoder_diverged_counts_as_diverged(block, tmp_path, poisoned):
    poisoned(3)
    held = held_by(block)
    (done,) = do(tmp_path, Task(held, (RATE,)))
    assert (done.error, done.unmeasured) == (None, ())
    assert Store(tmp_path).status(held).finite.tolist() == [True] * 3 + [False] + [True] * 4
