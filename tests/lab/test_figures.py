"""Figure data: curves of the brackets along an axis, and the plane of two-dimensional codes."""

from __future__ import annotations

import numpy as np
import pytest

from study.data.loading import load
from study.design.contexts import Context
from study.errors import InvalidValue
from study.evidence.serialise import line
from study.lab.artefacts import Setting
from study.lab.figures import FIGURES, MOST
from study.lab.reading import Look, Reader
from study.lab.store import Store
from study.measures.tools.bracket import Bracket

CONTEXT = Context((("latent_dim", 2), ("kl_weight", 1.0)))
ORDER = ("marginal_kl", "empirical_marginal_kl", "empirical_floor", "rate")


def numbers(block, measure):
    """Each measure lies 1 above the one before, and is 0.5 wide; the floor lies 4 below the level."""
    level = block.config.latent_dim + np.array(block.replicas) / 3
    if measure.name == "empirical_floor":
        return Bracket(level - 4, level - 4)
    low = level + ORDER.index(measure.name)
    return Bracket(low, low + 0.5)


@pytest.fixture
def curves(lab, world):
    def build(look=None, **fields):
        what = lab.run(CONTEXT.along("latent_dim"))
        return FIGURES["marginal_kl"].build(what, look or Look(), world(numbers, **fields), "digits")

    return build


def test_curves_follow_the_axis(curves):
    found = curves()
    assert (found.data, found.context, found.axis) == ("digits", str(CONTEXT), "latent_dim")
    assert found.levels == (2, 4, 8)
    assert np.array(found.low) == pytest.approx(np.add.outer([2, 4, 8], np.arange(8) / 3), abs=1e-4)
    assert np.subtract(found.high, found.low) == pytest.approx(np.full((3, 8), 0.5), abs=2e-4)
    assert np.subtract(found.rate, found.low) == pytest.approx(np.full((3, 8), 3.0), abs=2e-4)
    assert min(map(min, found.floor)) == 0  # a negative floor binds nothing


def test_every_replica_judged_is_shown_but_for_those_that_diverged(curves):
    found = curves(Look(16), finite=lambda block: np.arange(8) != 3)
    for name in ("low", "high", "empirical", "floor", "rate"):
        for level in getattr(found, name):
            assert [i for i, value in enumerate(level) if value is None] == [3, 11]
            assert len(level) == 16


@pytest.fixture
def plane(lab, tmp_path):
    """The plane of one VAE whose posteriors are planted."""
    reader = Reader(Store(tmp_path), Setting("jax"))
    vae = lab.run(CONTEXT)
    (block,) = Look().blocks(vae.trial, reader.setting)
    mean = np.arange(8 * 360 * 2, dtype=np.float32).reshape(8, 360, 2) / 1e3
    arrays = {f"{split}_mean": mean for split in ("train", "heldout")}
    arrays |= {f"{split}_log_var": np.full_like(mean, -20) for split in ("train", "heldout")}
    reader.store.publish_posteriors(block, arrays)
    return lambda: FIGURES["latent_plane"].build(vae, Look(), reader, "digits")


def test_the_plane_shows_means_and_draws_of_the_first_replica(plane):
    found = plane()
    assert found.config["latent_dim"] == 2
    assert found.classes == tuple(load("digits").heldout_y[:MOST].tolist())
    assert np.array(found.means) == pytest.approx(np.arange(720).reshape(360, 2) / 1e3)
    assert np.array(found.draws) == pytest.approx(np.array(found.means), abs=1e-3)
    assert found.draws != found.means


def test_a_vae_that_was_changed_is_not_the_one_that_a_figure_shows(lab, taken):
    with pytest.raises(InvalidValue, match="as it was trained"):
        lab.show("decoded", lab.run(CONTEXT).after("rescaled_latents", factor=2.0))


def numbers_of_information(block, measure):
    level = {"rate": 4.0, "empirical_marginal_kl": 1.0, "mutual_information": 3.0}[measure.name]
    return Bracket(*(level + np.array(block.replicas) / 10,) * 2)


def test_information_is_that_of_every_replica_but_for_those_that_diverged(lab, world):
    reader = world(numbers_of_information, finite=lambda block: np.arange(8) != 3)
    found = FIGURES["information"].build(lab.run(CONTEXT), Look(16), reader, "digits")
    assert (found.kl_weight, found.latent_dim, found.context) == (1.0, 2, str(CONTEXT))
    for name, first in (("rate", 4.0), ("marginal_kl", 1.0), ("mutual_information", 3.0)):
        values = getattr(found, name)
        assert [i for i, value in enumerate(values) if value is None] == [3, 11]
        assert values[:3] == pytest.approx((first, first + 0.1, first + 0.2))


def test_figure_data_are_the_same_twice(plane, curves):
    for build in (plane, curves):
        assert line(build()) == line(build())


@pytest.mark.parametrize(
    ("figure", "what", "message"),
    [
        ("marginal_kl", CONTEXT, r"^marginal_kl: expected a sweep, lab\.run\(context\.along\(axis\)\), received 'Vae'"),
        ("latent_plane", CONTEXT.along("width"), r"^latent_plane: expected one VAE, .*, received 'Swept'"),
        ("latent_plane", CONTEXT.at(latent_dim=3), "^latent_plane: expected a VAE of the study, of two latents"),
        ("latent_plane", None, "^latent_plane: expected a VAE of the study, of two latents, received 'somebody'"),
        ("decoded", CONTEXT.along("width"), r"^figure: expected one VAE, .*, received 'Swept'"),
        ("information", None, "^figure: expected a VAE of the study, as it was trained, received 'somebody'"),
        ("plane", CONTEXT, "^figure: expected one of 'marginal_kl', .*'information', received 'plane'"),
    ],
)
def test_a_figure_that_cannot_be_is_refused_while_the_body_is_read(lab, taken, somebody, figure, what, message):
    with pytest.raises(InvalidValue, match=message):
        lab.show(figure, lab.run(what or somebody()))
