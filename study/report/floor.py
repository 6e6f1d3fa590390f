"""What training cannot be faster than: the arithmetic of the floor, and of models an hour.

The floor of a step is the time of its matrix products at the machine's sgemm rate, and of the optimiser's memory
traffic at its copy bandwidth. Everything else (activations, likelihood, random numbers, dispatch) counts as lost.
"""

from __future__ import annotations

EPOCHS = 100
"""Epochs that one model is taken to train for, in models an hour; the same for us and for everybody else."""
IMAGES = {"digits": 1_437, "mnist": 60_000}
"""Images of a whole epoch, in models an hour."""
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


def floor_seconds(flop: float, moved: float, sgemm: float, copy: float) -> float:
    """Return the least time that the work takes on a machine, in seconds.

    Args:
        flop: FLOP of the matrix products.
        moved: Bytes of memory traffic beside them.
        sgemm: The machine's rate of float32 matrix products, FLOP/s.
        copy: The machine's copy bandwidth, bytes read and written a second.
    """
    return flop / sgemm + moved / copy


def models_an_hour(seconds: float, steps: int, size: str, batch: int, models: int = 1) -> float:
    """Return how many models are trained in an hour, each for :data:`EPOCHS` epochs of the whole data set.

    Args:
        seconds: Time taken, in seconds.
        steps: Steps that each model took in that time.
        size: Whose images fill an epoch, a key of :data:`IMAGES`.
        batch: Images in a minibatch.
        models: Models that trained in that time, together or side by side.
    """
    return 3600.0 * models / (seconds / steps * (IMAGES[size] // batch) * EPOCHS)
