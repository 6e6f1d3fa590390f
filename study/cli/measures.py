"""``study measures``: what can be measured."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import click

from study.cli.output import columns, json_option, print_json

if TYPE_CHECKING:
    from study.measures.registry import Spec


@click.command()
@json_option
def measures(as_json: bool) -> None:
    """List every registered measure: arguments, unit, first sentence, what it is computed from, source."""
    from study.measures import registry

    specs = [registry.spec(name) for name in registry.names()]
    if as_json:
        print_json(
            [
                {
                    "name": spec.name,
                    "arguments": _arguments(spec),
                    "unit": spec.unit,
                    "needs": list(spec.needs),
                    "source": spec.source,
                    "summary": spec.summary,
                }
                for spec in specs
            ]
        )
        return
    from study.report.terminal import folded

    lines = []
    for spec in specs:
        lines += [f"{_signature(spec)}, {spec.unit}", f"  {spec.summary}", f"  from: {', '.join(spec.needs)}"]
        lines += [f"  source: {spec.source}"] * bool(spec.source)
    click.echo(folded(lines, columns()), nl=False)


def _arguments(spec: Spec) -> list[str]:
    """Arguments as a claim says them, with their defaults."""
    empty = inspect.Parameter.empty
    return [one.name if one.default is empty else f"{one.name}={one.default!r}" for one in spec.parameters]


def _signature(spec: Spec) -> str:
    arguments = _arguments(spec)
    return f"{spec.name}({', '.join(arguments)})" if arguments else spec.name
