"""One run of the claims: it composes the lab, the verdicts and the evidence; the plugin only translates."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from study.data.idx import folder
from study.data.loading import load
from study.design.grids import SCALES
from study.errors import StudyError, printable
from study.evidence import history
from study.evidence.admission import DRAFTS, Bound, Standing, check_enough
from study.evidence.figure_data import KINDS, Shown
from study.evidence.judged import Judged
from study.evidence.judging import Terms, check_again, judge, judge_identity
from study.evidence.manifest import RowCost, manifest, row_key
from study.evidence.measured import measured
from study.evidence.records import GIVEN, ClaimWords, Evidence, Observation, VerdictRow
from study.evidence.serialise import line, parse
from study.evidence.store import Store as Results
from study.lab.artefacts import Block, Setting
from study.lab.bodies import Body, check_distinct, drawn
from study.lab.cluster import checked as checked_workers
from study.lab.collecting import Collected, Proving, Searching
from study.lab.figures import FIGURES
from study.lab.lab import Counterexample, Violation
from study.lab.plan import plan
from study.lab.reading import Look, Reader
from study.lab.registering import Register
from study.lab.run import Engine, Wanted
from study.lab.store import Store
from study.report import terminal
from study.report.closing import closing
from study.report.live import Live
from study.report.text import environment
from study.report.words import status
from study.runtime import backends
from study.runtime.options import Options, siblings
from study.runtime.precision import checked as checked_precision
from study.runtime.threads import cores, one_thread
from study.seeds import ROOT
from study.vae.config import BLOCK
from study.verdicts.kinds import Kind, Verdict
from study.verdicts.looks import looks as looks_of

if TYPE_CHECKING:
    import pytest

    from study.design.claim import Claim
    from study.measures.registry import Measure

Ensure = Callable[[Wanted], None]
"""Waits until what is wanted is in the store."""


@dataclass(eq=False)
class Session:
    """One run.

    Attributes:
        options: What it was asked for.
        setting: Where and how VAEs are trained.
        engine: What trains and measures.
        judged: Rows recorded so far, with what they took.
        turn: Says how far it is while the test of a claim waits.
    """

    options: Options
    setting: Setting
    engine: Engine
    judged: list[Judged] = field(default_factory=list)
    turn: Callable[[str], AbstractContextManager[Any]] = nullcontext
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    _collected: dict[str, Collected] = field(default_factory=dict)
    _register: Register = field(default_factory=Register)
    _claims: dict[str, Claim] = field(default_factory=dict)
    _counted: set[Block] = field(default_factory=set)

    @classmethod
    def asked(cls, asked: Mapping[str, str | bool | None], called: pytest.Config.InvocationParams) -> Session:
        """Prepare a run by options as they were typed: see :meth:`study.runtime.options.Options.read`."""
        return cls.of(Options.read(asked, called.dir, siblings(), tuple(map(str, called.args))))

    @classmethod
    def of(cls, options: Options) -> Session:
        """Prepare a run; nothing is trained, and no framework imported.

        Raises:
            InvalidValue: No backend, an unknown scale or precision.
        """
        looks_of(options.scale, options.replicas)
        setting = Setting(backends.selected(), options.seed_root, checked_precision(options.precision), folder())
        # A process among others of this machine does its tests alone.
        workers = checked_workers(options.workers or ("1" if options.siblings > 1 else str(cores())))
        return cls(options, setting, Engine(Store(options.cache), setting, workers))

    # Before anything is trained.

    def collect(self, bodies: Sequence[Body]) -> None:
        """Run every body once, over its whole design; one that looks at values waits for its turn.

        Raises:
            StudyError: What is wrong with a body, in one line that names it.
        """
        check_distinct(bodies)
        self._claims = {body.claim.id: body.claim for body in bodies}
        rows = {body: body.collected(self._of(body.claim)) for body in bodies}
        self._collected = {body.id: row for body, row in rows.items() if not body.waits}
        usual = self._looks == looks_of(self.options.scale)
        self._register = Register.of(rows, usual=usual)

    def check(self) -> None:
        """Refuse what cannot work.

        Raises:
            StudyError: A folder that cannot be written to, rows of another setting or registration, data out of reach,
                what cannot be recorded.
        """
        options, setting, register = self.options, self.setting, self._register
        results = Results(options.results)
        if options.record:
            register.check_recordable()
            check_again(results)
        found: dict[str, Standing] = {}
        for backend in sorted({self._backend(claim) for claim in self._claims.values()}):
            names = [name for name, claim in self._claims.items() if self._backend(claim) == backend]
            results.check_writable(options.scale, backend, names)
            found[backend] = Standing.of(results, options.scale, backend)
            found[backend].check_unmixed(precision=setting.precision)
        rows = {body.row for body in register.bodies}
        for name, claim in self._claims.items():
            root, standing = self._of(claim).seed_root, found[self._backend(claim)]
            if not options.scratch:
                standing.check_date(name, claim.registered)
                history.check_fresh(options.results, name, root)
            # A replication mixes with nothing.
            standing.check_unmixed(name if setting.seed_root == ROOT else None, seed_root=root)
            standing.check_design(name, claim.places, rows)
        if not options.scratch:
            register.check_bound(Bound.of(results), options.scale, options.seed_root)
        for body in register.bodies:
            if not body.claim.subjects:
                check_enough(body.id, register.fixed[body.id], self._looks_of(body))
            found[self._backend(body.claim)].check_row(
                body.row, register.fixed[body.id], registered=register.date(body), looks=self._looks_of(body),
                scratch=options.scratch,
            )  # fmt: skip
        self.engine.store.check_writable()
        one_thread(setting.backend, setting.precision)  # keras.datasets may import the framework
        for name in sorted({body.lab.data for body in register.bodies if not body.claim.data}):
            load(name, images=SCALES[options.scale][name], folder=setting.data)

    def begin(self, plugin: Callable[[str], Any] | None = None) -> None:
        """Ask for all that the first looks take; tell how far it is by pytest's plugins, by name, or be silent."""
        needs: dict[str, set[Block]] = {}
        for row in self._collected.values():
            needs.setdefault(row.claim.id, set()).update(row.wanted(Look(self._looks[0]), self._of(row.claim)))
        if plugin and (live := Live.of(plugin)):
            self.turn = live.turn
            self.engine.progress = lambda done, total: live.update(done, total, self.engine.waiting(needs))
        self.engine.submit(self._wanted(self._looks[:1]))

    def plan_text(self) -> str:
        """Return the plan of the first looks, with what later ones may add."""
        first, later = self._wanted(self._looks[:1]), self._wanted(self._looks[1:], fresh=True)
        planned = plan(self.engine, first, [{block: later[block] for block in later if block not in first}])
        headings, rows = planned.table()
        table = terminal.table(headings, rows, 132, color=False) if rows else ""
        return printable("\n".join(["", table, *planned.notes(), ""]))

    @property
    def _looks(self) -> tuple[int, ...]:
        return looks_of(self.options.scale, self.options.replicas)

    def _looks_of(self, body: Body) -> tuple[int, ...]:
        """Return the looks of a row: of numbers that were given there is one."""
        given = self._collected[body.id].given if body.id in self._collected else 0
        return (given,) if given else self._looks

    def _backend(self, claim: Claim) -> str:
        return GIVEN if claim.foreign else self.setting.backend

    def _wanted(self, looks: Iterable[int], *, fresh: bool = False) -> dict[Block, set[Measure]]:
        """Return everything that looks take, once, in the order in which it is first wanted.

        Args:
            looks: Replicas at each look.
            fresh: Whether to add what claims of every VAE take to confirm a counterexample in each context.
        """
        asked = [(row, Look(replicas)) for replicas in looks for row in self._collected.values()]
        if fresh:
            bodies = (body for body in self._register.bodies if body.kind == Kind.EVERY)
            rows = (self._collected[body.id] for body in bodies if body.id in self._collected)
            asked += [(row, Look(self._looks[-1], frozenset(row.entries))) for row in rows]
        union: dict[Block, set[Measure]] = {}
        for row, look in asked:
            for block, measures in row.wanted(look, self._of(row.claim)).items():
                union.setdefault(block, set()).update(measures)
        return union

    def _of(self, claim: Claim) -> Setting:
        """Return the setting of a claim: its own seed root, or that of drafts, unless the user names one."""
        own = claim.seed_root if claim.registered else DRAFTS
        return replace(self.setting, seed_root=own) if own and self.setting.seed_root == ROOT else self.setting

    # Test by test.

    def verdict(self, body: Body) -> tuple[str, str]:
        """Judge a test.

        Returns:
            What is to be recorded, nothing where it could not be judged; and why the test fails, nothing where it does
            not.
        """
        try:
            with self.turn(body.claim.id):
                judged = self.judge(body)
        except (StudyError, OSError) as error:  # the latter of a disk
            return "", str(error)
        row = judged.row
        failed = row.contradicts(row.predicted) or (row.verdict == Verdict.INCONCLUSIVE and self.options.strict)
        repeat = f"{environment(row)}pytest {self.options.repeat} {shlex.quote(body.id)}"
        return line(judged), terminal.explained(judged.evidence, row, repeat, measured) if failed else ""

    def judge(self, body: Body) -> Judged:
        """Wait for what a test needs, look by look, until its row is decided or out of looks.

        Raises:
            Exception: What went wrong with one of its VAEs; nothing is recorded then.
        """
        began, used = time.perf_counter(), set[Block]()
        reader, look = Reader(self.engine.store, self._of(body.claim)), Look(self._looks_of(body)[0])

        def ensure(wanted: Wanted) -> None:
            used.update(block.trained for block in wanted)
            self.engine.submit(wanted)
            self.engine.wait(wanted)

        shown: list[Shown] = []
        if body.kind == Kind.EXACT:
            evidence = self._proved(body)
        elif body.search:
            evidence = self._searched(body, reader, look, ensure)
        else:
            evidence, look = self._looked(body, reader, look, ensure)
            row = self._collected[body.id]
            shown = [FIGURES[figure].build(what, look, reader, row.data) for figure, what in row.shown]
        trained = (used & self.engine.trained) - self._counted
        self._counted |= trained
        seconds = time.perf_counter() - began
        cost = RowCost(seconds=seconds, trained=BLOCK * len(trained), recalled=BLOCK * len(used - trained))
        figures: dict[str, Any] = {kind.name: tuple(one for one in shown if isinstance(one, kind)) for kind in KINDS}
        return Judged(evidence=evidence, cost=cost, **figures)

    def record(self, text: str) -> str:
        """Record a judged row at once, as :meth:`verdict` hands it on; return why it could not be, if so."""
        judged, results = parse(text, Judged), Results(self.options.results)
        try:
            results.update(judged.evidence)
            for kind in KINDS:
                results.update_figure_data(judged.row.scale, judged.row.backend, getattr(judged, kind.name))
        except (StudyError, OSError) as error:
            return f"{row_key(judged.row)} was judged, but could not be recorded: {error}"
        self.judged.append(judged)
        return ""

    def status(self, text: str, *, failed: bool) -> tuple[str, str, tuple[str, dict[str, bool]]]:
        """Return the word and the letter of a judged row."""
        return status(parse(text, Judged).row.verdict, failed=failed)

    def close(self, *, record: bool = True) -> str:
        """End what is going on, and write the manifest; return what a user should know of the run, a line each."""
        self.engine.close()
        if "stopped" in self.engine.notes:
            self.engine.notes["stopped"] += f"; go on: KERAS_BACKEND={self.setting.backend} {self.options.command}"
        if record and self.judged:
            try:
                self._write_manifest()
            except (StudyError, OSError) as error:
                self.engine.notes["manifest"] = f"the manifest could not be written: {error}"
        return "".join(f"study: {note}\n" for note in self.engine.notes.values())

    def _write_manifest(self) -> None:
        from hypothesis import settings

        for backend in sorted({one.row.backend for one in self.judged}):
            judged = [one for one in self.judged if one.row.backend == backend]
            described = manifest(
                scale=self.options.scale,
                backend=backend,
                device="+".join(sorted({one.row.device for one in judged} - {""})),
                threads=1,
                precision=self.setting.precision,
                hypothesis_profile=settings.get_current_profile_name(),
                seed_root=self.setting.seed_root,
                started=self.started,
                finished=max(self.started, datetime.now(UTC)),  # clocks are set meanwhile
                rows={row_key(one.row): one.cost for one in judged},
                claims=self._register.folder,
            )
            Results(self.options.results).write_manifest(described)

    def summary(self, width: int, *, color: bool, contexts: bool = False) -> str:
        """Return what was judged, beside what is recorded: see :func:`study.report.closing.closing`."""
        return closing([one.evidence for one in self.judged], self.options, width, color, contexts, measured)

    def _looked(self, body: Body, reader: Reader, look: Look, ensure: Ensure) -> tuple[Evidence, Look]:
        """Look until the row is decided, or out of looks; return its evidence, and the last look that is not fresh."""
        # A candidate is put to fresh seeds once, whether or not the claim says anything about it there.
        collected, first, only, put = self._collected[body.id], look, frozenset[str](), frozenset[str]()
        observations: list[Observation] = []
        fresh: list[Observation] = []
        secondary: dict[str, dict[str, float | None]] = {}
        while True:
            ensure(collected.wanted(look, reader.setting, only))
            found = collected.observed(look, reader, only)
            if look.fresh_for:
                fresh += found
            else:
                # A context that is decided is not looked at again: its observations stay those of its own last look.
                kept = [o for o in observations if only and o.context not in only]
                observations, first = kept + found, look
                for name, medians in collected.secondary(look, reader, only).items():
                    secondary.setdefault(name, {}).update(medians)
            row, more = judge(
                self._terms(body, reader, collected.contexts),
                observations,
                look.replicas,
                fresh=fresh,
                seen=collected.entries.keys(),
                secondary=secondary,
            )
            if more is None or (more.fresh_for and more.fresh_for <= put):
                return self._evidence(body, row, observations, fresh), first
            look, only, put = Look(more.replicas, more.fresh_for), more.contexts, put | more.fresh_for

    def _searched(self, body: Body, reader: Reader, look: Look, ensure: Ensure) -> Evidence:
        """Search for a counterexample, and confirm what is found on fresh seeds."""
        recorder = Searching(body.claim, body.parameters, body.lab.data, look=look, reader=reader, ensure=ensure)
        with suppress(Counterexample):  # what a search is for; judged below
            body.run(recorder)
        sizes, put = recorder.sizes(), frozenset[str]()
        observations, fresh = recorder.observed(look, reader), list[Observation]()
        while True:
            terms = self._terms(body, reader, tuple(sizes), tuple(sizes.values()))
            row, more = judge(terms, observations, look.replicas, fresh=fresh)
            if more is None or more.fresh_for <= put:
                return self._evidence(body, row, observations, fresh)
            look, put = Look(more.replicas, more.fresh_for), put | more.fresh_for
            ensure(recorder.wanted(look, reader.setting))
            fresh = recorder.observed(look, reader)

    def _proved(self, body: Body) -> Evidence:
        """Try an identity on the cases that Hypothesis draws; a violated one is shrunken, and becomes a note."""
        recorder, case = Proving(body.claim, body.parameters, body.lab.data), ""
        try:
            body.run(recorder)
        except Violation as violation:
            case = drawn(getattr(violation, "__notes__", ()), {"lab", *body.parameters})
        terms = self._terms(body, Reader(self.engine.store, self._of(body.claim)), ())
        row = judge_identity(
            terms, recorder.cases, recorder.largest, recorder.tolerance, violated=recorder.violated, case=case
        )
        return self._evidence(body, row, [], [])

    def _terms(self, body: Body, reader: Reader, contexts: tuple[str, ...], sizes: tuple[int, ...] = ()) -> Terms:
        claim, setting, estimand = body.claim, reader.setting, body.estimand
        return Terms(
            claim=claim.id,
            parameters=dict(body.parameters),
            data=body.lab.data,
            scale=self.options.scale,
            backend=self._backend(claim),
            device=GIVEN if claim.foreign else "+".join(sorted(reader.devices)) or "cpu",
            kind=body.kind.value,
            threshold=estimand.threshold,
            zero=estimand.zero,
            unit=estimand.unit,
            declared=claim.declared(body.lab.data),
            looks=self._looks_of(body),
            seed_root=setting.seed_root,
            precision=setting.precision,
            **self._register.terms(body, setting.seed_root),
            contexts=contexts,
            sizes=sizes,
        )

    def _evidence(
        self, body: Body, row: VerdictRow, observations: Sequence[Observation], fresh: Sequence[Observation]
    ) -> Evidence:
        return Evidence.gather(ClaimWords.of(body.claim), row, observations, fresh, body.claim.places)
