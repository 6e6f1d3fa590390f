"""``study train``: what a plan lists, trained by worker processes, a Dask cluster or Slurm, round by round."""

from __future__ import annotations

import os
import shlex
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from study import seeds
from study.errors import InvalidValue
from study.runtime import backends


@click.command()
@click.option(
    "--executor",
    default="local",
    show_default=True,
    metavar="local|dask://HOST:PORT|slurm",
    help="Who trains: processes here, a Dask cluster, or Slurm jobs.",
)
@click.option(
    "--cache",
    type=click.Path(path_type=Path),
    default=Path(".study-cache"),
    show_default=True,
    help="Folder of the plan and of trained VAEs; shared by all workers.",
)
@click.option("--workers", type=int, metavar="N", help="Processes of local (default: cores), Slurm jobs (default: 16).")
@click.option("--rounds", type=int, metavar="N", help="Stop after N rounds (default: when nothing is left to train).")
@click.option(
    "-o",
    "--option",
    "options",
    multiple=True,
    metavar="NAME=VALUE",
    help="For Slurm, what submitit is told of every job, e.g. slurm_partition=gpu; may be repeated.",
)
def train(executor: str, cache: Path, workers: int | None, rounds: int | None, options: tuple[str, ...]) -> None:
    """Train what `pytest claims/ --study-plan` lists.

    Goes round: train, judge what is complete, plan the next look; until every row is decided or out of looks. Then
    the same pytest command without --study-plan judges from the cache alone. What ends it loses nothing that was
    trained: the same command goes on.
    """
    from study.report.terminal import duration

    loop, plans, work = (import_module(f"study.lab.{name}") for name in ("cluster.rounds", "plan", "work"))
    if rounds is not None and rounds < 1:
        raise InvalidValue("--rounds", rounds, "an integer ≥ 1")
    plan = plans.Plan.read(cache)
    os.environ |= {seeds.VARIABLE: plan.seed_root, backends.PRECISION: plan.precision}  # of the addresses
    bench = work.Bench(cache, plan.backend)
    pool = loop.pool_of(executor, bench, workers, dict(map(_option, options)))
    number = 0
    try:
        while plan.tasks and number != rounds:
            number += 1
            blocks, seconds = len(plan.tasks), sum(task.seconds for task in plan.tasks)
            before = sum(task.trained for task in plan.tasks)
            already = f" ({before} trained already)" if before else ""
            workers_now = pool.slots() or "no"
            click.echo(
                f"round {number}: {blocks} blocks ({8 * blocks} VAEs){already} on {plan.backend} for {plan.undecided} "
                f"rows, about {duration(seconds)} on one worker; {workers_now} workers at present"
            )
            done = loop.train(plan, bench, pool, _draw)
            click.echo(
                f"  {done.trained} trained, {done.recalled} recalled in {duration(done.seconds)}; workers were at "
                f"them for {duration(done.worker_seconds)}"
            )
            plan = loop.again(plan, cache)
    finally:
        pool.close()
    _say(plan)


def _draw(done: int, blocks: int) -> None:
    """Draw how much of a round is done, where somebody watches."""
    if sys.stdout.isatty():
        bar = "█" * (30 * done // blocks) + "·" * (30 - 30 * done // blocks)
        click.echo(f"\r  {bar} {done}/{blocks} blocks" + ("\n" if done == blocks else ""), nl=False)


def _say(plan: Any) -> None:
    told = {"KERAS_BACKEND": plan.backend, seeds.VARIABLE: plan.seed_root, backends.PRECISION: plan.precision}
    usual = {seeds.VARIABLE: seeds.ROOT, backends.PRECISION: "float32"}
    asked = [f"{name}={shlex.quote(value)} " for name, value in told.items() if value != usual.get(name)]
    pytest = shlex.join(["pytest", *(argument for argument in plan.arguments if argument != "--study-plan")])
    judge = "".join(asked) + pytest
    if plan.tasks:
        click.echo(f"{plan.undecided} rows wait for {len(plan.tasks)} blocks more; the same command goes on")
    else:
        rows = f"all {plan.decided} rows are decided, or out of looks"
        click.echo(f"nothing is left to train: {rows}. `{judge}` judges from the cache alone")


def _option(text: str) -> tuple[str, int | str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise InvalidValue("--option", text, "NAME=VALUE")
    return name, int(value) if value.isdigit() else value
