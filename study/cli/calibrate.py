"""``python -m study.cli.calibrate``: how often the rule errs."""

from __future__ import annotations

from pathlib import Path

import click

from study.cli.errors import Alone
from study.cli.output import print_table, results_option


@click.command(cls=Alone)
@click.option("--studies", type=click.IntRange(1), default=20_000, show_default=True, help="Simulated, of each kind.")
@results_option
def calibrate(studies: int, results: Path) -> None:
    """Simulate studies of known truth, judge them, and record how often the rule errs and decides."""
    from study.evidence import serialise
    from study.report.calibration import FILE, line
    from study.runtime.files import publish
    from study.verdicts.calibration import calibrate

    found = calibrate(studies)
    lines = [
        [
            cell.population,
            ", ".join(map(str, cell.looks)),
            str(cell.declared),
            f"{cell.distance:g}",
            *(f"{100 * share:.2f} %" for share in (cell.supported, cell.refuted, cell.mixed, cell.wrong)),
        ]
        for cell in found.cells
    ]
    print_table(["Population", "Looks", "Rows", "Distance", "SUPPORTED", "REFUTED", "MIXED", "Wrong"], lines)
    publish(results / FILE, serialise.page(found, FILE))
    click.echo(f"{line(results)}\nrecorded in {results / FILE}")


if __name__ == "__main__":
    calibrate(prog_name="python -m study.cli.calibrate")
