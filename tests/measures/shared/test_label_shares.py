"""Class shares of generated images, from planted labels on."""

from __future__ import annotations

import numpy as np

from study.measures.registry import Images
from study.measures.shared.classifiers import classifiers
from study.measures.shared.label_shares import AT_ONCE, label_shares
from study.measures.shared.real_shares import real_shares


class Rounded:
    """A classifier of images of one pixel, whose class is their value, or some other."""

    classes = np.arange(3)

    def __init__(self, shift=0):
        self.shift = shift

    def label(self, images):
        return (np.asarray(images)[..., 0].round().astype(int) + self.shift) % 3


def test_every_draw_is_labelled_by_both_classifiers_a_part_at_a_time():
    z = np.tile([0.0, 1.0, 2.0, 2.0], (2, 1250))[..., None]
    parts = []

    def decode(latents):
        parts.append(latents.shape[1])
        return latents

    found = label_shares(lambda sampler: {"prior": z}[sampler], decode, (Rounded(), Rounded(1)), sampler="prior")
    np.testing.assert_array_equal(found, [[[0.25, 0.25, 0.5], [0.5, 0.25, 0.25]]] * 2)
    assert parts == [AT_ONCE, AT_ONCE, 5000 - 2 * AT_ONCE]


def test_real_images_are_counted_by_their_true_classes():
    y = np.array([0, 0, 1, 2])
    x = np.tile(y[:, None] * 10.0, (10, 3)).astype(np.float32)
    images = Images(x, np.tile(y, 10), x[:4], y)
    np.testing.assert_array_equal(real_shares(images), [0.5, 0.25, 0.25])
    assert [one.label(x[:4]).tolist() for one in classifiers(images)] == [[0, 0, 1, 2]] * 2
