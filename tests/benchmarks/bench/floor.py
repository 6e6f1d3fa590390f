"""What training cannot do without: the FLOP of its matrix products, and the optimiser's memory traffic.

The floor of a step is the time of the former at the machine's sgemm rate, and of the latter at its copy bandwidth
(``study.report.speed``). Everything else (activations, likelihood, random numbers, dispatch) counts as lost.
"""

from __future__ import annotations

ADAM_BYTES = 28
"""Bytes that one step of Adam moves for each float32 parameter: four numbers read, three written."""


def step_flop(parameters: int, batch: int, replicas: int = 1) -> float:
    """Return the FLOP of a step's matrix products: two a weight and image forward, four backward.

    A little too many, since nobody needs the gradient with regard to the images: the share of the floor is
    flattered by that. :func:`needed_flop` is the exact number.

    Args:
        parameters: Parameters of one replica.
        batch: Images in a minibatch.
        replicas: Replicas trained together.
    """
    return 6.0 * parameters * batch * replicas


def needed_flop(layers: list[tuple[int, int]], batch: int, replicas: int = 1) -> float:
    """Return the FLOP of the matrix products that a step cannot do without.

    Args:
        layers: Inputs and outputs of each layer, in the order of computation; the first one's inputs are images.
        batch: Images in a minibatch.
        replicas: Replicas trained together.
    """
    products = [2 if index == 0 else 3 for index in range(len(layers))]
    return 2.0 * batch * replicas * sum(n * i * o for n, (i, o) in zip(products, layers, strict=True))


def optimiser_bytes(parameters: int, replicas: int = 1) -> float:
    """Return the memory traffic of one step of Adam, in bytes."""
    return float(ADAM_BYTES * parameters * replicas)
