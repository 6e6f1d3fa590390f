"""What a run says while it trains: a live line beneath what pytest writes; or, on no terminal, a line a minute."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import timedelta
from typing import Any, Protocol, TextIO

from rich.console import Console
from rich.control import Control
from rich.progress import BarColumn, Progress, Task, TextColumn
from rich.table import Column

from study.vae.config import BLOCK

MINUTE = 60.0
"""Seconds between two plain lines."""


class Reporter(Protocol):
    """What of pytest's terminal reporter is needed."""

    _tw: Any

    def ensure_newline(self) -> None:
        """End the line that is being written."""

    def write_line(self, line: str) -> None:
        """Write a line."""


class Live:
    """Says how many VAEs are done, the time left, and which claims wait for them.

    Pytest goes on where it was: the live line stands one below, and is gone before pytest writes again. What a test
    prints is captured by redirecting the terminal itself, so that capture is put aside whenever something is said.
    """

    def __init__(
        self,
        reporter: Reporter,
        uncaptured: Callable[[], AbstractContextManager[object]] = nullcontext,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the terminal, before pytest captures what is written to it.

        Args:
            reporter: Pytest's terminal reporter.
            uncaptured: Puts capture aside.
            clock: Seconds that pass.
        """
        self.reporter, self.uncaptured, self.clock = reporter, uncaptured, clock
        file = reporter._tw._file
        self.terminal = bool(getattr(file, "isatty", bool)())
        self.console = Console(file=file, force_terminal=True) if self.terminal else None
        self.progress = Progress(
            BarColumn(8),
            TextColumn("{task.fields[said]}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis")),
            console=Console(file=io.StringIO(), force_terminal=True),
            auto_refresh=False,
            get_time=clock,
        )
        self.task = self.progress.add_task("", total=None, said="")
        self.claim, self.drawn = "", False
        self.last = clock()
        self.state: tuple[int, int, Collection[str]] = (0, 0, ())

    @classmethod
    def of(cls, plugin: Callable[[str], Any]) -> Live | None:
        """Take pytest's terminal reporter and its capture, by name; None where there is no terminal reporter."""
        reporter, capture = plugin("terminalreporter"), plugin("capturemanager")
        return reporter and cls(reporter, capture.global_and_fixture_disabled if capture else nullcontext)

    @contextmanager
    def turn(self, claim: str) -> Iterator[None]:
        """Show the line while the test of a claim waits."""
        self.claim = claim
        self.update(*self.state)
        try:
            yield
        finally:
            self.claim = ""
            self.clear()

    def update(self, done: int, total: int, claims: Collection[str]) -> None:
        """Take what was done; it is shown while a test waits.

        Args:
            done: Blocks done.
            total: Blocks asked for so far.
            claims: Those that wait for the others; that of the test whose turn it is comes first in any case.
        """
        self.state = done, total, claims
        self.progress.update(self.task, completed=BLOCK * done, total=BLOCK * total)
        self.progress.update(self.task, said=_said(self.progress.tasks[0], [*dict.fromkeys([self.claim, *claims])]))
        if not self.claim or done == total:
            self.clear()
        elif self.console is not None:
            self._draw(self.console)
        elif self.clock() - self.last >= MINUTE:
            self.last = self.clock()
            with self.uncaptured():
                self.reporter.ensure_newline()
                self.reporter.write_line(f"study: {self.progress.tasks[0].fields['said']}")

    def clear(self) -> None:
        """Take the line away."""
        if self.drawn and self.console is not None:
            self._below(self.console, "")
            self.drawn = False

    def _draw(self, console: Console) -> None:
        width = self.reporter._tw.fullwidth
        told = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=console.color_system)  # type: ignore[arg-type]
        told.print(self.progress.make_tasks_table(self.progress.tasks), end="")
        self._below(console, _first(told.file))
        self.drawn = True

    def _below(self, console: Console, line: str) -> None:
        """Write a line below the one that pytest writes, in place of what is there, and go back."""
        # A newline makes room at the bottom of the screen; moves are relative, since it may scroll.
        column = self.reporter._tw.width_of_current_line % self.reporter._tw.fullwidth
        with self.uncaptured():
            self.reporter._tw.flush()
            back = str(Control.move(0, -1)) + str(Control.move_to_column(column))
            console.file.write(f"\n\r\x1b[2K{line}{back}")
            console.file.flush()


def _first(file: Any) -> str:
    return str(file.getvalue()).split("\n", maxsplit=1)[0].rstrip()


def _said(task: Task, claims: list[str]) -> str:
    """Write e.g. ``96 of 800 VAEs, 0:02:05 left, for kl_pull + 2``: the claim whose turn it is, and how many others."""
    left, passed = "", task.elapsed or 0.0
    if task.total and task.completed > 0:  # by the mean so far: blocks come many at a time, the first ones late
        rest = passed * (task.total - task.completed) / task.completed
        left = f", {timedelta(seconds=round(rest))} left"
    more = f" + {len(claims) - 1}" if len(claims) > 1 else ""
    return f"{task.completed:,.0f} of {task.total or 0:,.0f} VAEs{left}" + (
        f", for {claims[0]}{more}" if claims else ""
    )


def on_terminal(file: TextIO) -> Callable[[int, int], None] | None:
    """Return what shows how many VAEs are done where nothing else is written; None where there is no terminal."""
    if not file.isatty():
        return None
    bar = Progress(
        BarColumn(8), TextColumn("{task.fields[said]}"), console=Console(file=file), transient=True, auto_refresh=False
    )
    task = bar.add_task("", total=None, said="")

    def draw(done: int, total: int) -> None:
        bar.update(task, completed=BLOCK * done, total=BLOCK * total)
        bar.update(task, said=_said(bar.tasks[0], []))
        if done < total:
            bar.start()
            bar.refresh()
        else:
            bar.stop()

    return draw
