"""One unit of work: a block is trained once, measured once, and recalled ever after."""

from __future__ import annotations

import os
import pickle
import re
import shutil
import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import safetensors.numpy
from filelock import FileLock

from study.data.loading import load
from study.data.treatment import pixels
from study.errors import InvalidValue, StudyError, TrainingDiverged
from study.lab import work as module
from study.lab.artefacts import Block, Change, Setting
from study.lab.store import Store
from study.lab.subjects.trained import TrainedBlock
from study.lab.work import Done, Task, Unit, agreement, work
from study.measures.registry import Measure
from study.vae.config import VAEConfig

pytestmark = pytest.mark.framework

CONFIG = VAEConfig(latent_dim=2, encoder_width=4, decoder_width=4, epochs=2)
RATE, ELBO, UNITS = (Measure.of(name) for name in ("rate", "elbo", "active_units"))


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


def files(root, block):
    """Return what the files of a block hold; in those of arrays the order of what is said about them is random."""
    found = {}
    for path in Store(root).folder(block).iterdir():
        if path.suffix == ".safetensors":
            found[path.name] = {name: array.tobytes() for name, array in safetensors.numpy.load_file(path).items()}
        elif path.name not in ("lock", "training.json"):  # which says how long it took
            found[path.name] = path.read_bytes()
    return found


def test_everything_is_in_the_store(worked, block):
    root, done = worked
    store = Store(root)
    assert done == Done(block, trained=True)
    status = store.status(block)
    assert (status.epochs, status.finite.tolist(), status.run) == (2, [True] * 8, "first")
    assert status.device
    assert [store.values(block, m).low.shape for m in (RATE, ELBO)] == [(8,), (8,)]
    assert store.values(block, UNITS) is None


def test_a_second_time_it_is_recalled_to_the_byte(root, block, monkeypatch):
    before = files(root, block)
    monkeypatch.setattr("study.vae.training.loop.train_blocks", None)
    monkeypatch.setattr(TrainedBlock, "model", None)
    assert do(root, Task(block, (RATE, ELBO)), run="second") == [Done(block, trained=False)]
    # After a death, the same run knows that it was it who trained.
    assert do(root, Task(block, (RATE, ELBO)), run="first") == [Done(block, trained=True)]
    assert files(root, block) == before


def test_posteriors_are_enough_for_what_needs_no_model(root, block, monkeypatch):
    next(Store(root).folder(block).glob("rate-*")).unlink()
    monkeypatch.setattr(TrainedBlock, "model", None)
    assert do(root, Task(block, (RATE,)), run="second") == [Done(block)]
    assert Store(root).values(block, RATE) is not None


@pytest.mark.parametrize("kind", ["weights", "posterior", "rate", "training"])
def test_what_is_damaged_is_named_and_made_again_alike(root, block, kind):
    before = files(root, block)
    (path,) = Store(root).folder(block).glob(f"{kind}*")
    path.write_bytes(path.read_bytes()[:-20])
    if kind == "posterior":  # read only where a value is missing
        next(Store(root).folder(block).glob("rate-*")).unlink()
    (done,) = do(root, Task(block, (RATE,)), run="second")
    assert done.damaged == (str(path),)
    assert done.trained == (kind in ("weights", "training"))
    assert files(root, block) == before


def test_a_diverging_block_leaves_the_others_of_its_unit(setting, block, tmp_path):
    wild = Block(CONFIG.replace(learning_rate=1e30), 0, setting)
    first, second = do(tmp_path, Task(wild, (RATE,)), Task(block, (RATE,)))
    assert isinstance(first.error, TrainingDiverged)
    assert (second.error, second.trained) == (None, True)
    assert Store(tmp_path).status(wild) is None


def test_a_measure_that_fails_leaves_the_others(root, block, monkeypatch):
    from study.measures.registry import Computation

    value = Computation.value

    def broken(self, measure):
        if measure == UNITS:
            raise ZeroDivisionError("planted")
        return value(self, measure)

    monkeypatch.setattr(Computation, "value", broken)
    other = Measure.of("kl_percentile", percentile=5.0)
    (done,) = do(root, Task(block, (UNITS, other)))
    assert done.error is None
    ((measure, error),) = done.unmeasured
    assert (measure, str(error)) == (UNITS, "planted")
    assert Store(root).values(block, other) is not None


def test_an_error_that_cannot_travel_becomes_its_text(block):
    class Local(Exception):
        """Of a class that no other process finds."""

    done = Done(block, error=Local("planted"), unmeasured=((RATE, InvalidValue("a", 1, "b")),))
    found = pickle.loads(pickle.dumps(module._portable(done)))
    assert type(found.error) is StudyError
    assert str(found.error) == "Local: planted"
    assert type(found.unmeasured[0][1]) is InvalidValue


def test_a_block_that_another_process_is_at_comes_last(block, setting, tmp_path, monkeypatch):
    free = Block(CONFIG, 1, setting)
    done = []
    folder = Store(tmp_path).folder(block)
    folder.mkdir(parents=True)
    lock = FileLock(folder / "lock")

    def train_nothing(store, blocks, run, *, wait):
        done.append(blocks[0])
        lock.release()

    monkeypatch.setattr(module, "ensure", train_nothing)
    with lock:
        do(tmp_path, Task(block), Task(free))
    assert done == [free, block]


def test_another_block_holds_other_replicas(root, block, setting):
    other = Block(CONFIG, 1, setting)
    do(root, Task(other, (RATE,)))
    one, two = (Store(root).posteriors(b)[1].mean[:, 0] for b in (block, other))
    assert not np.intersect1d(one, two).size


def test_what_measures_see_is_the_trained_model(worked, block):
    store = Store(worked[0])
    trained = TrainedBlock(CONFIG, store.weights(block))
    train, heldout = store.posteriors(block)
    found = trained.posterior(pixels(load("digits").heldout_x, "binarised", "digits heldout"))
    np.testing.assert_allclose(heldout.mean, found.mean, atol=1e-6)
    np.testing.assert_allclose(heldout.log_var, found.log_var, atol=1e-6)
    assert (train.replicas, train.samples, train.latent) == (8, 1437, 2)
    np.testing.assert_allclose(store.values(block, RATE).low, train.kl().mean(1), rtol=1e-12)


def test_an_intervention_is_measured_on_the_block_as_it_was_trained(root, block, monkeypatch):
    monkeypatch.setattr("study.vae.training.loop.train_blocks", None)
    doubled = replace(block, changes=(Change("rescaled_latents", (("factor", 2.0),)),))
    do(root, Task(doubled, (RATE,)))
    means = [Store(root).posteriors(b)[0].mean for b in (block, doubled)]
    np.testing.assert_allclose(means[1], 2 * means[0], rtol=1e-4, atol=1e-6)


def test_redrawn_pixels_are_trained_from_grey_values_and_measured_on_one_draw(root, setting, monkeypatch):
    import study.vae.training.loop as training

    seen, train = [], training.train_blocks
    monkeypatch.setattr(
        training, "train_blocks", lambda configs, x, *rest, **more: seen.append(x) or train(configs, x, *rest, **more)
    )
    redrawn = Block(CONFIG.replace(pixels="redrawn"), 0, setting)
    do(root, Task(redrawn, (RATE,)))
    assert len(np.unique(seen[0])) > 2  # grey: drawn afresh by the training loop
    x = pixels(load("digits").heldout_x, "redrawn", "digits heldout")
    found = TrainedBlock(redrawn.config, Store(root).weights(redrawn)).posterior(x)
    np.testing.assert_allclose(Store(root).posteriors(redrawn)[1].mean, found.mean, atol=1e-6)


def test_blocks_trained_as_one_program_are_kept_as_if_alone(worked, block, setting, tmp_path, monkeypatch):
    """As on an accelerator: three blocks that differ in replicas and KL weight; other shapes and seeds stay alone."""
    import study.vae.training.grouping as grouping
    import study.vae.training.loop as training

    monkeypatch.setattr(grouping, "blocks_together", lambda config, replicas: 2)
    calls, together = [], training.train_blocks
    monkeypatch.setattr(
        training,
        "train_blocks",
        lambda configs, *rest, **more: calls.append(len(configs)) or together(configs, *rest, **more),
    )
    alike = [block, Block(CONFIG, 1, setting), Block(CONFIG.replace(kl_weight=2.0), 0, setting)]
    others = [
        Block(CONFIG.replace(encoder_width=5), 0, setting),
        replace(block, setting=replace(setting, seed_root="x")),
    ]
    done = do(tmp_path, *(Task(one, (RATE,)) for one in (*alike, *others)))
    assert [one.trained for one in done] == [True] * 5
    assert sorted(calls) == [1, 1, 1, 2]
    assert not np.intersect1d(*(Store(tmp_path).posteriors(one)[0].mean[:, 0] for one in (block, others[1]))).size
    again, alone = (Store(root).weights(block) for root in (tmp_path, worked[0]))
    for path, weight in alone.items():
        np.testing.assert_allclose(again[path], weight, rtol=0, atol=1e-4, err_msg=path)


# Who may work.


@pytest.fixture
def unit(worked, block):
    tasks = (Task(block, (RATE,)),)
    return Unit(tasks, str(worked[0]), agreement(tasks))


@pytest.mark.parametrize("index", range(4))
def test_a_worker_that_differs_refuses_by_name_and_does_nothing(unit, index, monkeypatch):
    monkeypatch.setattr(module, "_tasks", lambda unit: pytest.fail("it worked"))
    agreed = list(unit.agreed)
    name, found = agreed[index]
    agreed[index] = (name, "other")
    error = work(replace(unit, agreed=tuple(agreed)), here=True)
    assert isinstance(error, InvalidValue)
    expected = f"this process: expected {name} other, as where the run was started, received '{name} {found}'."
    assert str(error) == expected


def test_agreement_covers_measures_data_and_settings(block, setting):
    base = agreement([Task(block, (RATE,))])
    tasks = [
        Task(block, (ELBO,)),
        Task(Block(CONFIG, 1, setting), (RATE,)),
        Task(replace(block, setting=replace(setting, seed_root="other")), (RATE,)),
        Task(replace(block, setting=replace(setting, precision="tf32")), (RATE,)),
        Task(Block(CONFIG.replace(images=500), 0, setting), (RATE,)),
    ]
    assert len({base, *(agreement([task]) for task in tasks)}) == 6


def test_a_worker_refuses_another_backend_or_precision_than_its_first(unit, block, setting, monkeypatch):
    other = next(name for name in ("jax", "torch", "tensorflow") if name != setting.backend)
    elsewhere = Task(replace(block, setting=replace(setting, backend=other)))
    error = work(replace(unit, tasks=(elsewhere,)), here=True)
    assert f"this process: expected backend '{other}'; a process keeps its first one" in str(error)
    exact = Task(replace(block, setting=replace(setting, precision="tf32")))
    error = work(replace(unit, tasks=(exact,)), here=True)
    assert "this process: expected precision 'tf32'; a process keeps its first one" in str(error)


def test_a_worker_that_has_imported_a_framework_on_many_threads_is_refused(unit, monkeypatch):
    pytest.importorskip("distributed")
    os.environ["OMP_NUM_THREADS"] = "2"
    error = work(unit)
    assert "worker on " in str(error)
    assert re.search(r"received 'one that has imported (tensorflow|jax|torch) already'", str(error))
    for name, value in module.ONE_THREAD.items():
        os.environ[name] = value
    assert isinstance(work(unit), list)


def test_a_worker_without_the_same_cache_folder_is_refused(unit, tmp_path):
    error = work(replace(unit, probe="probe-1"), here=True)
    assert f"expected the cache folder {unit.store}, shared by all workers, received 'no probe-1 there'" in str(error)


def test_a_worker_without_the_data_or_a_measure_is_refused(unit, block, tmp_path):
    nowhere = Task(
        replace(
            block, config=CONFIG.replace(data="mnist", images=500), setting=replace(block.setting, data=str(tmp_path))
        )
    )
    error = work(replace(unit, tasks=(nowhere,)), here=True)
    assert "this process: expected what the run was started with, received" in str(error)
    assert "mnist" in str(error)
    unknown = Task(block, (Measure("misspelt"),))
    error = work(replace(unit, tasks=(unknown,)), here=True)
    assert "misspelt" in str(error)
    assert "keras" in sys.modules


def test_a_measure_that_is_no_number_names_vae_and_measure(root, block, monkeypatch):
    def refused(measure):
        raise InvalidValue(str(measure), "non-finite values in replica 3", "finite numbers")

    monkeypatch.setattr(module, "computation", lambda *_: SimpleNamespace(value=refused))
    next(Store(root).folder(block).glob("rate-*")).unlink()
    (done,) = do(root, Task(block, (RATE,)))
    ((measure, error),) = done.unmeasured
    assert measure == RATE
    expected = f"rate, of the VAE {block.config.canonical}: expected finite numbers, received 'non-finite values in rep"
    assert str(error).startswith(expected)
