"""Training: the same for a replica alone, for the same seeds, and for a sweep; honest about where it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from study.errors import InvalidValue, TrainingDiverged
from study.vae.config import VAEConfig
from study.vae.initial import initial_weights
from study.vae.training import loop as training
from study.vae.training.loop import Training, train, train_blocks
from study.vae.training.program import Chunk, Trace
from study.vae.training.randomness import chunks

Images = NDArray[np.float32]


def assert_same(together: Training, position: int, alone: Training) -> None:
    """Weights to 1e-5 after 20 steps, and the traces that led there."""
    for path, weight in alone.weights.items():
        np.testing.assert_allclose(together.weights[path][position], weight[0], rtol=0, atol=1e-5, err_msg=path)
    np.testing.assert_allclose(together.negative_elbo[:, position], alone.negative_elbo[:, 0], rtol=1e-5)
    np.testing.assert_allclose(together.rate[:, position], alone.rate[:, 0], atol=1e-5)


def test_a_replica_is_the_same_alone_and_among_siblings(small: VAEConfig, images: Images) -> None:
    together, alone = train(small, images, (6, 1, 3)), train(small, images, (3,))
    assert_same(together, 2, alone)
    with pytest.raises(AssertionError, match="kernel"):
        assert_same(together, 1, alone)


def test_a_sweep_of_kl_weights_is_its_separate_runs(small: VAEConfig, images: Images) -> None:
    weights = (0.0, 1.0, 50.0)
    sweep = train(small.replace(kl_weight=weights), images, (0, 0, 0))
    for i, weight in enumerate(weights):
        assert_same(sweep, i, train(small.replace(kl_weight=weight), images, (0,)))
    assert sweep.rate[0, 2] < 0.8 * sweep.rate[0, 0]


def test_blocks_together_are_what_each_is_alone(small: VAEConfig, images: Images) -> None:
    configs, blocks = (
        [small, small.replace(kl_weight=4.0), small.replace(kl_weight=(2.0, 8.0))],
        [(0, 1), (1, 0), (9, 3)],
    )
    for config, block, found in zip(configs, blocks, train_blocks(configs, images, blocks), strict=True):
        alone = train(config, images, block)
        assert (found.epochs, found.device) == (alone.epochs, alone.device)
        for path, weight in alone.weights.items():
            np.testing.assert_allclose(found.weights[path], weight, rtol=0, atol=1e-5, err_msg=path)
        np.testing.assert_allclose(found.negative_elbo, alone.negative_elbo, rtol=1e-5)
    with pytest.raises(InvalidValue, match="configs: expected configs that differ in kl_weight only"):
        train_blocks([small, small.replace(tolerance=1.0)], images, [(0,), (0,)])


def test_randomness_drawn_ahead_is_the_same(small: VAEConfig, images: Images) -> None:
    ahead = training._ahead(chunks(small, images, (0, 1), threads=3))
    for one, other in zip(islice(ahead, 3), islice(chunks(small, images, (0, 1)), 3), strict=True):
        assert np.array_equal(one.order, other.order)
        assert np.array_equal(one.noise, other.noise)


def test_equal_seeds_give_equal_bytes(small: VAEConfig, images: Images) -> None:
    """With the program used again, and with a new one: nothing of the last training is left in it."""
    runs = [train(small, images, (0, 1, 2)), train(small, images, (0, 1, 2))]
    training._program.cache_clear()
    runs.append(train(small, images, (0, 1, 2)))
    for run in runs[1:]:
        assert all(run.weights[path].tobytes() == weight.tobytes() for path, weight in runs[0].weights.items())
        assert run.negative_elbo.tobytes() == runs[0].negative_elbo.tobytes()
        assert run.rate.tobytes() == runs[0].rate.tobytes()


def test_a_non_finite_loss_names_config_step_and_replica(small: VAEConfig, images: Images) -> None:
    """One image overflows: the step and the replica that see it first are known from their order."""
    config, replicas = small.replace(likelihood="gaussian"), (4, 2, 9)
    broken = images.copy()
    broken[37, 5] = 1e30  # finite, its square is not
    order = next(chunks(config, broken, replicas)).order
    step, position = np.argwhere((order == 37).any(axis=-1))[0]
    with pytest.raises(TrainingDiverged, match=r"^loss: expected a finite number") as caught:
        train(config, broken, replicas)
    assert f"at step {step} after epoch 0, replica {replicas[position]}, config {config.canonical}." in str(
        caught.value
    )


@pytest.mark.parametrize("likelihood", ["continuous_bernoulli", "gaussian_learned"])
def test_constant_pixels_train_to_a_bounded_density(small: VAEConfig, images: Images, likelihood: str) -> None:
    """Trap: a black pixel's density may not run away; nor may the gradient of a squashed logit or a floored scale."""
    config = small.replace(likelihood=likelihood, gaussian_scale=0.2, learning_rate=0.1, max_epochs=60, tolerance=1e-9)
    trained = train(config, np.zeros_like(images), (0,))
    bound = 64 * (np.log(12) if likelihood == "continuous_bernoulli" else -np.log(0.2 * np.sqrt(2 * np.pi)))
    assert trained.negative_elbo[0] > trained.negative_elbo[-1] > -bound - 1e-3
    assert trained.negative_elbo[-1] < -0.5 * bound


def test_an_easy_case_converges_and_a_cut_one_has_not(small: VAEConfig, images: Images) -> None:
    """Black images: the optimum is an ELBO and a rate of 0 nats, and is told from a start some 40 nats above."""
    black, ended = np.zeros_like(images), []
    easy = small.replace(max_epochs=2000)
    trained = train(easy, black, (0, 1, 2), on_window=ended.append)
    assert trained.converged.all()
    assert trained.epochs < 2000
    assert ended == list(range(5, trained.epochs + 1, 5))
    assert trained.negative_elbo.shape == trained.rate.shape == (len(ended), 3)
    assert (trained.negative_elbo[-1] < 1).all()
    assert (trained.rate[-1] < 0.5).all()
    for epochs in (5, 10):
        cut = train(easy.replace(max_epochs=epochs), black, (0, 1, 2))
        assert cut.epochs == epochs
        assert not cut.converged.any()


@dataclass
class Planted:
    """A program that reports planted window means, with a spread about them that the means do not see."""

    negative_elbo: NDArray[np.float64]
    rate: NDArray[np.float64]
    window: int = 0
    device: str = "planted"
    loaded: dict[str, Any] = field(default_factory=dict)
    placed: int = 0
    seen: list[Any] = field(default_factory=list)

    def load(self, weights: dict[str, Any], kl_weights: tuple[float, ...]) -> None:
        self.loaded = weights

    def place(self, images: Images) -> Images:
        self.placed += 1
        return images.copy()

    def run(self, chunk: Chunk) -> Trace:
        self.seen.append(chunk.images)
        spread = np.where(np.arange(len(chunk.order)) % 2, 7.0, -7.0)[:, None]
        elbo, rate = (np.float32(a[self.window] + spread) for a in (self.negative_elbo, self.rate))
        self.window += 1
        return Trace(elbo, rate)

    def weights(self) -> dict[str, Any]:
        return self.loaded


STILL, DRIFT = np.zeros(12), 0.15 * np.arange(12)
SETTLES = np.minimum(np.arange(12), 4.0)  # the fifth and sixth windows are the first that agree


@pytest.mark.parametrize(
    ("negative_elbo", "rate", "change", "windows", "converged"),
    [
        ([STILL, STILL], [STILL, STILL], {}, 2, [True, True]),
        ([STILL, STILL], [STILL, STILL], {"max_epochs": 5}, 1, [False, False]),
        ([DRIFT, STILL], [STILL, STILL], {}, 12, [False, True]),
        ([-DRIFT, STILL], [STILL, STILL], {}, 12, [False, True]),
        ([STILL, STILL], [STILL, DRIFT], {}, 12, [True, False]),
        ([DRIFT, DRIFT], [DRIFT, DRIFT], {"tolerance": 0.2}, 2, [True, True]),
        ([STILL, SETTLES], [SETTLES, STILL], {}, 6, [True, True]),
        ([STILL, SETTLES], [STILL, STILL], {"max_epochs": 20}, 4, [True, False]),
        ([STILL, STILL], [STILL, STILL], {"kl_warmup_epochs": 11}, 5, [True, True]),  # both windows after it
    ],
)
def test_convergence_is_told_from_window_means(
    small: VAEConfig,
    images: Images,
    monkeypatch: pytest.MonkeyPatch,
    negative_elbo: list[Any],
    rate: list[Any],
    change: dict[str, Any],
    windows: int,
    converged: list[bool],
) -> None:
    planted = Planted(np.transpose(negative_elbo) + 80, np.transpose(rate) + 9)
    monkeypatch.setattr(training, "_program", lambda config, replicas: planted)
    trained = train(small.replace(**{"max_epochs": 60} | change), images, (0, 1))
    assert trained.epochs == 5 * windows
    assert trained.converged.tolist() == converged
    np.testing.assert_allclose(trained.negative_elbo, planted.negative_elbo[:windows], atol=1e-5)
    np.testing.assert_allclose(trained.rate, planted.rate[:windows], atol=1e-5)


def test_a_block_keeps_the_window_in_which_it_converged(
    small: VAEConfig, images: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second block settles four windows after the first, and the third never does."""
    planted = Planted(np.transpose([STILL, SETTLES, DRIFT]) + 80, np.transpose([STILL] * 3) + 9)
    monkeypatch.setattr(Planted, "weights", lambda self: {"window": np.full((3, 1), self.window)})
    monkeypatch.setattr(training, "_program", lambda config, replicas: planted)
    found = train_blocks([small.replace(max_epochs=40)] * 3, images, [(0,), (1,), (2,)])
    assert [t.epochs for t in found] == [10, 30, 40]
    assert [t.weights["window"].item() for t in found] == [2, 6, 8]
    assert [t.converged.tolist() for t in found] == [[True], [True], [False]]
    assert [t.negative_elbo.shape for t in found] == [(2, 1), (6, 1), (8, 1)]
    np.testing.assert_allclose(found[1].negative_elbo[:, 0], planted.negative_elbo[:6, 1], atol=1e-5)


@pytest.mark.parametrize("pixels", ["binarised", "redrawn"])
@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_images_that_stay_the_same_are_put_on_the_device_once(
    small: VAEConfig, images: Images, monkeypatch: pytest.MonkeyPatch, pixels: str, device: str
) -> None:
    planted = Planted(np.transpose([DRIFT]) + 80, np.transpose([STILL]) + 9, device=device)
    monkeypatch.setattr(training, "_program", lambda config, replicas: planted)
    train(small.replace(pixels=pixels, window_epochs=1, max_epochs=3), images, (0,))
    assert planted.placed == (pixels == "binarised")
    assert len(planted.seen) == 3
    assert len({id(seen) for seen in planted.seen}) == (1 if pixels == "binarised" else 3)


def test_images_on_the_device_train_to_the_same_weights(small: VAEConfig, images: Images) -> None:
    config = small.replace(max_epochs=5)
    program = training._program(config.program(), 2)
    weights = []
    for seen in (images, program.place(images)):
        program.load(initial_weights(config, (0, 1)), (1.0, 1.0))
        program.run(next(chunks(config, seen, (0, 1))))
        weights.append(program.weights())
    for path, value in weights[0].items():
        np.testing.assert_array_equal(value, weights[1][path], err_msg=path)


def test_a_window_of_several_chunks_is_one_window(
    small: VAEConfig, images: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redrawn pixels come an epoch at a time: the step named is counted through the window all the same."""
    planted = Planted(np.array([[1.0], [2], [3], [np.inf], [5]]), np.ones((5, 1)))
    monkeypatch.setattr(training, "_program", lambda config, replicas: planted)
    with pytest.raises(TrainingDiverged, match="received inf at step 12 after epoch 0, replica 7"):
        train(small.replace(pixels="redrawn"), images, (7,))
    planted.window, planted.negative_elbo[3] = 0, 4
    assert train(small.replace(pixels="redrawn"), images, (7,)).negative_elbo.tolist() == [[3.0]]
    assert len(list(islice(chunks(small, images, (7,)), 3))) == 3


def test_what_cannot_be_trained_is_refused(small: VAEConfig, images: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidValue, match=r"^images: expected finite pixels"):
        train(small, np.where(images > 0, np.nan, images), (0,))
    with pytest.raises(InvalidValue, match=r"^images: expected images of shape \(n, 64\)"):
        train(small, images[:, :63], (0,))
    with pytest.raises(InvalidValue, match=r"^kl_weight: expected one number, or 3 numbers .*received \(1.0, 2.0\)"):
        train(small.replace(kl_weight=(1, 2)), images, (0, 1, 2))
    with pytest.raises(InvalidValue, match=r"^replicas: expected at least one replica, received"):
        train(small, images, ())
    monkeypatch.setattr(keras.backend, "backend", lambda: "numpy")
    with pytest.raises(InvalidValue, match=r"^KERAS_BACKEND: expected one of 'jax', 'tensorflow', 'torch'"):
        train(small.replace(latent_dim=3), images, (0,))
