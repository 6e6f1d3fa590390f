"""The engine: what is asked for is done once, in order, and whatever goes wrong costs only those who wait for it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from heapq import heappop, heappush
from itertools import count, pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from study.errors import InvalidValue, TrainingDiverged
from study.lab.artefacts import Block, Setting
from study.lab.run import Engine, Here, Remote, Sent, WorkerDied
from study.lab.store import Status, Store
from study.lab.work import Done, Task, Unit
from study.measures.registry import Measure
from study.measures.tools.bracket import Bracket
from study.vae.config import VAEConfig

SETTING = Setting("jax")
RATE, ELBO, UNITS = (Measure.of(name) for name in ("rate", "elbo", "active_units"))
MEASURES = (RATE, ELBO, UNITS)
BLOCKS = [Block(VAEConfig(latent_dim=1 + i // 3), i % 3, SETTING) for i in range(6)]
"""Two programs, three blocks of each."""
ABOUT = {"epochs": 1, "device": "planted", "seconds": 1.0, "finite": [True] * 8}


def do(store: Store, task: Task, run: str = "") -> Done:
    """Do a task as a worker would, but with planted numbers."""
    if store.status(task.block) is None:
        store.publish_training(task.block, {"w": np.zeros(8, np.float32)}, {**ABOUT, "run": run})
    for measure in task.measures:
        store.publish_value(task.block, measure, Bracket(np.zeros(8), np.zeros(8)))
    return Done(task.block, trained=store.status(task.block).run == run)


class Memory(Store):
    """A store without files."""

    def __init__(self, root):
        super().__init__(root)
        object.__setattr__(self, "kept", {})

    def status(self, block):
        return self.kept.get(block)

    def publish_training(self, block, weights, about):
        self.kept[block] = Status(1, "planted", 1.0, np.ones(8, bool), about["run"])

    def values(self, block, measure):
        return self.kept.get((block, measure))

    def publish_value(self, block, measure, value):
        self.kept[block, measure] = value


class Planted:
    """A pool of this process, in which a block may kill its workers, fail, or have measures that fail."""

    def __init__(self, store, killers=(), errors=None, unmeasured=()):
        self.store, self.killers, self.errors, self.unmeasured = store, killers, errors or {}, unmeasured
        self.waiting, self.ties, self.asked, self.done, self.closed = [], count(), [], [], False

    def submit(self, unit, order):
        self.asked.append(unit.tasks)
        heappush(self.waiting, (order, next(self.ties), unit))

    def next(self, meanwhile):
        *_, unit = heappop(self.waiting)
        outcome = []
        for task in unit.tasks:
            if task.block in self.killers:
                return unit, WorkerDied("planted")
            if isinstance(error := self.errors.get(task.block), BaseException):
                if not isinstance(error, Exception):
                    raise error
                outcome.append(Done(task.block, error=error))
                continue
            bad = [m for m in task.measures if (task.block, m) in self.unmeasured]
            done = do(self.store, replace(task, measures=tuple(m for m in task.measures if m not in bad)), unit.run)
            outcome.append(replace(done, unmeasured=tuple((m, ValueError(str(m))) for m in bad)))
            self.done.append(task.block)
        return unit, outcome

    def close(self):
        self.closed = True


@pytest.fixture
def engine(tmp_path):
    return Engine(Store(tmp_path / "cache"), SETTING)


def with_pool(engine, **fates):
    engine._pool = Planted(engine.store, **fates)
    return engine._pool


def everything(blocks=BLOCKS, measures=(RATE,)):
    return {block: set(measures) for block in blocks}


# What is asked for, and when.


def test_what_the_store_has_starts_no_pool(engine, monkeypatch):
    for block in BLOCKS:
        do(engine.store, Task(block, (RATE,)))
    monkeypatch.setattr(Engine, "_start", lambda self: pytest.fail("a pool was started"))
    engine.submit(everything())
    engine.wait(everything())
    assert (engine.pending, engine.trained) == (0, set())
    assert engine.missing(everything(measures=(RATE, ELBO))) == dict.fromkeys(BLOCKS, (ELBO,))


def test_a_held_decoder_is_asked_for_before_what_holds_it(engine):
    base = BLOCKS[0]
    held = Block(base.config.replace(encoder_width=2, decoder_trained_with=base.config.encoder_width), 0, base.setting)
    assert held.base == base
    assert list(engine.missing({held: {RATE}}).items()) == [(base, ()), (held, (RATE,))]
    assert list(engine.missing({held: {RATE}, base: {ELBO}}).items()) == [(base, (ELBO,)), (held, (RATE,))]
    with_pool(engine)
    engine.submit({held: {RATE}})
    engine.wait({held: {RATE}})
    assert engine.trained == {base, held}
    assert engine.missing({held: {RATE}}) == {}


def test_what_is_pending_is_not_asked_for_twice_and_further_measures_alone(engine):
    pool = with_pool(engine)
    first = {BLOCKS[0]: {RATE}}
    engine.submit(first)
    engine.submit(first)
    engine.submit({BLOCKS[0]: {RATE, ELBO}})
    assert pool.asked == [(Task(BLOCKS[0], (RATE,)),), (Task(BLOCKS[0], (ELBO,)),)]
    engine.wait({BLOCKS[0]: {ELBO}})
    assert engine.store.values(BLOCKS[0], ELBO) is not None
    assert engine.pending == 1  # nobody has waited for the rate yet
    assert engine.waiting({"one": BLOCKS[:1], "other": BLOCKS[1:2], "both": BLOCKS[:2]}) == ["one", "both"]
    engine.wait(first)
    assert engine.pending == 0


def test_a_test_waits_for_its_own_requests_only_and_its_next_look_comes_first(engine):
    engine.workers = 2  # so that no two blocks are together
    pool = with_pool(engine)
    engine.submit(everything())
    engine.wait({BLOCKS[0]: {RATE}})
    assert pool.done == [BLOCKS[0]]
    later = Block(VAEConfig(latent_dim=9), 0, SETTING)
    engine.submit({later: {RATE}})
    engine.wait({later: {RATE}})
    assert pool.done == [BLOCKS[0], later]
    engine.wait(everything())
    assert sorted(map(hash, pool.done)) == sorted(map(hash, [*BLOCKS, later]))


def test_blocks_of_one_program_are_together_but_leave_all_workers_busy(engine):
    pool = with_pool(engine)
    engine.workers = 1
    many = [Block(VAEConfig(latent_dim=1 + i % 2, kl_weight=1.0 + i), 0, SETTING) for i in range(23)]
    many.append(Block(many[0].config, 0, replace(SETTING, seed_root="of one claim")))
    engine.submit(everything(many))
    assert [len(tasks) for tasks in pool.asked] == [6, 6, 6, 5, 1]
    assert {len({task.block.config.program() for task in tasks}) for tasks in pool.asked} == {1}
    assert pool.asked[0][0].block == many[0]


# Whatever happens.

fates = st.fixed_dictionaries(
    {
        "killers": st.sets(st.sampled_from(BLOCKS)),
        "errors": st.dictionaries(st.sampled_from(BLOCKS), st.just(TrainingDiverged("planted"))),
        "unmeasured": st.sets(st.tuples(st.sampled_from(BLOCKS), st.sampled_from(MEASURES))),
    }
)
asked = st.lists(
    st.dictionaries(st.sampled_from(BLOCKS), st.sets(st.sampled_from(MEASURES)), min_size=3), min_size=1, max_size=3
)


@given(fates=fates, asked=asked, data=st.data())
@settings(max_examples=100)
def test_everything_asked_for_is_done_or_fails_with_those_that_want_it(fates, asked, data):
    told = []
    store = Memory(Path("nowhere"))
    engine = Engine(store, SETTING, 1, lambda done, total: told.append((done, total)))
    pool, size = with_pool(engine, **fates), data.draw(st.integers(1, 4))
    engine._groups = lambda new: batched([Task(block, measures) for block, measures in new.items()], size)
    for wanted in asked:
        engine.submit(wanted)
        if data.draw(st.booleans()):
            continue
        wait_and_compare(engine, wanted, fates)
    for wanted in asked:
        wait_and_compare(engine, wanted, fates)
    assert engine.pending == 0
    assert not pool.waiting
    assert engine.trained == {block for block in BLOCKS if store.status(block) is not None}
    for (done, total), (later, more) in pairwise(told):
        assert done <= later <= more
        assert total <= more
    assert not told or told[-1][0] == told[-1][1]


def batched(tasks, size):
    return (tuple(tasks[i : i + size]) for i in range(0, len(tasks), size))


def wait_and_compare(engine, wanted, fates):
    lost = {block for block in wanted if block in fates["killers"] or block in fates["errors"]}
    bad = {(b, m) for b, measures in wanted.items() for m in measures if (b, m) in fates["unmeasured"]}
    if lost or bad:
        with pytest.raises((WorkerDied, TrainingDiverged, ValueError)):
            engine.wait(wanted)
    else:
        engine.wait(wanted)
    for block, measures in wanted.items():
        if block not in lost and not any(b == block for b, _ in bad):
            assert not engine.missing({block: measures})


def test_blocks_of_a_unit_whose_worker_died_are_tried_alone_and_only_the_killer_fails(engine):
    pool = with_pool(engine, killers={BLOCKS[1]})
    engine._groups = lambda new: iter([tuple(Task(block, measures) for block, measures in new.items())])
    engine.submit(everything(BLOCKS[:3]))
    engine.wait(everything([BLOCKS[0], BLOCKS[2]]))
    with pytest.raises(WorkerDied, match=r'each worker died that was at .*"latent_dim":1'):
        engine.wait(everything(BLOCKS[:3]))
    assert isinstance(engine.failures[BLOCKS[1], None], WorkerDied)
    assert len(engine.failures) == 1
    # The first block was done before the death, and is not handed on.
    assert [len(tasks) for tasks in pool.asked] == [3, 1, 1]


def test_what_failed_is_not_asked_for_again_and_another_measure_is(engine):
    pool = with_pool(engine, errors={BLOCKS[0]: TrainingDiverged("planted")}, unmeasured={(BLOCKS[1], RATE)})
    for wanted in ({BLOCKS[0]: {RATE}}, {BLOCKS[1]: {RATE}}):
        engine.submit(wanted)
        with pytest.raises((TrainingDiverged, ValueError)):
            engine.wait(wanted)
    before = len(pool.asked)
    for wanted in ({BLOCKS[0]: {RATE}}, {BLOCKS[0]: {ELBO}}, {BLOCKS[1]: {RATE}}):
        engine.submit(wanted)
        with pytest.raises((TrainingDiverged, ValueError)):
            engine.wait(wanted)
    assert len(pool.asked) == before
    engine.submit({BLOCKS[1]: {RATE, ELBO}})
    engine.wait({BLOCKS[1]: {ELBO}})


def test_a_refusal_fails_its_blocks_and_nothing_hangs(engine, monkeypatch):
    pool = with_pool(engine)
    monkeypatch.setattr(
        pool, "next", lambda meanwhile: (heappop(pool.waiting)[2], InvalidValue("worker on a", "b", "c"))
    )
    engine.submit(everything())
    for block in BLOCKS:
        with pytest.raises(InvalidValue, match="worker on a: expected c, received 'b'"):
            engine.wait({block: {RATE}})


def test_ctrl_c_while_waiting_closes_the_pool_and_says_what_is_kept(engine):
    pool = with_pool(engine, errors={BLOCKS[4]: KeyboardInterrupt()})
    do(engine.store, Task(BLOCKS[0]))  # of an earlier run
    engine.submit(everything())
    with pytest.raises(KeyboardInterrupt):
        engine.wait(everything())
    do(engine.store, Task(BLOCKS[5]), engine._run)  # published by a worker that nobody could ask any more
    engine.close()
    assert pool.closed
    assert engine.notes == {"stopped": "32 VAEs of this run are kept"}
    assert engine.pending == 0


def test_a_run_that_ends_has_nothing_to_say(engine):
    with_pool(engine)
    engine.submit(everything())
    engine.wait(everything())
    engine.close()
    assert engine.notes == {}


def test_damaged_files_are_named_and_made_again(engine):
    do(engine.store, Task(BLOCKS[0], (RATE,)))
    (path,) = engine.store.folder(BLOCKS[0]).glob("rate-*")
    path.write_bytes(path.read_bytes()[:-9])
    with_pool(engine)
    engine.submit({BLOCKS[0]: {RATE}})
    engine.wait({BLOCKS[0]: {RATE}})
    assert engine.store.values(BLOCKS[0], RATE) is not None
    assert list(engine.notes) == [str(path)]
    assert engine.notes[str(path)].endswith("it is made again")


# Workers.


def test_while_workers_are_at_it_it_is_said_how_far_they_are(monkeypatch):
    """A block may take minutes: whoever waits is told of every second, and no longer than until one is done."""
    pytest.importorskip("distributed", reason="workers need Dask, which comes with a backend")

    class Completed:
        polls = 0

        def has_ready(self):
            self.polls += 1
            return self.polls > 4

        def is_empty(self):
            return False

        def __next__(self):
            return future

    class Finished:
        def result(self):
            return [Done(BLOCKS[0])]

    monkeypatch.setattr("study.lab.run.POLL", 0)
    monkeypatch.setattr("study.lab.run.SECOND", 0)
    future, told = Finished(), []
    remote = object.__new__(Remote)
    remote.completed, remote.sent = Completed(), {future: Sent("unit", 0)}
    unit, outcome = remote.next(lambda: told.append("said"))
    assert (unit, [done.block for done in outcome]) == ("unit", [BLOCKS[0]])
    assert told == ["said"] * 4


# This process.


def test_this_process_does_units_in_order_and_only_when_somebody_waits(engine, monkeypatch):
    done = []
    monkeypatch.setattr("study.lab.run.work", lambda unit, here: done.append(unit.tasks) or [Done(BLOCKS[0])])
    here = Here()
    units = [unit_of(engine, block) for block in BLOCKS[:3]]
    for order, unit in zip((2, 1, 0), units, strict=True):
        here.submit(unit, order)
    assert done == []
    assert [here.next(lambda: None)[0] for _ in range(2)] == [units[2], units[1]]
    here.close()
    assert not here.waiting


def unit_of(engine, block):
    return Unit((Task(block, (RATE,)),), str(engine.store.root), ())


WARM = """
import sys
from study.lab.artefacts import Block, Setting
from study.lab.run import Engine
from study.lab.store import Store
from study.measures.registry import Measure
from study.vae.config import VAEConfig
from pathlib import Path

wanted = {Block(VAEConfig(), 0, Setting("jax")): {Measure.of("rate")}}
engine = Engine(Store(Path(sys.argv[1])), Setting("jax"), 2)
engine.submit(wanted)
engine.wait(wanted)
engine.close()
print(*{"keras", "jax", "tensorflow", "torch", "distributed", "dask"} & set(sys.modules))
"""


def test_a_warm_run_imports_neither_framework_nor_dask(tmp_path):
    do(Store(tmp_path), Task(Block(VAEConfig(), 0, SETTING), (RATE,)))
    run = subprocess.run([sys.executable, "-c", WARM, str(tmp_path)], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""
