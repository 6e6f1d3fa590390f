"""Decoded images: made once, of the first replica, in sixteen greys."""

from __future__ import annotations

import numpy as np
import pytest

from study.data.loading import load
from study.design.contexts import Context
from study.errors import InvalidValue
from study.lab.artefacts import Block, Setting
from study.lab.decoding import IMAGES, SHOWN, decoded, levels, side
from study.lab.store import Store
from study.latent.gaussians import DiagonalGaussians
from study.runtime.backends import selected

CONFIG = Context.of(latent_dim=2).config("digits", "quick").replace(epochs=1, kl_warmup_epochs=0)


def test_levels_are_sixteen_greys_from_black_to_white():
    assert levels([[0.0, 1.0, 0.5, 0.2, -1.0, 2.0]]) == ["0f830f"]
    rng = np.random.default_rng(3)
    images = rng.random((5, 64))
    back = np.array([[int(digit, 16) for digit in one] for one in levels(images)]) / 15
    np.testing.assert_allclose(back, images, atol=0.5 / 15 + 1e-9)


def test_images_are_square():
    assert side({"data": ["0" * 64]}) == 8
    with pytest.raises(InvalidValue, match="images that are square, received 60"):
        side({"data": ["0" * 60]})


def test_what_is_kept_is_not_made_again(tmp_path, monkeypatch):
    store, block = Store(tmp_path), Block(CONFIG, 0, Setting("jax"))
    made = []
    monkeypatch.setattr("study.lab.decoding._made", lambda *given: made.append(given) or {"data": ["0f"]})
    posteriors = (None, None)
    assert decoded(store, block, posteriors) == decoded(store, block, posteriors) == {"data": ["0f"]}
    assert len(made) == 1
    other = Block(CONFIG.replace(kl_weight=0.5), 0, Setting("jax"))
    assert decoded(store, other, posteriors) == {"data": ["0f"]}
    assert len(made) == 2


@pytest.mark.framework
def test_images_are_drawn_from_each_sampler_and_the_data_stand_beside_them(tmp_path):
    from study.lab.work import Task, Unit, agreement, work
    from study.measures.registry import Measure

    store, block = Store(tmp_path), Block(CONFIG, 0, Setting(selected()))
    tasks = (Task(block, (Measure.of("rate"),)),)
    work(Unit(tasks, str(tmp_path), agreement(tasks)), here=True)
    posteriors = store.posteriors(block)
    found = decoded(store, block, posteriors)
    assert list(found) == [*SHOWN, "data"]
    assert {len(images) for images in found.values()} == {IMAGES}
    assert {len(image) for images in found.values() for image in images} == {64}
    assert found["data"] == levels(load("digits").heldout_x[:IMAGES])
    assert found["prior"] != found["aggregate"] != found["gaussian_mixture"]
    # An aggregate that is a point decodes to one image: draws are of the posteriors that are given.
    point = DiagonalGaussians(np.zeros((8, 100, 2)), np.full((8, 100, 2), -40.0))
    other = decoded(Store(tmp_path), Block(CONFIG, 0, Setting(selected())), (point, point))
    assert other == found  # kept
    (kept,) = store.folder(block).glob("drawings-*.json")
    kept.unlink()
    assert len(set(decoded(store, block, (point, point))["aggregate"])) == 1
