"""The arithmetic of the floor, against numbers worked out by hand."""

from __future__ import annotations

from bench import floor


def test_flop_of_a_step_is_two_forward_and_four_backward() -> None:
    assert floor.step_flop(10, 128) == 6 * 10 * 128
    assert floor.step_flop(10, 128, replicas=8) == 8 * floor.step_flop(10, 128)


def test_needed_flop_leaves_out_the_gradient_of_the_images() -> None:
    """One layer: a product forward, one for the kernel's gradient. A second layer has three."""
    assert floor.needed_flop([(3, 5)], batch=7) == 2 * 2 * 7 * 15
    assert floor.needed_flop([(3, 5), (5, 2)], batch=7, replicas=2) == 2 * (2 * 2 * 7 * 15 + 3 * 2 * 7 * 10)


def test_adam_reads_four_numbers_a_parameter_and_writes_three() -> None:
    assert floor.optimiser_bytes(1000, replicas=2) == 56_000
