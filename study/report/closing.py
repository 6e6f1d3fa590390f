"""What closes a run: all that was judged, where it is kept, and how it stands beside the recorded evidence."""

from __future__ import annotations

from collections.abc import Sequence

from study.errors import StudyError
from study.evidence.records import Evidence
from study.evidence.store import Store
from study.report import terminal
from study.report.comparison import beside
from study.runtime.options import Options


def closing(
    judged: Sequence[Evidence],
    options: Options,
    width: int,
    color: bool,
    contexts: bool,
    measured: terminal.Measured = terminal.unexplained,
) -> str:
    """Write what closes a run; nothing where nothing was judged.

    Args:
        judged: The evidence of each row.
        options: What the run was asked for.
        width: Columns of the terminal.
        color: Whether to colour it.
        contexts: Whether to say what each context says by itself.
        measured: Says what the measures are that a row rests on.
    """
    if not judged:
        return ""
    rows = [row for one in judged for row in one.rows]
    folder = options.named(options.results)
    kept = "recorded" if options.record else "not recorded (--study-record), kept"
    lines = [f"{kept} in {folder}", f"page and figures (extra report): study report --results {folder}"]
    if options.recorded is not None and options.recorded != options.results:
        try:
            lines += beside(rows, Store(options.recorded), folder, options.named(options.recorded))
        except StudyError as error:
            lines.append(f"not compared with what is recorded: {error}")
    words = {one.claim: one for one in judged}
    said = terminal.verdicts(rows, words, width, color=color, contexts=contexts, measured=measured, folder=folder)
    return "\n" + said + terminal.folded([*lines, terminal.tally(rows)], width)
