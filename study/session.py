"""One run of the claims: it composes the lab, the verdicts and the evidence; the plugin only translates."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from study.data.idx import folder
from study.data.loading import load
from study.design.claim import Claim, Estimand
from study.design.grids import SCALES
from study.errors import InvalidValue, StudyError
from study.evidence.figure_data import LatentPlane, MarginalKL
from study.evidence.judging import Terms, judge, judge_exact
from study.evidence.manifest import RowCost, manifest, row_key
from study.evidence.records import ClaimWords, Evidence, Observation, VerdictRow
from study.evidence.store import Store as Results
from study.lab.artefacts import Block, Setting
from study.lab.collecting import Collected, Look, Proving, Reader, Searching
from study.lab.figures import FIGURES
from study.lab.lab import Counterexample, Desk, Lab, Violation
from study.lab.plan import Plan, plan
from study.lab.run import Engine, Wanted
from study.lab.store import Store
from study.measures.registry import Measure
from study.runtime import backends
from study.runtime.precision import checked
from study.runtime.threads import cores, one_thread
from study.seeds import ROOT
from study.vae.config import BLOCK
from study.verdicts.looks import allowed

EVERY = {"form": "every VAE"}
"""Parametrisation of the row of a search."""


@dataclass(frozen=True)
class Options:
    """What a run was asked for.

    Attributes:
        scale: ``quick``, ``standard`` or ``full``.
        results: Folder that evidence is recorded in.
        cache: Folder that trained VAEs are kept in.
        workers: Processes, or whose: see :func:`study.lab.cluster.checked`; None for a process a core.
        replicas: Replicas of each VAE, in one look; None for the looks of the scale.
        seed_root: Seed root of the trials.
        precision: Precision of matrix products on a GPU.
        siblings: Processes that share this machine's cores with this one, itself included.
    """

    scale: str
    results: Path
    cache: Path
    workers: int | str | None = None
    replicas: int | None = None
    seed_root: str = ROOT
    precision: str = "float32"
    siblings: int = 1


@dataclass(frozen=True, eq=False)
class Body:
    """The body of one claim's test, without its test runner.

    Attributes:
        id: What the test runner calls it.
        call: Runs it over its design, or its cases.
        claim: The claim.
        parameters: The parametrisation.
        lab: The lab that it is given.
        search: Whether it searches for a counterexample.
    """

    id: str
    call: Callable[[], object]
    claim: Claim
    parameters: Mapping[str, str]
    lab: Lab
    search: bool = False


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A judged row, as it travels between processes.

    Attributes:
        evidence: The row, and all that it rests on.
        cost: What it took.
        marginal_kl: Figure data that its claim showed.
        latent_plane: The same.
    """

    evidence: Evidence
    cost: RowCost
    marginal_kl: tuple[MarginalKL, ...] = ()
    latent_plane: tuple[LatentPlane, ...] = ()

    @property
    def row(self) -> VerdictRow:
        """The row."""
        return self.evidence.rows[0]


@dataclass(eq=False)
class Session:
    """One run.

    Attributes:
        options: What it was asked for.
        setting: Where and how VAEs are trained.
        engine: What trains and measures.
        judged: Rows judged so far, with what they cost.
    """

    options: Options
    setting: Setting
    engine: Engine
    judged: dict[str, RowCost] = field(default_factory=dict)
    devices: set[str] = field(default_factory=set)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    _collected: dict[str, Collected] = field(default_factory=dict)
    _counted: set[Block] = field(default_factory=set)

    @classmethod
    def of(cls, options: Options) -> Session:
        """Prepare a run; nothing is trained, and no framework imported.

        Raises:
            InvalidValue: No backend, an unknown scale or precision.
        """
        allowed(options.scale, options.replicas)
        setting = Setting(backends.selected(), options.seed_root, checked(options.precision), folder())
        workers = options.workers if options.workers is not None else max(1, cores() // options.siblings)
        return cls(options, setting, Engine(Store(options.cache), setting, workers))

    @property
    def results(self) -> Results:
        """The evidence."""
        return Results(self.options.results)

    # Before anything is trained.

    def check(self, data: Sequence[str]) -> None:
        """Refuse what cannot work, before anything is trained.

        Raises:
            StudyError: A folder that cannot be written to, rows of another setting, data out of reach.
        """
        scale, setting = self.options.scale, self.setting
        self.results.check_writable(scale, setting.backend)
        settings = {"seed_root": setting.seed_root, "precision": setting.precision}
        self.results.check_unmixed(scale, setting.backend, **settings)
        self.engine.store.check_writable()
        one_thread(setting.backend, setting.precision)  # keras.datasets may import the framework
        for name in data:
            load(name, images=SCALES[scale][name], folder=setting.data)

    def collect(self, bodies: Sequence[Body]) -> None:
        """Run every body once, over its whole design: it names values and observes them, and nothing trains.

        A search, or an exact claim, asks as it goes: its body waits for its turn.

        Raises:
            StudyError: What is wrong with a body, in one line that names it.
        """
        for body in bodies:
            if body.search or body.claim.kind == "exact":
                continue
            collected = Collected(body.claim, body.parameters, body.lab.data)
            try:
                with _behind(body.lab, collected):
                    body.call()
                collected.check_complete()
                collected.wanted(Look(), self.setting)
            except Exception as error:  # of whatever kind: it is the author's, and named in one line
                raise _named(body, error) from error
            self._collected[body.id] = collected

    def submit(self, bodies: Sequence[Body]) -> None:
        """Ask for all that the first look of these tests takes, in their order; nothing is waited for."""
        self.engine.submit(self._first(bodies))

    def plan(self, bodies: Sequence[Body]) -> Plan:
        """Plan the first look of these tests, with what later looks may add."""
        looks, _ = allowed(self.options.scale, self.options.replicas)
        later = [
            collected.wanted(Look(replicas), self.setting)
            for replicas in looks[1:]
            for body in bodies
            if (collected := self._collected.get(body.id)) is not None
        ]
        return plan(self.engine, self._first(bodies), [_union(later)])

    def _first(self, bodies: Sequence[Body]) -> dict[Block, set[Measure]]:
        looks, _ = allowed(self.options.scale, self.options.replicas)
        rows = [self._collected[body.id] for body in bodies if body.id in self._collected]
        return _union(row.wanted(Look(looks[0]), self.setting) for row in rows)

    # Test by test.

    def judge(self, body: Body) -> Judged:
        """Wait for what a test needs, look by look, until its row is decided or out of looks.

        Raises:
            Exception: What went wrong with one of its VAEs; nothing is recorded then.
        """
        began, used = time.perf_counter(), set[Block]()
        reader = Reader(self.engine.store, self.setting)

        def ensure(wanted: Wanted) -> None:
            used.update(block.trained for block in wanted)
            self.engine.submit(wanted)
            self.engine.wait(wanted)

        looks, _ = allowed(self.options.scale, self.options.replicas)
        shown: list[MarginalKL | LatentPlane] = []
        if body.claim.kind == "exact":
            evidence = self._proved(body)
        elif body.search:
            evidence = self._searched(body, reader, Look(looks[0]), ensure)
        else:
            evidence, look = self._looked(body, reader, Look(looks[0]), ensure)
            row = self._collected[body.id]
            shown = [FIGURES[figure].build(what, look, reader, row.data) for figure, what in row.shown]
        trained = (used & self.engine.trained) - self._counted
        self._counted |= trained
        cost = RowCost(
            seconds=time.perf_counter() - began,
            trained=BLOCK * len(trained),
            recalled=BLOCK * len(used - trained),
        )
        return Judged(
            evidence=evidence,
            cost=cost,
            marginal_kl=tuple(one for one in shown if isinstance(one, MarginalKL)),
            latent_plane=tuple(one for one in shown if isinstance(one, LatentPlane)),
        )

    def record(self, judged: Judged) -> None:
        """Record a judged row at once."""
        row = judged.row
        self.results.update(judged.evidence)
        self.results.update_figure_data(row.scale, row.backend, judged.marginal_kl)
        self.results.update_figure_data(row.scale, row.backend, judged.latent_plane)
        self.judged[row_key(row)] = judged.cost
        self.devices |= {row.device} - {""}

    def finish(self, profile: str) -> None:
        """Write the manifest of what was judged.

        Args:
            profile: Name of the Hypothesis profile that was loaded.
        """
        if not self.judged:
            return
        described = manifest(
            scale=self.options.scale,
            backend=self.setting.backend,
            device="+".join(sorted(self.devices)),
            threads=1,
            precision=self.setting.precision,
            hypothesis_profile=profile,
            seed_root=self.setting.seed_root,
            started=self.started,
            finished=datetime.now(UTC),
            rows=self.judged,
        )
        self.results.write_manifest(described)

    def close(self) -> None:
        """End what is going on; what is trained stays in the store."""
        self.engine.close()

    def _looked(self, body: Body, reader: Reader, look: Look, ensure: Ensure) -> tuple[Evidence, Look]:
        """Look until the row is decided, or out of looks; return its evidence, and the last look that is not fresh."""
        collected, first = self._collected[body.id], look
        observations: list[Observation] = []
        fresh: list[Observation] = []
        while True:
            ensure(collected.wanted(look, self.setting))
            if look.fresh_for:
                fresh = collected.observed(look, reader)
            else:
                observations, first = collected.observed(look, reader), look
            row, more = judge(
                self._terms(body, reader, collected.contexts),
                observations,
                look.replicas,
                fresh=fresh,
                fresh_for=look.fresh_for,
                seen=collected.entries,
                decoder_failures=collected.decoder_failures(first, reader),
                secondary=collected.secondary(first, reader),
            )
            if more is None:
                return self._evidence(body, row, observations, fresh), first
            look = Look(more.replicas, more.fresh_for)

    def _searched(self, body: Body, reader: Reader, look: Look, ensure: Ensure) -> Evidence:
        """Search for a counterexample, and confirm what is found on fresh seeds."""
        desk = Searching(body.claim, body.parameters, body.lab.data, look=look, reader=reader, ensure=ensure)
        with _behind(body.lab, desk), suppress(Counterexample):  # what a search is for; judged below
            body.call()
        sizes = desk.sizes()
        observations, fresh = desk.observed(look, reader), list[Observation]()
        while True:
            terms = self._terms(body, reader, tuple(sizes), tuple(sizes.values()))
            row, more = judge(terms, observations, look.replicas, fresh=fresh, fresh_for=look.fresh_for)
            if more is None:
                return self._evidence(body, row, observations, fresh)
            look = Look(more.replicas, more.fresh_for)
            ensure(desk.wanted(look, self.setting))
            fresh = desk.observed(look, reader)

    def _proved(self, body: Body) -> Evidence:
        """Try an identity on the cases that Hypothesis draws; a violated one is shrunken, and becomes a note."""
        desk, case = Proving(body.claim, body.parameters, body.lab.data), ""
        try:
            with _behind(body.lab, desk):
                body.call()
        except Violation as violation:
            case = " ".join(" ".join(getattr(violation, "__notes__", [])).split())
        terms = self._terms(body, Reader(self.engine.store, self.setting), ())
        row = judge_exact(terms, desk.cases, desk.largest, desk.tolerance, violated=desk.violated, case=case)
        return self._evidence(body, row, [], [])

    def _terms(self, body: Body, reader: Reader, contexts: tuple[str, ...], sizes: tuple[int, ...] = ()) -> Terms:
        claim, setting = body.claim, self.setting
        estimand = _estimand(body)
        looks, alpha = allowed(self.options.scale, self.options.replicas)
        return Terms(
            claim=claim.id,
            parameters=dict(body.parameters),
            data=body.lab.data,
            scale=self.options.scale,
            backend=setting.backend,
            device="+".join(sorted(reader.devices)),
            kind="search" if body.search else claim.kind,
            threshold=estimand.threshold,
            unit=estimand.unit,
            declared=claim.declared,
            looks=looks,
            alpha=alpha,
            predicted=estimand.prediction(setting.seed_root),
            overturned=estimand.overturned,
            seed_root=setting.seed_root,
            precision=setting.precision,
            contexts=contexts,
            sizes=sizes,
        )

    def _evidence(
        self, body: Body, row: VerdictRow, observations: Sequence[Observation], fresh: Sequence[Observation]
    ) -> Evidence:
        design = () if body.claim.kind == "exact" else tuple(map(str, body.claim.design))
        return Evidence.gather(ClaimWords.of(body.claim), row, observations, fresh, design)


Ensure = Callable[[Wanted], None]
"""Waits until what is wanted is in the store."""


def _estimand(body: Body) -> Estimand:
    if not body.search:
        return body.claim.estimand(**body.parameters)
    if body.claim.search is None:
        raise InvalidValue(
            "search", None, f"an estimand, in the claim {body.claim.id!r} whose counterexample is sought"
        )
    return body.claim.search


def _union(several: Iterable[Mapping[Block, set[Measure]]]) -> dict[Block, set[Measure]]:
    """Return everything that is wanted, once, in the order in which it is first wanted."""
    union: dict[Block, set[Measure]] = {}
    for wanted in several:
        for block, measures in wanted.items():
            union.setdefault(block, set()).update(measures)
    return union


@contextmanager
def _behind(lab: Lab, desk: Desk) -> Iterator[None]:
    """Put a desk behind a lab while a body runs."""
    lab.desk = desk
    try:
        yield
    finally:
        lab.desk = None


def _named(body: Body, error: Exception) -> StudyError:
    """Return one line that says which body failed, and why."""
    kind = "" if isinstance(error, StudyError) else f"{type(error).__name__}: "
    return StudyError(f"{body.id}: {kind}{' '.join(str(error).split())}")
