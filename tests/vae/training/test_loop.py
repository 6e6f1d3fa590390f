"""Training: the same for a replica alone, for the same seeds, and for a sweep; honest about where it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from study.errors import InvalidValue, TrainingDiverged
from study.vae.config import VAEConfig
from study.vae.initial import decoder_paths, initial_weights
from study.vae.training import loop as training
from study.vae.training import randomness
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
    assert sweep.rate[-1, 2] < 0.1 * sweep.rate[-1, 0]


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
        train_blocks([small, small.replace(learning_rate=1.0)], images, [(0,), (0,)])


def test_randomness_drawn_ahead_is_the_same(small: VAEConfig, images: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(randomness, "EPOCHS_AT_ONCE", 1)
    ahead = list(training._ahead(chunks(small, images, (0, 1), threads=3)))
    assert len(ahead) == 5
    for one, other in zip(ahead, chunks(small, images, (0, 1)), strict=True):
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


def test_a_block_of_which_nothing_is_left_names_config_step_and_replica(small: VAEConfig, images: Images) -> None:
    """One image overflows: the step and the replica that see it last are known from their order."""
    config, replicas = small.replace(likelihood="gaussian"), (4, 2, 9)
    broken = images.copy()
    broken[37, 5] = 1e30  # finite, its square is not
    order = next(chunks(config, broken, replicas)).order
    firsts = [np.flatnonzero((order[:, i] == 37).any(axis=-1))[0] for i in range(3)]
    with pytest.raises(TrainingDiverged, match=r"^loss: expected a finite number in one replica at least") as caught:
        train(config, broken, replicas)
    step, replica = max(firsts), replicas[int(np.argmax(firsts))]
    assert f"at step {step} after epoch 0, replica {replica}, config {config.canonical}." in str(caught.value)


@pytest.mark.parametrize("path", ["decoder_0/kernel", "output/bias"])
def test_a_replica_that_diverges_is_left_out_and_its_siblings_go_on(
    small: VAEConfig, images: Images, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """What they become is, to the bit, what they become beside a replica that does not."""
    usual = train(small, images, (0, 1, 2))
    assert usual.finite.all()

    def poisoned(*args: Any) -> Any:
        weights = initial_weights(*args)
        weights[path][1] = np.nan
        return weights

    monkeypatch.setattr(training, "initial_weights", poisoned)
    found = train(small, images, (0, 1, 2))
    assert found.finite.tolist() == [True, False, True]
    for name, weight in usual.weights.items():
        assert found.weights[name][[0, 2]].tobytes() == weight[[0, 2]].tobytes(), name
    assert np.isnan(found.negative_elbo[:, 1]).all()
    assert np.array_equal(found.negative_elbo[:, [0, 2]], usual.negative_elbo[:, [0, 2]])
    assert np.array_equal(found.rate[:, [0, 2]], usual.rate[:, [0, 2]])


HELD = {"pixels": "redrawn", "encoder_width": 3, "decoder_trained_with": 8}


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian_learned"])
def test_a_held_decoder_does_not_move_and_its_encoder_does(small: VAEConfig, images: Images, likelihood: str) -> None:
    """To the bit, the likelihood's own variables too; and held and free configs share one program."""
    held = small.replace(**HELD, likelihood=likelihood)
    base = held.base()
    assert base == small.replace(pixels="redrawn", likelihood=likelihood)
    decoder = train(base, images, (0, 1)).weights
    found = train(held, images, (0, 1), decoder=decoder)
    start = initial_weights(held, (0, 1))
    for path, weight in found.weights.items():
        same = weight.tobytes() == (decoder if path in decoder_paths(held) else start)[path].tobytes()
        assert same == (path in decoder_paths(held)), path
    assert held.program() == held.replace(decoder_trained_with=None).program()
    assert ("pixel_scale" in decoder_paths(held)) == (likelihood == "gaussian_learned")
    # The same width has fresh seeds: another encoder on the same decoder.
    again = train(small.replace(**HELD | {"encoder_width": 8}, likelihood=likelihood), images, (0, 1), decoder=decoder)
    assert not np.allclose(again.weights["posterior/kernel"], decoder["posterior/kernel"], atol=0.01)
    # And a free training after a held one, by the same program, moves all.
    free = train(held.replace(decoder_trained_with=None), images, (0, 1))
    assert all(weight.tobytes() != start[path].tobytes() for path, weight in free.weights.items())


def test_blocks_with_held_decoders_are_what_each_is_alone(small: VAEConfig, images: Images) -> None:
    configs = [small.replace(**HELD), small.replace(**HELD, kl_weight=4.0)]
    decoders = [train(c.base(), images, (0, 1)).weights for c in configs]
    together = train_blocks(configs, images, [(0, 1), (0, 1)], decoders=decoders)
    for config, decoder, found in zip(configs, decoders, together, strict=True):
        alone = train(config, images, (0, 1), decoder=decoder)
        for path, weight in alone.weights.items():
            np.testing.assert_allclose(found.weights[path], weight, rtol=0, atol=1e-5, err_msg=path)


def test_a_decoder_that_does_not_fit_is_refused(small: VAEConfig, images: Images) -> None:
    held, decoder = small.replace(**HELD), initial_weights(small, (0, 1))
    with pytest.raises(InvalidValue, match=r"^decoder: expected trained weights of \{.*\}, received None"):
        train(held, images, (0, 1))
    with pytest.raises(InvalidValue, match=r"^decoder: expected none, as it is trained, too, received 'weights'"):
        train(small, images, (0, 1), decoder=decoder)
    with pytest.raises(InvalidValue, match=r"^decoder: expected '?\[3\] replicas'?, received '\[2\] replicas'"):
        train(held, images, (0, 1, 2), decoder=decoder)


@pytest.mark.parametrize("likelihood", ["continuous_bernoulli", "gaussian_learned"])
def test_constant_pixels_train_to_a_bounded_density(small: VAEConfig, images: Images, likelihood: str) -> None:
    """Trap: a black pixel's density may not run away; nor may the gradient of a squashed logit or a floored scale."""
    config = small.replace(likelihood=likelihood, gaussian_scale=0.2, learning_rate=0.1, epochs=60)
    trained = train(config, np.zeros_like(images), (0,))
    bound = 64 * (np.log(12) if likelihood == "continuous_bernoulli" else -np.log(0.2 * np.sqrt(2 * np.pi)))
    assert trained.negative_elbo[0] > trained.negative_elbo[-1] > -bound - 1e-3
    assert trained.negative_elbo[-1] < -0.5 * bound


def test_training_takes_its_epochs_and_keeps_how_it_went(
    small: VAEConfig, images: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Black images: the optimum is an ELBO and a rate of 0 nats, some 40 nats below the start."""
    monkeypatch.setattr(randomness, "EPOCHS_AT_ONCE", 50)
    black, ended = np.zeros_like(images), []
    trained = train(small.replace(epochs=300), black, (0, 1, 2), on_chunk=ended.append)
    assert trained.finite.all()
    assert (trained.epochs, ended) == (300, list(range(50, 301, 50)))
    assert trained.negative_elbo.shape == trained.rate.shape == (training.PARTS, 3)
    assert (trained.negative_elbo[0] > 1).all()
    assert (trained.negative_elbo[-1] < 0.2).all()
    assert (trained.rate[-1] < 0.2).all()
    short = train(small.replace(epochs=5), black, (0, 1, 2))
    assert short.negative_elbo.shape == (5, 3)


@dataclass
class Planted:
    """A program that reports planted means of epochs, with a spread about them that the means do not see."""

    negative_elbo: NDArray[np.float64]
    rate: NDArray[np.float64]
    epoch: int = 0
    device: str = "planted"
    loaded: dict[str, Any] = field(default_factory=dict)
    placed: int = 0
    seen: list[Any] = field(default_factory=list)

    def load(self, weights: dict[str, Any], kl_weights: tuple[float, ...], held: Any = ()) -> None:
        self.loaded = weights

    def place(self, images: Images) -> Images:
        self.placed += 1
        return images.copy()

    def run(self, chunk: Chunk) -> Trace:
        self.seen.append(chunk.images)
        epochs = len(chunk.order) // 4
        spread = np.where(np.arange(4) % 2, 7.0, -7.0)[:, None]
        rows = slice(self.epoch, self.epoch + epochs)
        elbo, rate = (
            np.float32(a[rows, None] + spread).reshape(4 * epochs, -1) for a in (self.negative_elbo, self.rate)
        )
        self.epoch += epochs
        return Trace(elbo, rate)

    def weights(self) -> dict[str, Any]:
        return self.loaded


@pytest.mark.parametrize("at_once", [1, 5, 30])
def test_the_trace_is_of_means_over_parts_whatever_the_chunks(
    small: VAEConfig, images: Images, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(randomness, "EPOCHS_AT_ONCE", at_once)
    rng = np.random.default_rng(1)
    planted = Planted(rng.normal(size=(30, 2)), rng.normal(size=(30, 2)))
    monkeypatch.setattr(training, "_program", lambda config, replicas: planted)
    trained = train(small.replace(epochs=30), images, (0, 1))
    for found, by_epoch in ((trained.negative_elbo, planted.negative_elbo), (trained.rate, planted.rate)):
        expected = [part.mean(axis=0) for part in np.array_split(by_epoch, 12)]
        np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("pixels", ["binarised", "redrawn"])
@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_images_that_stay_the_same_are_put_on_the_device_once(
    small: VAEConfig, images: Images, monkeypatch: pytest.MonkeyPatch, pixels: str, device: str
) -> None:
    monkeypatch.setattr(randomness, "EPOCHS_AT_ONCE", 1)
    planted = Planted(np.full((3, 1), 80.0), np.full((3, 1), 9.0), device=device)
    monkeypatch.setattr(training, "_program", lambda config, replicas: planted)
    train(small.replace(pixels=pixels, epochs=3), images, (0,))
    assert planted.placed == (pixels == "binarised")
    assert len(planted.seen) == 3
    assert len({id(seen) for seen in planted.seen}) == (1 if pixels == "binarised" else 3)


def test_images_on_the_device_train_to_the_same_weights(small: VAEConfig, images: Images) -> None:
    config = small
    program = training._program(config.program(), 2)
    weights = []
    for seen in (images, program.place(images)):
        program.load(initial_weights(config, (0, 1)), (1.0, 1.0))
        program.run(next(chunks(config, seen, (0, 1))))
        weights.append(program.weights())
    for path, value in weights[0].items():
        np.testing.assert_array_equal(value, weights[1][path], err_msg=path)


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
