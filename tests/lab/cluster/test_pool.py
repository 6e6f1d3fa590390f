"""The loop that keeps workers busy, over planted workers that come, go and die."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from study.errors import InvalidValue
from study.lab.cluster.pool import outcomes
from study.lab.cluster.unit import Failure


class WorkerDied(Exception):
    pass


class Future:
    def __init__(self, result, cancel):
        self.result, self.cancel = result, cancel


class Planted:
    """Workers whose number changes at each look, and whose results are planted by unit."""

    def __init__(self, slots, results):
        self.numbers, self.results = list(slots), results
        self.most, self.cancelled, self.submitted = 0, [], []

    def slots(self):
        return self.numbers.pop(0) if len(self.numbers) > 1 else self.numbers[0]

    def submit(self, job, unit):
        self.submitted.append(unit.name)
        return Future(lambda: self._result(unit), lambda: self.cancelled.append(unit.name))

    def wait(self, futures):
        self.most = max(self.most, len(futures))
        return list(futures)[-1:]  # the newest first: any order will do

    def lost(self, error):
        return isinstance(error, WorkerDied)

    def _result(self, unit):
        result = self.results(unit.name)
        if isinstance(result, BaseException) and not isinstance(result, InvalidValue):
            raise result
        return result


def unit(name):
    return SimpleNamespace(name=name, tasks=(name,))


def run(pool, names="abcd"):
    return list(outcomes(pool, None, [unit(name) for name in names]))


def test_every_unit_is_done_once_whatever_the_number_of_workers():
    pool = Planted([1, 0, 3, 1, 2], lambda name: [name])
    assert sorted(run(pool)) == list("abcd")
    assert pool.submitted == list("abcd")
    assert pool.most <= 3


def test_without_workers_units_wait():
    pool = Planted([0, 0, 0, 2], lambda name: [name])
    assert sorted(run(pool)) == list("abcd")


def test_a_dead_worker_loses_its_unit_and_a_failure_its_own():
    results = {"a": WorkerDied("signal 9"), "b": ValueError("no")}
    found = run(Planted([2], lambda name: results.get(name, [name])))
    failures = {f.task: (f.error, f.lost) for f in found if isinstance(f, Failure)}
    assert failures == {"a": ("the worker died: signal 9", True), "b": ("ValueError: no", False)}
    assert {o for o in found if isinstance(o, str)} == {"c", "d"}


@pytest.mark.parametrize("wrong", [InvalidValue("worker", 1, "2"), ModuleNotFoundError("No module named 'study'")])
def test_a_wrong_worker_ends_all_and_takes_back_what_is_out(wrong):
    pool = Planted([3], lambda name: wrong)
    with pytest.raises(InvalidValue, match=r"^worker: expected "):
        run(pool)
    assert sorted([*pool.cancelled]) == ["a", "b"]


def test_ctrl_c_takes_back_what_is_out():
    pool = Planted([2], lambda name: KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        run(pool)
    assert pool.cancelled == ["a"]
