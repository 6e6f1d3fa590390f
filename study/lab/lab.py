"""The lab, the only composer: configs → train or recall → measure → observations."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from study.design import trends
from study.design.claim import Claim
from study.design.contexts import Context, Point, Sweep
from study.errors import InvalidValue
from study.evidence.records import Observation
from study.lab import executor, times
from study.lab.cache import Block
from study.lab.panels import Values
from study.lab.plan import Planned
from study.lab.work import Bench, Receipt
from study.measures.tools.bracket import Bracket
from study.vae.config import BLOCK, VAEConfig

Array = NDArray[np.float64]

FRESH_BLOCK = 1_000
"""Counterexamples are confirmed on blocks from this one on, which no look uses; on twice the replicas of a look,
since a candidate that was picked for being low is expected to lie nearer to the threshold than it looked."""


class Counterexample(AssertionError):
    """Raised by a search: this VAE does not do what is claimed of every one."""


@dataclass(frozen=True, eq=False)
class Observed:
    """An estimand in one context, before it is recorded.

    Attributes:
        context: The context.
        replicas: Replica indices, ``(replica,)``.
        low: Lower ends of the brackets, ``(replica,)``.
        high: Upper ends, ``(replica,)``.
        converged: Whether every VAE behind a value had converged, ``(replica,)``.
        applicable: Whether the claim says anything about a replica, ``(replica,)``.
    """

    context: Context
    replicas: NDArray[np.int64]
    low: Array
    high: Array
    converged: NDArray[np.bool_]
    applicable: NDArray[np.bool_]

    def where(self, other: Observed, at_least: float) -> Observed:
        """Restrict the claim to replicas for which another value is at least so large."""
        return Observed(
            self.context,
            self.replicas,
            self.low,
            self.high,
            self.converged,
            self.applicable & (other.low >= at_least),
        )


@dataclass(frozen=True, eq=False)
class Trial:
    """One VAE, trained and measured: its values, over replicas.

    Attributes:
        config: The VAE.
        values: Named brackets, ``(replica,)``.
        converged: Whether each replica had converged, ``(replica,)``.
        replicas: Replica indices, ``(replica,)``.
        devices: What its blocks were trained on.
    """

    config: VAEConfig
    values: Values
    converged: NDArray[np.bool_]
    replicas: NDArray[np.int64]
    devices: frozenset[str]


@dataclass(frozen=True, eq=False)
class Measurement:
    """The trials of a sweep, or of a point."""

    lab: Lab
    subject: Sweep | Point

    def trials(self, value: str) -> list[Trial]:
        """Return the trials with the panel that holds a value; trained or recalled as needed."""
        return self.lab.trials(self.subject, panel_of(value))

    def value(self, name: str) -> Observed:
        """Return a value of a point's VAE."""
        (trial,) = self.trials(name)
        bracket = _value(trial.values, name)
        ones = np.ones(len(trial.replicas), bool)
        return Observed(self.subject.context, trial.replicas, bracket.low, bracket.high, trial.converged, ones)

    def fall(self, name: str) -> Observed:
        """Return by how much a value falls along a sweep: per doubling, or for depth per added layer.

        The least-squares slope over the levels, negated; a bracketed value gives a bracketed fall.
        """
        if not isinstance(self.subject, Sweep):
            raise InvalidValue("context", str(self.subject.context), "a sweep, context.along(axis)")
        trials = self.trials(name)
        brackets = [_value(trial.values, name) for trial in trials]
        low, high = trends.bracketed_fall(
            self.subject.levels(self.lab.data),
            np.stack([b.low for b in brackets]),
            np.stack([b.high for b in brackets]),
            log2=self.subject.axis != "encoder_depth",
        )
        converged = np.all([trial.converged for trial in trials], axis=0)
        ones = np.ones(len(converged), bool)
        return Observed(self.subject.context, trials[0].replicas, low, high, converged, ones)


@dataclass
class Tally:
    """Which blocks were trained and used, and on which devices."""

    trained: set[Block] = field(default_factory=set)
    used: set[Block] = field(default_factory=set)
    devices: set[str] = field(default_factory=set)

    @property
    def recalled(self) -> set[Block]:
        """Blocks used that were in the cache already."""
        return self.used - self.trained


@dataclass
class Case:
    """The observations of one parametrisation while its test runs.

    Attributes:
        claim: The claim.
        parameters: The parametrisation.
        observations: By identity: an example that is repeated adds nothing.
        contexts: Contexts seen, in order.
        fresh_for: Contexts whose fresh seeds are asked for, to confirm a counterexample.
        fresh: Observations on fresh seeds.
        replicas: Replicas in each context.
        decoder_failures: Share of replicas whose decoder misses a class, by context.
        beside: Other readings of the estimand, by name and context: means over converged replicas.
        examined: VAEs that a search has looked at, in order.
        tally: Blocks trained and recalled for this case.
    """

    claim: Claim
    parameters: dict[str, str]
    replicas: int = BLOCK
    observations: dict[tuple[object, ...], Observation] = field(default_factory=dict)
    contexts: dict[str, Context] = field(default_factory=dict)
    fresh_for: frozenset[str] = frozenset()
    fresh: dict[tuple[object, ...], Observation] = field(default_factory=dict)
    decoder_failures: dict[str, float] = field(default_factory=dict)
    beside: dict[str, dict[str, float | None]] = field(default_factory=dict)
    examined: dict[str, Context] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)


@dataclass(repr=False)
class Lab:
    """Trains, recalls, measures and observes; judges nothing.

    Attributes:
        bench: Cache and backend.
        scale: ``quick``, ``standard`` or ``full``.
        data: Data set.
        workers: Processes to train in; 1 trains in this one.
        progress: Called as blocks are asked for and done, with the label, done and total.
        case: The parametrisation that is being observed.
        search_budget: VAEs that a search may train, shrinking included.
        planning: Raise :class:`Planned` instead of training.
    """

    bench: Bench
    scale: str
    data: str
    workers: int = 1
    progress: Callable[[str, int, int], None] | None = None
    case: Case | None = None
    search_budget: int = 24
    planning: bool = False

    def __repr__(self) -> str:
        """Return a short text."""
        return f"<Lab: {self.data} at scale {self.scale} on {self.bench.backend}>"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Show the short text with a falsifying example, where Hypothesis would print every field of a dataclass."""
        del cycle
        printer.text(repr(self))

    def run(self, subject: Sweep | Point | Context) -> Measurement:
        """Name what is to be measured: a sweep, a point, or a context's own VAE."""
        return Measurement(self, subject.at() if isinstance(subject, Context) else subject)

    def trials(self, subject: Sweep | Point, panel: str) -> list[Trial]:
        """Train or recall the VAEs of a subject; those of its whole design at once, which fills all workers."""
        wanted = subject.configs(self.data, self.scale)
        everything = (
            self._blocks(config, str(sibling.context))
            for sibling in subject.siblings()
            for config in sibling.configs(self.data, self.scale)
        )
        self._ensure(chain.from_iterable(everything), panel)
        return [self._trial(config, str(subject.context), panel) for config in wanted]

    def observe(
        self,
        claim: Claim,
        observed: Observed,
        *,
        decoder_misses: Observed | None = None,
        beside: Mapping[str, Observed] | None = None,
    ) -> None:
        """Record an estimand; the same observation twice changes nothing.

        Args:
            claim: The claim whose test is running.
            observed: The estimand in one context.
            decoder_misses: Classes that even decoded aggregate draws miss, a number per replica: they
                are the decoder's failure, not the sampling's, and are reported beside the verdict.
            beside: Other readings of the same estimand, by what they are called; they are reported
                beside the verdict, which they do not touch.
        """
        case = self._current(claim)
        context = str(observed.context)
        if decoder_misses is not None:
            case.decoder_failures[context] = float((decoder_misses.low > 0).mean())
        for name, other in (beside or {}).items():
            kept = other.low[other.converged & other.applicable]
            case.beside.setdefault(name, {})[context] = float(kept.mean()) if len(kept) else None
        if case.fresh_for and context not in case.fresh_for:
            return
        case.contexts[context] = observed.context
        into = case.fresh if case.fresh_for else case.observations
        # A replica that had not converged is recorded, with NaN, so that it is counted, shown and not judged.
        for i in np.flatnonzero(observed.applicable):
            known = bool(observed.converged[i])
            observation = Observation(
                claim=claim.id,
                parameters=case.parameters,
                data=self.data,
                context=context,
                replica=int(observed.replicas[i]),
                low=float(observed.low[i]) if known else math.nan,
                high=float(observed.high[i]) if known else math.nan,
            )
            into[observation.identity] = observation

    def examine(self, claim: Claim, context: Context) -> float | None:
        """Look at one VAE of a search, within the budget of VAEs: at the first declared measure of the claim.

        Returns:
            The mean of the value over replicas, for the search to follow; None where the budget is spent, or no
            replica can be judged.

        Raises:
            Counterexample: If the value's mean lies below the claim's threshold. It is a candidate
                until fresh seeds confirm it.
        """
        case = self._current(claim)
        if claim.search is None:
            raise InvalidValue(
                "search", None, f"an estimand, in the claim {claim.id!r} whose counterexample is looked for"
            )
        key = str(context)
        if key not in case.examined and len(case.examined) >= self.search_budget:
            return None  # not examined: whatever it is, it is not found
        case.examined[key] = context
        name = claim.parameters["measure"][0]
        observed = self.run(context).value(name)
        self.observe(claim, observed)
        kept = observed.converged & observed.applicable
        if kept.sum() < 2:
            return None
        mean = float(observed.high[kept].mean())
        if mean < (threshold := claim.search.threshold):
            raise Counterexample(f"{name} = {mean:.3g} < {threshold:g} for {context}")
        return mean

    def confirm(self) -> None:
        """Look at a search's counterexamples again, on fresh seeds."""
        case = self.case
        if case is None:
            raise InvalidValue("case", None, "a search that is running")
        name = case.claim.parameters["measure"][0]
        contexts = [case.contexts[text] for text in sorted(case.fresh_for)]
        blocks = (self._blocks(c.config(self.data, self.scale), str(c)) for c in contexts)
        self._ensure(chain.from_iterable(blocks), panel_of(name))
        for context in contexts:
            self.observe(case.claim, self.run(context).value(name))

    def _current(self, claim: Claim) -> Case:
        if self.case is None or self.case.claim is not claim:
            raise InvalidValue("claim", claim.id, "the CLAIM of the module whose test is running")
        return self.case

    def _blocks(self, config: VAEConfig, context: str) -> list[Block]:
        """Blocks of a config: those of the looks so far; of fresh seeds where these are asked for."""
        fresh = self.case is not None and context in self.case.fresh_for
        first = FRESH_BLOCK if fresh else 0
        return [Block(config, first + index) for index in range(-(-self._replicas(context) // BLOCK))]

    def _replicas(self, context: str) -> int:
        """Replicas that are looked at: those of the present look, twice as many fresh ones."""
        asked = self.case.replicas if self.case else BLOCK
        return 2 * asked if self.case is not None and context in self.case.fresh_for else asked

    def _ensure(self, blocks: Iterable[Block], panel: str) -> None:
        unique = list(dict.fromkeys(blocks))
        tally = self.case.tally if self.case else Tally()
        tally.used.update(unique)
        missing = self.bench.missing(unique, [panel])
        if not missing:
            return
        if self.planning:
            raise Planned(missing, panel)
        done = 0

        def report(receipt: Receipt | None) -> None:
            nonlocal done
            if receipt is not None:
                done += 1
                if receipt.trained:
                    tally.trained.add(receipt.block)
                    times.note(self.bench.cache, self.bench.backend, receipt)
            if self.progress is not None:
                self.progress(self.case.claim.id if self.case else "training", done, len(missing))

        report(None)
        executor.run(self.bench, missing, [panel], self.workers, report)

    def _trial(self, config: VAEConfig, context: str, panel: str) -> Trial:
        blocks = self._blocks(config, context)
        values, converged, devices = [], [], set()
        for block in blocks:
            found, status = self.bench.values(block, panel), self.bench.status(block)
            if found is None or status is None:
                raise FileNotFoundError(f"{self.bench.shelf(block).folder}: vanished while it was being read")
            values.append(found)
            converged.append(status.converged)
            devices.add(status.device)
        replicas = self._replicas(context)
        if self.case:
            self.case.tally.devices |= devices
        indices = np.concatenate([np.arange(b.index * BLOCK, (b.index + 1) * BLOCK) for b in blocks])[:replicas]

        def joined(name: str, end: str) -> Array:
            return np.concatenate([getattr(v[name], end) for v in values])[:replicas]

        brackets = {name: Bracket(joined(name, "low"), joined(name, "high")) for name in values[0]}
        return Trial(config, brackets, np.concatenate(converged)[:replicas], indices, frozenset(devices))


GENERATION_VALUES = ("min_share_ratio", "decoder_misses", "class_overlap", "coverage_ratio", "density_ratio")


def panel_of(value: str) -> str:
    """Return the panel that holds a value."""
    if value in GENERATION_VALUES or value.startswith(("prior_", "aggregate_", "reconstruction_")):
        return "generation"
    if value in ("total_correlation", "energy_distance"):
        return "structure"
    return "bound" if value in ("elbo", "importance_weighted_bound") else "latent"


def _value(values: Values, name: str) -> Bracket:
    if name not in values:
        raise InvalidValue("measure", name, "one of " + ", ".join(map(repr, sorted(values))))
    return values[name]


__all__: Sequence[str] = (
    *("Case", "Counterexample", "Lab", "Measurement", "Observed", "Planned", "Tally", "Trial"),
    "panel_of",
)
