"""Class shares of generated images, from planted labels on."""

from __future__ import annotations

import numpy as np
import pytest

from study.errors import InvalidValue
from study.latent.gaussians import DiagonalGaussians
from study.measures._registry import Images
from study.measures.shared.class_shares import class_shares
from study.measures.shared.heldout_labels import heldout_labels
from study.measures.shared.label_shares import AT_ONCE, label_shares
from study.measures.shared.real_labels import real_labels
from study.measures.shared.real_shares import real_shares


class Rounded:
    """A classifier of images of one pixel, whose class is their value."""

    classes = np.arange(3)

    def label(self, images):
        return np.asarray(images)[..., 0].round().astype(int)


Y = np.array([0, 0, 1, 2])
X = np.array([[0.0], [1.0], [1.0], [2.0]], np.float32)  # the second 0 looks like a 1
IMAGES = Images(X, Y, X, Y)


def test_real_images_are_labelled_and_counted():
    np.testing.assert_array_equal(real_labels(IMAGES, Rounded()), [0, 1, 1, 2])
    np.testing.assert_array_equal(real_shares(IMAGES, Rounded()), [0.5, 0.25, 0.25])


def test_every_draw_of_a_sampler_is_labelled_a_part_at_a_time():
    z = np.tile([0.0, 1.0, 2.0, 2.0], (2, 1250))[..., None]
    parts = []

    def decode(latents):
        parts.append(latents.shape[1])
        return latents

    found = label_shares(lambda sampler: {"prior": z}[sampler], decode, Rounded(), sampler="prior")
    np.testing.assert_array_equal(found, [[0.25, 0.25, 0.5]] * 2)
    assert parts == [AT_ONCE, AT_ONCE, 5000 - 2 * AT_ONCE]


def test_reconstructions_are_decoded_means_and_only_if_asked_for():
    q = DiagonalGaussians(np.array([[[2.0], [1.0]]]), np.zeros((1, 2, 1)))
    np.testing.assert_array_equal(heldout_labels(Y, q, lambda z: z, Rounded(), of="reconstructions"), [[2, 1]])
    assert heldout_labels(Y, q, lambda z: pytest.fail("decoded"), Rounded(), of="real") is Y


@pytest.mark.parametrize("calibrated_on", ["real", "reconstructions"])
def test_the_errors_are_undone(calibrated_on):
    # Half of the true 0s are seen as 1; so that shares (0.4, 0.2, 0.4) are seen as (0.2, 0.4, 0.4).
    seen = np.array([[0.2, 0.4, 0.4]] * 2)
    labels = {"real": np.array([0, 1, 1, 2]), "reconstructions": np.array([[0, 1, 1, 2], [0, 0, 1, 2]])}
    found = class_shares(
        lambda sampler: seen, labels.get, IMAGES, Rounded(), sampler="prior", calibrated_on=calibrated_on
    )
    # The second replica's own reconstructions show no error.
    second = [0.4, 0.2, 0.4] if calibrated_on == "real" else [0.2, 0.4, 0.4]
    np.testing.assert_allclose(found, [[0.4, 0.2, 0.4], second], atol=1e-9)


def test_a_class_without_images_is_refused():
    lacking = Images(X[:3], Y[:3], X[:3], Y[:3])
    with pytest.raises(InvalidValue, match="every class"):
        class_shares(
            lambda sampler: np.ones((1, 3)) / 3,
            lambda of: Y[:3],
            lacking,
            Rounded(),
            sampler="prior",
            calibrated_on="real",
        )
