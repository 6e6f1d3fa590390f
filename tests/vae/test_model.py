"""The VAE is what the formulas say, on every backend, and a Keras model in every other respect."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from keras import ops
from scipy import stats

import study
from study.errors import InvalidValue
from study.runtime import registry
from study.vae.config import ACTIVATIONS, VAEConfig
from study.vae.model import VAE, load_vae

LIKELIHOODS = registry.names("study.vae.likelihoods")

BATCH, REPLICAS = 10, 3
SMALL = VAEConfig(latent_dim=2, encoder_width=6, decoder_width=5, kl_weight=(0.5, 1.0, 4.0))


def vae_with_drawn_weights(config: VAEConfig, replicas: int = REPLICAS) -> VAE:
    """A VAE none of whose weights is zero or one."""
    vae, rng = VAE(config, replicas), np.random.default_rng(1)
    drawn = {path: w + rng.normal(0, 0.1, w.shape).astype(np.float32) for path, w in vae.stacked_weights().items()}
    vae.load_stacked(drawn)
    return vae


def inputs(*leading: int, binary: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Images ``(*leading, feature)`` and noise ``(replica, batch, latent)``."""
    rng = np.random.default_rng(2)
    x = rng.random((*leading, 64))
    return (np.round(x) if binary else x).astype(np.float32), rng.normal(size=(REPLICAS, BATCH, 2)).astype(np.float32)


def batch_first(array: np.ndarray) -> np.ndarray:
    return np.swapaxes(array, 0, 1)


@pytest.mark.parametrize("leading", [(BATCH,), (REPLICAS, BATCH)], ids=["shared images", "own images"])
@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_elbo_is_the_references(reference: SimpleNamespace, likelihood: str, leading: tuple[int, ...]) -> None:
    """Both terms to 1e-4 nats, or float32's rounding; and the loss with a KL weight per replica and warm-up."""
    x, noise = inputs(*leading, binary=likelihood == "bernoulli")
    config = SMALL.replace(likelihood=likelihood, encoder_depth=2, decoder_depth=2, gaussian_scale=0.2)
    vae = vae_with_drawn_weights(config)
    log_likelihood, kl = reference.elbo_terms(config, vae.stacked_weights(), x, noise)
    for mine, expected in zip(vae.elbo_terms_stacked(x, noise), (log_likelihood, kl), strict=True):
        np.testing.assert_allclose(ops.convert_to_numpy(mine), expected, rtol=1e-6, atol=1e-4)
    vae.warmup.assign(0.25)
    loss, negative_elbo, rate = map(ops.convert_to_numpy, vae.loss_stacked(x, noise))
    weighted = 0.25 * np.array(config.kl_weight)[:, None] * kl - log_likelihood
    np.testing.assert_allclose(loss, weighted.mean(axis=1).sum(), rtol=1e-6, atol=1e-4)
    np.testing.assert_allclose(negative_elbo, (kl - log_likelihood).mean(axis=1), atol=1e-4)
    np.testing.assert_allclose(rate, kl.mean(axis=1), atol=1e-4)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_activations_and_affine_networks_are_the_references(reference: SimpleNamespace, activation: str) -> None:
    x, noise = inputs(BATCH)
    for depth in (1, 0):
        config = SMALL.replace(activation=activation, encoder_depth=depth, decoder_depth=depth)
        vae = vae_with_drawn_weights(config)
        expected = reference.elbo_terms(config, vae.stacked_weights(), x, noise)
        np.testing.assert_allclose(
            [ops.convert_to_numpy(t) for t in vae.elbo_terms_stacked(x, noise)], expected, atol=1e-4
        )


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_the_mean_image_is_the_mean_of_the_likelihood(reference: SimpleNamespace, likelihood: str) -> None:
    """E[x|z] by the trapezoidal rule over the reference's density; it is what is judged, never sampled pixels."""
    config = SMALL.replace(likelihood=likelihood)
    vae, z = vae_with_drawn_weights(config), np.float32(inputs(1)[1])
    output = ops.convert_to_numpy(vae.decode_stacked(z)).astype(np.float64)[..., None]
    steps = {"bernoulli": np.arange(2.0), "continuous_bernoulli": np.linspace(0, 1, 2001)}
    x = steps.get(likelihood, np.linspace(-15, 15, 2001))
    scale = (
        ops.convert_to_numpy(vae.pixel_variables["pixel_scale"])[..., None] if likelihood == "gaussian_learned" else 0.0
    )
    density = np.exp(reference.log_likelihood(config, x, output, scale))
    mean = (density * x).sum(axis=-1) if likelihood == "bernoulli" else np.trapezoid(density * x, x, axis=-1)
    np.testing.assert_allclose(ops.convert_to_numpy(vae.image_mean_stacked(z)), mean, atol=5e-5)


def test_a_learned_variance_has_a_floor() -> None:
    """Trap: on pixels that never change the density is bounded, by the floor's -log(scale √(2π)) nats a pixel."""
    vae = VAE(SMALL.replace(likelihood="gaussian_learned", gaussian_scale=0.05, kl_weight=1.0), 1)
    x = np.zeros((1, 1, 64), np.float32)
    for pixel_scale in (-5.0, -1e4, -1e30):
        vae.pixel_variables["pixel_scale"].assign(np.full((1, 1, 64), pixel_scale))
        highest = float(ops.convert_to_numpy(vae.log_likelihood_stacked(x, x))[0, 0]) / 64
        bound = -np.log(0.05 * np.sqrt(2 * np.pi))
        assert bound - 0.2 < highest < bound + 1e-4


def test_the_decoder_alone_sees_the_prior() -> None:
    """With U(0, 10) it is given 10 Φ(u) of what q(z|x) draws; with N(0, I) the very tensor: nothing is added."""
    x, noise = inputs(BATCH)
    normal = vae_with_drawn_weights(SMALL)
    uniform = VAE(SMALL.replace(prior="uniform"), REPLICAS)
    uniform.load_stacked(normal.stacked_weights())
    decoded = ops.convert_to_numpy(uniform.decode_stacked(noise))
    np.testing.assert_allclose(
        decoded, ops.convert_to_numpy(normal.decode_stacked(np.float32(10 * stats.norm.cdf(noise)))), rtol=0, atol=1e-4
    )
    assert not np.allclose(decoded, ops.convert_to_numpy(normal.decode_stacked(noise)), atol=0.1)
    one, other = ([ops.convert_to_numpy(t) for t in vae.elbo_terms_stacked(x, noise)] for vae in (normal, uniform))
    assert np.array_equal(one[1], other[1])  # the KL
    seen: list[object] = []
    normal._network = SimpleNamespace(decode=lambda config, stack, z: seen.append(z))
    normal.decode_stacked(noise)
    assert seen[0] is noise


def test_predict_evaluate_and_fit_are_batch_first(reference: SimpleNamespace) -> None:
    vae = vae_with_drawn_weights(SMALL)
    x, noise = inputs(BATCH)
    weights = vae.stacked_weights()
    log_likelihood, kl = reference.elbo_terms(SMALL, weights, x, noise)
    batches = {"x": x, "noise": batch_first(noise)}

    out = vae.predict(batches, batch_size=4, verbose=0)  # the last batch is smaller
    np.testing.assert_allclose(out["log_likelihood"][..., 0], batch_first(log_likelihood), atol=1e-4)
    np.testing.assert_allclose(out["kl"][..., 0], batch_first(kl), atol=1e-4)
    mean, log_var = reference.encode(SMALL, weights, x)
    np.testing.assert_allclose(out["mean"], batch_first(mean), atol=1e-5)
    np.testing.assert_allclose(out["log_var"], batch_first(log_var), atol=1e-5)
    z = np.float32(mean + np.exp(log_var / 2) * noise)
    np.testing.assert_allclose(out["image"], batch_first(ops.convert_to_numpy(vae.image_mean_stacked(z))), atol=1e-5)

    vae.compile(optimizer=keras.optimizers.Adam(0.01))
    loss = (np.array(SMALL.kl_weight)[:, None] * kl - log_likelihood).mean(axis=1).sum()
    np.testing.assert_allclose(vae.evaluate(batches, batch_size=5, verbose=0), loss, rtol=1e-5)
    history = vae.fit(x, batch_size=5, epochs=8, shuffle=False, verbose=0).history["loss"]
    assert history[-1] < history[0] - 5
    assert np.isfinite(history).all()


def test_each_replica_may_have_its_own_images() -> None:
    out = vae_with_drawn_weights(SMALL).predict(inputs(BATCH, REPLICAS)[0], batch_size=5, verbose=0)
    last = {"image": 64, "log_likelihood": 1, "kl": 1, "mean": 2, "log_var": 2}
    assert {name: value.shape for name, value in out.items()} == {
        n: (BATCH, REPLICAS, size) for n, size in last.items()
    }


def test_the_latent_is_drawn_afresh_and_from_the_posterior() -> None:
    """Two draws differ; without noise given, mean KL and moments do not depend on the draw, the likelihood does."""
    vae = vae_with_drawn_weights(SMALL)
    x, _ = inputs(BATCH)
    first, second = (vae(x) for _ in range(2))
    assert np.array_equal(*(ops.convert_to_numpy(out["kl"]) for out in (first, second)))
    assert not np.isclose(*(ops.convert_to_numpy(out["log_likelihood"]) for out in (first, second))).all()


def test_a_saved_vae_is_the_same_here_and_in_a_fresh_process(tmp_path: Path) -> None:
    vae = vae_with_drawn_weights(SMALL.replace(likelihood="gaussian_learned", encoder_depth=2))
    x, noise = inputs(BATCH)
    batches = {"x": x, "noise": batch_first(noise)}
    vae.compile(optimizer="adam")
    vae.optimizer.build(vae.trainable_variables)
    vae.optimizer.iterations.assign(7)
    vae.warmup.assign(0.5)
    expected, path = vae.predict(batches, verbose=0), tmp_path / "vae.keras"
    vae.save(path)
    np.savez(tmp_path / "batches.npz", **batches)

    copy = study.load_vae(path)
    assert copy.config == vae.config
    assert copy.replica_indices == vae.replica_indices == (0, 1, 2)
    assert float(ops.convert_to_numpy(copy.warmup)) == 0.5
    assert np.array_equal(*(ops.convert_to_numpy(v.kl_weight) for v in (copy, vae)))
    saved, loaded = vae.stacked_weights(), copy.stacked_weights()
    assert all(np.array_equal(saved[name], loaded[name]) for name in saved)
    assert int(ops.convert_to_numpy(copy.optimizer.iterations)) == 7  # fit goes on where it was

    script = (
        "import sys, numpy as np, study; vae = study.load_vae(sys.argv[1] + '/vae.keras'); "
        "batches = dict(np.load(sys.argv[1] + '/batches.npz')); "
        "np.savez(sys.argv[1] + '/out.npz', **vae.predict(batches, verbose=0))"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True, capture_output=True, timeout=300)
    with np.load(tmp_path / "out.npz") as out:
        for name, value in expected.items():
            np.testing.assert_allclose(out[name], value, atol=1e-6)


def write_empty_archive(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("note.txt", "no model")


def write_another_model(path: Path) -> None:
    keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)]).save(path)


@pytest.mark.parametrize(
    ("name", "write", "expected"),
    [
        ("missing.keras", lambda path: None, "a .keras file written by VAE.save"),
        ("folder.keras", lambda path: path.mkdir(), "a .keras file written by VAE.save"),
        ("damaged.keras", lambda path: path.write_bytes(b"PK no archive"), "a .keras file written by VAE.save"),
        ("empty.keras", write_empty_archive, "a .keras file written by VAE.save"),
        ("archive.zip", write_empty_archive, "a .keras file written by VAE.save"),
        ("another.keras", write_another_model, "a saved VAE .the file holds a Sequential."),
    ],
)
def test_other_files_are_refused(tmp_path: Path, name: str, write: Callable[[Path], None], expected: str) -> None:
    write(tmp_path / name)
    with pytest.raises(InvalidValue, match=f"^path: expected {expected}, received '.*{name}'"):
        load_vae(tmp_path / name)


@pytest.mark.parametrize("replicas", [0, -2, (), None, "ab", 2.5, [None]])
def test_no_replicas_are_refused(replicas: object) -> None:
    with pytest.raises(InvalidValue, match=r"^replicas: expected at least one replica"):
        VAE(SMALL.replace(kl_weight=1.0), replicas)  # type: ignore[arg-type]


def test_kl_weights_of_another_length_are_refused() -> None:
    with pytest.raises(
        InvalidValue, match=r"^kl_weight: expected one number, or 2 numbers .*, received \(0.5, 1.0, 4.0\)"
    ):
        VAE(SMALL, 2)


def test_weights_go_by_path() -> None:
    vae = VAE(SMALL, REPLICAS)
    weights = vae.stacked_weights()
    weights["encoder/kernel"] = weights.pop("encoder_0/kernel")
    with pytest.raises(
        InvalidValue, match=r"^weights: expected the paths .*encoder_0/kernel.*received .*encoder/kernel"
    ):
        vae.load_stacked(weights)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_fit_refuses_what_is_not_finite_before_the_first_step(bad: float) -> None:
    vae = vae_with_drawn_weights(SMALL)
    vae.compile(optimizer="adam")
    x, noise = inputs(BATCH)
    before = vae.stacked_weights()
    x[3, 5] = bad
    for given in (x, {"x": x, "noise": noise.swapaxes(0, 1)}):
        with pytest.raises(InvalidValue, match="x: expected finite numbers, received 'values that are not finite'"):
            vae.fit(given, verbose=0)
    assert all(np.array_equal(before[path], after) for path, after in vae.stacked_weights().items())


# One axis order: the replica first, but in what belongs to Keras.


@pytest.mark.parametrize("leading", [(BATCH,), (REPLICAS, BATCH)], ids=["shared images", "own images"])
def test_encode_and_decode_have_the_replica_first(reference: SimpleNamespace, leading: tuple[int, ...]) -> None:
    vae, (x, noise) = vae_with_drawn_weights(SMALL), inputs(*leading)
    mean, log_var = vae.encode(x)
    for found, expected in zip((mean, log_var), reference.encode(SMALL, vae.stacked_weights(), x), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
    images = vae.decode(mean)
    assert images.shape == (REPLICAS, BATCH, 64)
    # Keras' own call is the same, with the batch first.
    given = x if len(leading) == 1 else batch_first(x)
    called = vae({"x": given, "noise": np.zeros_like(batch_first(noise))})
    np.testing.assert_allclose(batch_first(ops.convert_to_numpy(called["image"])), images, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(batch_first(ops.convert_to_numpy(called["mean"])), mean, rtol=1e-5, atol=1e-6)
    shared = vae.decode(mean[0])
    np.testing.assert_allclose(shared[0], images[0], rtol=1e-5, atol=1e-6)


def test_replicas_that_cannot_fit_are_refused_before_they_are_allocated() -> None:
    with pytest.raises(InvalidValue, match=r"expected at most 16 GiB, received '1000000000 replicas of .* GiB"):
        VAE(SMALL.replace(kl_weight=1.0), 10**9)


def test_samples_are_decoded_draws_of_the_prior_each_replicas_own() -> None:
    """A replica's do not depend on its siblings, nor on how many there are; the prior's bijection is heeded."""
    config = SMALL.replace(kl_weight=1.0)
    vae = VAE(config, (4, 7))
    drawn = vae.sample(5, seed=1)
    assert drawn.shape == (2, 5, 64)
    assert np.array_equal(drawn, vae.sample(5, seed=1))
    assert not np.allclose(drawn, vae.sample(5, seed=2))
    np.testing.assert_allclose(drawn[1], VAE(config, (7,)).sample(5, seed=1)[0], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(drawn[:, :3], vae.sample(3, seed=1), rtol=1e-5, atol=1e-6)
    weights = vae.stacked_weights()
    flat = VAE(config.replace(encoder_depth=0, decoder_depth=0, likelihood="gaussian"), 1)
    weights = {path: np.zeros_like(weight) for path, weight in flat.stacked_weights().items()}
    weights["output/kernel"][0, 0, 0] = 1.0
    flat.load_stacked(weights)
    assert stats.kstest(flat.sample(2000, seed=3)[0, :, 0], "norm").pvalue > 1e-4


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda v: v.encode(np.zeros((10, 3, 64))), r"^x: expected .*the replica first; swap .*'shape \(10, 3, 64\)'"),
        (lambda v: v.decode(np.zeros((10, 3, 2))), r"^z: expected .*the replica first; swap .*'shape \(10, 3, 2\)'"),
        (
            lambda v: v.encode(np.zeros((10, 63))),
            r"^x: expected \(batch, 64\) or \(3, batch, 64\), the replica first, ",
        ),
        (lambda v: v.decode(np.full((10, 2), np.nan)), "^z: expected finite numbers"),
        (lambda v: v.sample(0, seed=1), "^n: expected an integer ≥ 1"),
        (lambda v: v(np.zeros((3, 10, 64), np.float32)), r"x: expected .*the batch first.*'shape \(3, 10, 64\)'"),
        (lambda v: v.predict(np.zeros((3, 10, 64), np.float32), verbose=0), r"x: expected .*the batch first"),
    ],
)
def test_a_mix_up_of_the_axes_is_refused(use: Callable[[VAE], object], message: str) -> None:
    with pytest.raises((InvalidValue, RuntimeError), match=message):  # Keras wraps what a call raises
        use(VAE(SMALL, REPLICAS))
