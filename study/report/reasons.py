"""Why a goal was missed, in numbers: the profile recorded beside it, and what the goal would ask of the machine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from study.errors import EvidenceError
from study.report import goals

if TYPE_CHECKING:
    from study.report.benchmarks import Measurement

REST = "everything else"
PARTS = ("host randomness", "matrix products", "optimiser", REST, "between chunks")
"""What an epoch of training is made of; *everything else* is activations, likelihood, gathering images, the loop."""


@dataclass(frozen=True)
class Profile:
    """Where the time goes.

    Attributes:
        backend: Backend, and the GPU where it ran on one.
        size: ``digits``, ``mnist`` or ``mixture``.
        seconds: Seconds of the whole, an epoch or a call.
        parts: Part → its seconds; together they are the whole.
        products: Share of the sgemm rate that the matrix products reach at their own shapes; None where unknown.
        needed: Share of the FLOP in the floor that a step cannot do without; None where unknown.
        top: Kernels that take most of the time, with their shares; none where the backend does not say.
    """

    backend: str
    size: str
    seconds: float
    parts: Mapping[str, float]
    products: float | None
    needed: float | None
    top: tuple[tuple[str, float], ...]

    def share(self, part: str) -> float:
        """Return a part's share of the whole."""
        return self.parts[part] / self.seconds

    @property
    def sentence(self) -> str:
        """The parts in one sentence, the largest first."""
        largest = sorted(self.parts, key=lambda part: -self.parts[part])
        return ", ".join(f"{part} {_percent(self.share(part))}" for part in largest if self.share(part) >= 0.005)


def profile(one: Measurement) -> Profile:
    """Read a profile.

    Args:
        one: A measurement of kind ``profile``.

    Returns:
        The profile.

    Raises:
        EvidenceError: When it lacks a field.
    """
    try:
        info = one.info
        parts = {name: median(seconds) for name, seconds in info["parts"].items()}
        top = tuple((str(kernel["name"]), float(kernel["share"])) for kernel in info.get("top", ()))
        if info["size"] == "mixture":
            both = {"float32 product": parts["products"], "comparisons": parts["comparisons"]}
            rest = {REST: one.seconds - sum(both.values())}
            return Profile(one.who, "mixture", one.seconds, both | rest, None, None, top)
        epoch = one.seconds / info["epochs"]
        inside = parts["program"] - parts["products"] - parts["optimiser"]
        between = epoch - parts["host"] - parts["program"]
        numbers = (parts["host"], parts["products"], parts["optimiser"], inside, between)
        reached = info["needed_flop"] / info["epochs"] / parts["products"] / median(info["sgemm"])
        needed = info["needed_flop"] / info["flop"]
        return Profile(one.who, info["size"], epoch, dict(zip(PARTS, numbers, strict=True)), reached, needed, top)
    except (KeyError, TypeError, ValueError, ZeroDivisionError, AttributeError) as error:
        raise EvidenceError(f"{one.path}: expected a profile with all its parts, received {error!r}.") from error


class Profiles:
    """The recorded profiles, by backend, machine and size."""

    def __init__(self, measurements: Iterable[Measurement]) -> None:
        """Read all that there are."""
        read = [one for one in measurements if one.kind == "profile" and "size" in one.info]
        found = [(one, profile(one)) for one in read]
        self.found = {(one.path, *_alike(one, one.info["size"])): profile for one, profile in found}
        self.elsewhere = {_alike(one, one.info["size"]): profile for one, profile in found}

    def of(self, one: Measurement) -> Profile | None:
        """Return the profile that explains a measurement, from its file or else of its backend and machine, or None.

        A training is explained by a profile of as many threads and programs.
        """
        size = "mixture" if one.kind == "mixture" else one.info.get("size")
        alike = _alike(one, size)
        return self.found.get((one.path, *alike)) or self.elsewhere.get(alike)

    def all(self) -> list[Profile]:
        """Return them in order of size and backend."""
        return sorted(self.found.values(), key=lambda one: (one.size, one.backend))


def _alike(one: Measurement, size: str | None) -> tuple[Any, ...]:
    threads = None if size == "mixture" else (one.info.get("threads"), one.info.get("programs", 1))
    return one.who, one.machine, size, threads


def why(goal: goals.Goal, value: float, share: float | None, profile: Profile | None) -> str:
    """Say why a goal was missed.

    Args:
        goal: The goal.
        value: What was reached.
        share: The share of the floor that was reached, where one is known.
        profile: Where the time goes, where that was recorded.

    Returns:
        One or two sentences, with numbers derived from the record.
    """
    said = []
    if goal.peer not in ("", goals.FLOOR) and share is not None and value > 0:
        asked = goal.limit * share / value
        said.append(
            f"the peer itself reaches {_percent(share / value)} of the floor, so that the goal asks for "
            f"{_percent(asked)} of it" + (", more than the machine has" if asked > 1 else "")
        )
    if profile is not None:
        if goal.what == goals.MIXTURE and goal.peer:
            left = profile.seconds * value / goal.limit
            bare = sum(seconds for part, seconds in profile.parts.items() if part != REST)
            said.append(
                f"of one thread's time the goal leaves {1000 * left:.0f} ms, and to screen each pair (a float32 "
                f"product, a comparison) takes {1000 * bare:.0f} ms alone"
            )
        if profile.products is not None and profile.products < 0.995:
            said.append(f"products of these shapes reach {_percent(profile.products)} of sgemm when run alone")
        said.append(f"the time goes to {profile.sentence}")
    return "; ".join(said) or "no profile was recorded beside it"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
