"""The arithmetic of the floor and of models an hour, against numbers worked out by hand."""

from __future__ import annotations

import pytest

from study.report import floor


def test_flop_of_a_step_is_two_forward_and_four_backward() -> None:
    assert floor.step_flop(10, 128) == 6 * 10 * 128
    assert floor.step_flop(10, 128, replicas=8) == 8 * floor.step_flop(10, 128)


def test_needed_flop_leaves_out_the_gradient_of_the_images() -> None:
    """One layer: a product forward, one for the kernel's gradient. A second layer has three."""
    assert floor.needed_flop([(3, 5)], batch=7) == 2 * 2 * 7 * 15
    assert floor.needed_flop([(3, 5), (5, 2)], batch=7, replicas=2) == 2 * (2 * 2 * 7 * 15 + 3 * 2 * 7 * 10)


def test_the_floor_adds_products_and_memory_traffic() -> None:
    assert floor.optimiser_bytes(1000, replicas=2) == 56_000
    assert floor.floor_seconds(flop=2e9, moved=1e9, sgemm=1e9, copy=4e9) == pytest.approx(2.25)


def test_models_an_hour_counts_epochs_of_the_whole_data_set() -> None:
    """A step of a second: an epoch of digits is 11 steps, 100 epochs 1,100 s; eight models count eightfold."""
    alone = floor.models_an_hour(seconds=22.0, steps=22, size="digits", batch=128)
    assert alone == pytest.approx(3600 / 1100)
    assert floor.models_an_hour(22.0, 22, "digits", 128, models=8) == pytest.approx(8 * alone)
    assert floor.models_an_hour(22.0, 22, "mnist", 128) == pytest.approx(3600 / (468 * 100))
    assert floor.models_an_hour(11.0, 22, "digits", 128) == pytest.approx(2 * alone)
