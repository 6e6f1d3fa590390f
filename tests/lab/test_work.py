"""One unit of work: a block is trained once, measured once, and recalled ever after."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from filelock import FileLock, Timeout

from study.data.loading import load
from study.data.treatment import pixels
from study.lab import work
from study.lab.cache import MEASURING_CODE, POSTERIOR_CODE, TRAINING_CODE, Block
from study.lab.work import Bench, Trained
from study.vae.config import VAEConfig

pytestmark = pytest.mark.framework

CONFIG = VAEConfig(latent_dim=2, encoder_width=4, decoder_width=4, max_epochs=2, window_epochs=1, tolerance=1e3)
BLOCK = Block(CONFIG)


@pytest.fixture(scope="module")
def worked(tmp_path_factory):
    """A bench on which the block was worked, and the receipt."""
    import keras

    bench = Bench(tmp_path_factory.mktemp("cache"), keras.backend.backend())
    assert bench.missing([BLOCK], ["latent"]) == [BLOCK]
    (receipt,) = bench.work([BLOCK], ["latent", "bound"])
    return bench, receipt


@pytest.fixture
def bench(worked, tmp_path):
    """A copy of that bench, to be damaged."""
    shutil.copytree(worked[0].cache, tmp_path / "cache")
    return Bench(tmp_path / "cache", worked[0].backend)


def files(bench):
    return {path.name: path.read_bytes() for path in bench.shelf(BLOCK).folder.iterdir() if path.name != "lock"}


def test_everything_is_in_the_cache(worked):
    bench, receipt = worked
    assert (receipt.block, receipt.trained) == (BLOCK, True)
    assert bench.missing([BLOCK], ["latent", "bound"]) == []
    assert bench.missing([BLOCK, Block(CONFIG, 1)], ["latent"]) == [Block(CONFIG, 1)]
    assert bench.missing([BLOCK], ["structure"]) == [BLOCK]
    status = bench.status(BLOCK)
    assert (status.epochs, status.converged.tolist()) == (2, [True] * 8)
    assert status.device
    about = bench.shelf(BLOCK).values("training", TRAINING_CODE)
    assert np.shape(about["negative_elbo"]) == np.shape(about["rate"]) == (2, 8)


def test_a_second_time_it_is_recalled_to_the_byte(bench, monkeypatch):
    before = files(bench)
    monkeypatch.setattr("study.vae.training.loop.train_blocks", None)
    assert not bench.work_one(BLOCK, ["latent", "bound"]).trained
    assert files(bench) == before


@pytest.mark.parametrize("kind", ["weights", "posterior", "latent", "training"])
def test_what_is_damaged_is_made_again_alike(bench, kind):
    before = files(bench)
    (path,) = bench.shelf(BLOCK).folder.glob(f"{kind}-*")
    path.write_bytes(path.read_bytes()[:50])
    if kind == "posterior":  # needed only where a panel is missing
        next(bench.shelf(BLOCK).folder.glob("latent-*")).unlink()
    receipt = bench.work_one(BLOCK, ["latent"])
    assert receipt.trained == (kind in ("weights", "training"))
    assert files(bench) == before


def test_a_model_is_made_only_when_needed(bench, monkeypatch):
    next(bench.shelf(BLOCK).folder.glob("latent-*")).unlink()
    monkeypatch.setattr(Trained, "model", None)  # posteriors are enough
    assert not bench.work_one(BLOCK, ["latent"]).trained


def test_a_block_that_another_process_is_at_comes_last(bench, monkeypatch):
    busy, free = BLOCK, Block(CONFIG, 1)
    done = []
    lock = FileLock(bench.shelf(busy).folder / "lock")

    def train_nothing(blocks):
        done.append(blocks[0].block)
        lock.release()
        return []

    monkeypatch.setattr(work, "ensure", train_nothing)
    with lock:
        with pytest.raises(Timeout):
            bench.work_one(busy, [], wait=False)
        bench.work([busy, free], [])
    assert done == [free, busy]


def test_what_the_panels_see_is_the_trained_model(worked):
    bench, _ = worked
    trained = Trained(BLOCK, bench.shelf(BLOCK))
    train, heldout = bench.posteriors(BLOCK)
    data = load("digits")
    x = pixels(data.heldout_x, "binarised", "digits heldout")
    mean, log_var = trained.encode(x)
    np.testing.assert_allclose(heldout.mean, mean, atol=1e-6)
    np.testing.assert_allclose(heldout.log_var, log_var, atol=1e-6)
    assert (train.replicas, train.samples, train.latent) == (8, 1437, 2)
    images = trained.decode(heldout.mean[:, :5])
    assert images.shape == (8, 5, 64)
    assert ((images >= 0) & (images <= 1)).all()


def test_log_weights_are_those_of_the_elbo(worked):
    """Mean log weight + rate = mean log p(x|z): the decoder's, computed here from its image means."""
    bench, _ = worked
    trained = Trained(BLOCK, bench.shelf(BLOCK))
    heldout = trained.measured.heldout
    seeds = list(range(8))
    weights = trained.log_weights(seeds, 2)
    z = heldout.draw(seeds, 2 * heldout.samples)
    x = np.tile(pixels(load("digits").heldout_x, "binarised", "digits heldout"), (2, 1))
    p = np.clip(trained.decode(z), 1e-7, 1 - 1e-7)
    likelihood = (x * np.log(p) + (1 - x) * np.log1p(-p)).sum(-1)
    own = heldout.own_log_density(z).sum(-1)
    prior = -0.5 * (z**2 + np.log(2 * np.pi)).sum(-1)
    expected = (likelihood + prior - own).reshape(8, 2, -1).swapaxes(1, 2)
    np.testing.assert_allclose(weights, expected, atol=1e-3)


def test_codes_of_training_and_measuring_are_kept_apart():
    assert set(TRAINING_CODE) < set(POSTERIOR_CODE) < set(MEASURING_CODE)


def test_another_block_holds_other_replicas(bench):
    bench.work([Block(CONFIG, 1)], ["latent"])
    one, other = (bench.posteriors(Block(CONFIG, i))[1].mean for i in (0, 1))
    assert np.abs(one - other).min() < np.abs(one - other).max()
    assert not np.intersect1d(one, other).size


def test_redrawn_pixels_are_trained_from_grey_values_and_measured_on_one_draw(bench, monkeypatch):
    import study.vae.training.loop

    seen = []
    train = study.vae.training.loop.train_blocks
    monkeypatch.setattr(
        study.vae.training.loop, "train_blocks", lambda configs, x, r: seen.append(x) or train(configs, x, r)
    )
    redrawn = Block(CONFIG.replace(pixels="redrawn"))
    bench.work([redrawn], ["latent"])
    assert len(np.unique(seen[0])) > 2  # grey: drawn afresh by the training loop
    x = pixels(load("digits").heldout_x, "redrawn", "digits heldout")
    assert set(np.unique(x)) == {0, 1}
    mean, _ = Trained(redrawn, bench.shelf(redrawn)).encode(x)
    np.testing.assert_allclose(bench.posteriors(redrawn)[1].mean, mean, atol=1e-6)


def test_blocks_trained_as_one_program_are_kept_as_if_alone(worked, tmp_path, monkeypatch):
    """As on an accelerator: three blocks that differ in replicas and KL weight; one of another shape stays alone."""
    import study.vae.training.loop as training

    monkeypatch.setattr(training, "blocks_together", lambda config, replicas: 2)
    calls, together = [], training.train_blocks
    monkeypatch.setattr(
        training, "train_blocks", lambda configs, *rest: calls.append(len(configs)) or together(configs, *rest)
    )
    bench = Bench(tmp_path, worked[0].backend)
    alike = [BLOCK, Block(CONFIG, 1), Block(CONFIG.replace(kl_weight=2.0))]
    blocks = [*alike, Block(CONFIG.replace(encoder_width=5))]
    receipts = list(bench.receipts(blocks, ["latent"]))
    assert {r.block for r in receipts if r.trained} == set(blocks)
    assert len(receipts) == 4
    assert sorted(calls) == [1, 1, 2]
    assert not [r for r in bench.receipts(blocks, ["latent"]) if r.trained]
    again, alone = (b.shelf(BLOCK).arrays("weights", TRAINING_CODE)[0] for b in (bench, worked[0]))
    for path, weight in alone.items():
        np.testing.assert_allclose(again[path], weight, rtol=0, atol=1e-4, err_msg=path)
