"""The randomness of training: drawn on the host, per replica, and cut into chunks that leave no trace."""

from __future__ import annotations

import itertools
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from study.errors import InvalidValue
from study.vae.config import VAEConfig
from study.vae.training import randomness
from study.vae.training.randomness import checked_images, chunks, epochs_in_chunk
from study.vae.training.schedule import learning_rate

Images = NDArray[np.float32]


def drawn(config: VAEConfig, images: Images, replicas: tuple[int, ...], epochs: int = 10) -> tuple[np.ndarray, ...]:
    """Order, noise and warm-up of a training, however they are cut."""
    parts = list(chunks(config.replace(epochs=epochs), images, replicas))
    return tuple(np.concatenate([getattr(part, name) for part in parts]) for name in ("order", "noise", "warmup"))


def test_an_epoch_shows_each_image_at_most_once(small: VAEConfig, images: Images) -> None:
    order, noise, warmup = drawn(small, images[:60], (0, 1))
    assert order.shape == (30, 2, 16)
    assert noise.shape == (30, 2, 16, 2)
    epochs = order.reshape(10, 3, 2, 16).swapaxes(1, 2).reshape(20, 48)
    assert all(len(set(epoch)) == 48 for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) == 20
    assert set(order.ravel()) == set(range(60))  # those left out are others every time
    assert (warmup == 1).all()


def test_noise_is_standard_normal_and_shared_by_nobody(small: VAEConfig, images: Images) -> None:
    """Each statistic within 5 standard errors: a false alarm in 2 of 100,000, seeds fixed."""
    noise = drawn(small, images, (0, 1, 2), epochs=50)[1].swapaxes(0, 1).reshape(3, -1)
    n = noise.shape[1]
    assert (np.abs(noise.mean(axis=1)) < 5 / np.sqrt(n)).all()
    assert (np.abs(noise.var(axis=1) - 1) < 5 * np.sqrt(2 / n)).all()
    assert np.abs(np.corrcoef(noise) - np.eye(3)).max() < 5 / np.sqrt(n)


def test_a_replica_does_not_depend_on_its_siblings_nor_on_chunks(
    small: VAEConfig, images: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = drawn(small, images, (5, 1, 3))
    monkeypatch.setattr(randomness, "BYTES_AT_ONCE", 1)
    assert epochs_in_chunk(small.replace(epochs=10), len(images), 1) == 1
    alone = drawn(small, images, (3,))
    for name, all_replicas, one in zip(("order", "noise"), together, alone, strict=False):
        assert np.array_equal(all_replicas[:, 2:], one), name


def test_the_number_of_threads_changes_nothing(small: VAEConfig, images: Images) -> None:
    alone, many = (next(chunks(small, images, (5, 1, 3), threads=threads)) for threads in (1, 3))
    assert np.array_equal(alone.order, many.order)
    assert np.array_equal(alone.noise, many.noise)


def test_a_sweep_of_kl_weights_sees_what_its_separate_runs_see(small: VAEConfig, images: Images) -> None:
    redrawn = small.replace(pixels="redrawn")
    sweep = next(chunks(redrawn.replace(kl_weight=(0.5, 4.0)), images, (0, 1)))
    for i, weight in enumerate((0.5, 4.0)):
        run = next(chunks(redrawn.replace(kl_weight=weight), images, (i,)))
        assert np.array_equal(sweep.order[:, i] % 64, run.order[:, 0] % 64)
        assert np.array_equal(sweep.noise[:, i], run.noise[:, 0])
        assert np.array_equal(sweep.images.reshape(5, 2, 64, 64)[:, i], run.images.reshape(5, 64, 64))


def redraws(small: VAEConfig, grey: Images, epochs: int, replicas: tuple[int, ...], **options: str) -> np.ndarray:
    """What each replica sees in each epoch, ``(epoch, replica, image, feature)``, in the order of the images."""
    config = small.replace(pixels="redrawn", epochs=epochs)
    seen = [chunk.images for chunk in chunks(config, grey, replicas, **options)]
    return np.concatenate(seen).reshape(epochs, len(replicas), *grey.shape)


def test_redrawn_pixels_are_binary_new_every_epoch_and_right_on_average(small: VAEConfig) -> None:
    """Means of 200 epochs within 5 standard errors of the grey values; 0 and 1 stay what they are."""
    grey = np.linspace(0, 1, 64 * 20, dtype=np.float32).reshape(20, 64)
    seen = redraws(small, grey, 200, (0,))[:, 0]
    assert seen.dtype == np.uint8
    assert set(np.unique(seen)) == {0, 1}
    assert not np.array_equal(seen[0], seen[1])
    assert (np.abs(np.mean(seen, axis=0) - grey) <= 5 * np.sqrt(grey * (1 - grey) / 200)).all()
    kept = next(chunks(small, grey, (0,))).images
    assert np.array_equal(kept, grey)


def test_white_stays_white_and_black_black_whatever_is_drawn() -> None:
    """The threshold of white has no room in 16 bits, and the largest draw does not lie below it."""
    grey = np.array([[0, 1, 65_535 / 65_536, 0.5]], np.float32)
    largest = SimpleNamespace(bit_generator=SimpleNamespace(random_raw=lambda n: np.full(n, 2**64 - 1, np.uint64)))
    least = SimpleNamespace(bit_generator=SimpleNamespace(random_raw=lambda n: np.zeros(n, np.uint64)))
    for rng, expected in ((largest, [0, 1, 0, 0]), (least, [0, 1, 1, 1])):
        out = np.full((1, 4), 7, np.uint8)
        randomness.Redraws(grey, rng).draw(out)
        assert out.tolist() == [expected]


def test_redraws_are_each_replicas_own_and_each_seed_roots(small: VAEConfig) -> None:
    """Of 64 × 64 fair pixels two independent draws agree on half, within 5 standard errors; none shares its draws."""
    grey = np.full((64, 64), 0.5, np.float32)
    together, alone = redraws(small, grey, 4, (5, 1, 3)), redraws(small, grey, 4, (3,))
    assert np.array_equal(together[:, 2:], alone)
    other = redraws(small, grey, 4, (3,), root="another")
    flat = np.concatenate([together.reshape(12, -1), other.reshape(4, -1)])
    agree = np.array([(one == two).mean() for one, two in itertools.combinations(flat, 2)])
    assert (np.abs(agree - 0.5) < 5 * 0.5 / 64).all()


def test_each_replica_is_shown_its_own_redraws(small: VAEConfig) -> None:
    """The rows that an order names are those of that replica and epoch."""
    config = small.replace(pixels="redrawn", epochs=4)
    (chunk,) = chunks(config, np.full((64, 64), 0.5, np.float32), (0, 1))
    rows = chunk.order.reshape(4, 4, 2, 16) // 64  # (epoch, step, replica, batch) -> epoch · replicas + replica
    assert np.array_equal(rows, np.broadcast_to(np.arange(8).reshape(4, 1, 2, 1), rows.shape))


def test_warm_up_rises_to_one_by_equal_steps(small: VAEConfig, images: Images) -> None:
    warmup = drawn(small.replace(kl_warmup_epochs=3), images, (0,))[2].reshape(10, 4)
    np.testing.assert_allclose(warmup[:, 0], [0.25, 0.5, 0.75] + [1] * 7)
    assert (warmup == warmup[:, :1]).all()


@given(st.integers(1, 900), st.integers(1, 70_000), st.integers(1, 8), st.integers(1, 64), st.booleans())
def test_a_chunk_divides_the_training_and_fits_the_memory(
    all_epochs: int, count: int, replicas: int, latent: int, redrawn: bool
) -> None:
    config = VAEConfig(epochs=all_epochs, latent_dim=latent, pixels="redrawn" if redrawn else "binarised")
    epochs = epochs_in_chunk(config, count, replicas)
    assert all_epochs % epochs == 0
    assert epochs <= randomness.EPOCHS_AT_ONCE
    taken = epochs * count * replicas * (4 * (latent + 1) + 64 * redrawn)
    assert epochs == 1 or taken <= randomness.BYTES_AT_ONCE


def test_step_sizes_go_on_from_chunk_to_chunk(
    small: VAEConfig, images: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(randomness, "EPOCHS_AT_ONCE", 2)
    parts = [chunk.learning_rate for chunk in chunks(small.replace(epochs=6), images, (0,))]
    assert [len(part) for part in parts] == [8, 8, 8]
    assert np.array_equal(np.concatenate(parts), learning_rate(small, np.arange(24), 24))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_images_that_cannot_be_trained_on_are_refused(images: Images, bad: float) -> None:
    broken = images.copy()
    broken[3, 5] = bad
    with pytest.raises(InvalidValue, match=r"^images: expected finite pixels"):
        checked_images(VAEConfig(), broken)
    for shape in ((0, 64), (64,), (3, 63), (3, 8, 8)):
        with pytest.raises(InvalidValue, match=r"^images: expected images of shape \(n, 64\), n ≥ 1, received 'shape"):
            checked_images(VAEConfig(), np.zeros(shape))
    assert checked_images(VAEConfig(), images.astype(np.float64)).dtype == np.float32
