"""What a study of 100,000 VAEs would cost, on paper: from the recorded benchmarks, or from a data sheet, and which."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from study.errors import EvidenceError
from study.report import floor, goals
from study.report.benchmarks import Measurement
from study.report.reasons import Profiles

VAES = 100_000
NODES = 64
GPUS = 8


@dataclass(frozen=True)
class Sheet:
    """A GPU as its maker describes it.

    Attributes:
        name: Its name.
        flops: Peak rate of float32 arithmetic, FLOP/s, without tensor cores.
        bandwidth: Peak memory bandwidth, bytes/s.
    """

    name: str
    flops: float
    bandwidth: float


H100 = Sheet("NVIDIA H100 SXM", 67e12, 3.35e12)
"""Source: NVIDIA H100 Tensor Core GPU data sheet, 2024."""
ON_PAPER = ("mnist",)
"""Sizes that a data sheet says something of: smaller programs wait for kernels to start, which no data sheet tells."""
SHARE = next(goal.limit for goal in goals.GOALS if goal.place == goals.GPU and goal.peer == goals.FLOOR)
"""Share of the floor that an estimate for a GPU takes for granted: the goal."""


@dataclass(frozen=True)
class Cost:
    """What :data:`VAES` VAEs take somewhere.

    Attributes:
        work: What is trained.
        where: On what.
        machines: How many of it.
        hours: How long, in hours.
        source: Where the number comes from.
    """

    work: str
    where: str
    machines: int
    hours: float
    source: str


def costs(measurements: Sequence[Measurement]) -> list[Cost]:
    """Work out what :data:`VAES` VAEs cost on each kind of machine.

    Args:
        measurements: The recorded benchmarks.

    Returns:
        By kind of work: on machines as measured, one and :data:`NODES`; on one, :data:`GPUS` and :data:`NODES` GPUs, as
        measured, or on paper for the sizes that allow it.

    Raises:
        EvidenceError: When a record lacks a field.
    """
    try:
        return [
            *(cost for size in floor.IMAGES for cost in _trainings(size, measurements)),
            *_claims(measurements),
        ]
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        raise EvidenceError(f"expected benchmarks with the fields of their kinds, received {error!r}.") from error


def host_hours(measurements: Sequence[Measurement], size: str) -> float | None:
    """Return the core-hours in which the host draws order and noise of :data:`VAES` VAEs; None where not measured.

    They are drawn there on every backend, so that all train on the same numbers; a GPU waits for them where the host
    has too few cores.
    """
    # While a GPU works the next numbers are drawn: what a profile there tells is the wait for them.
    measurements = [one for one in measurements if one.place == goals.CPU]
    profiles = {one.backend: one for one in Profiles(measurements).all() if one.size == size}
    found = []
    for one in measurements:
        if one.kind == "profile" and one.info.get("size") == size and one.backend in profiles:
            images = one.info["steps"] / one.info["epochs"] * one.info["batch"]
            each = profiles[one.backend].parts["host randomness"] / (images * one.info["replicas"])
            found.append(each * floor.IMAGES[size] * floor.EPOCHS * VAES / 3600)
    return min(found, default=None)


def _trainings(size: str, measurements: Sequence[Measurement]) -> Iterator[Cost]:
    trained = [one for one in measurements if one.kind == "training" and one.info["size"] == size]
    here = [one for one in trained if one.place == goals.CPU and one.info["setting"] == "side by side"]
    if not here:
        return
    work = f"{size}, {floor.EPOCHS} epochs of {floor.IMAGES[size]:,} images; training alone"
    if layers := [str(width) for width in here[0].info.get("layers", ()) if isinstance(width, int)]:
        work = f"{work}; layers of {'-'.join(layers)}"
    best = max(here, key=_rate)
    yield from _multiples(work, best.machine, (1, NODES), VAES / _rate(best), f"measured, {best.backend}", measurements)
    there = [one for one in trained if one.place == goals.GPU]
    if there:
        best = max(there, key=_rate)
        device, source = str(best.info["device"]), f"one measured, {best.backend}"
        yield from _multiples(work, device, (1, GPUS, NODES), VAES / _rate(best), source, measurements)
    elif size in ON_PAPER:
        source = f"no GPU was measured: data sheet, at {100 * SHARE:g} % of the floor"
        yield from _multiples(work, H100.name, (1, GPUS, NODES), _on_paper(here[0]), source, measurements)


def _multiples(
    work: str, where: str, counts: Sequence[int], hours: float, source: str, measurements: Sequence[Measurement]
) -> Iterator[Cost]:
    """The same work on several machines: they share nothing but the cache, and the scheduler takes its part."""
    overheads = [float(one.info["overhead"]) for one in measurements if one.kind == "cluster"]
    for count in counts:
        part = 1 + max(overheads, default=0.0) if count > 1 else 1.0
        yield Cost(work, where, count, hours / count * part, source)


def _rate(one: Measurement) -> float:
    models = one.info["replicas"] * one.info.get("programs", 1)
    return floor.models_an_hour(one.seconds, one.info["steps"], one.info["size"], one.info["batch"], models)


def _on_paper(one: Measurement) -> float:
    """Hours on a GPU that nobody measured: the floor of the data sheet, at the share that is the goal."""
    models = one.info["replicas"] * one.info.get("programs", 1)
    least = floor.floor_seconds(one.info["flop"], one.info["bytes"], H100.flops, H100.bandwidth)
    rate = floor.models_an_hour(least / SHARE, one.info["steps"], one.info["size"], one.info["batch"], models)
    return VAES / rate


def _claims(measurements: Sequence[Measurement]) -> Iterator[Cost]:
    claims = [one for one in measurements if one.kind == "claims" and one.place == goals.CPU]
    cold = [one for one in claims if one.info["cache"] == "cold" and "vaes" in one.info]
    if cold:
        best = min(cold, key=lambda one: one.seconds / one.info["vaes"])
        hours = VAES * best.seconds / best.info["vaes"] / 3600
        work = f"the study at scale quick, {best.info['vaes']:,} VAEs; trained, measured and judged"
        yield from _multiples(work, best.machine, (1, NODES), hours, f"measured, {best.backend}", measurements)
