"""``study info``: what this machine can run."""

from __future__ import annotations

from typing import Any

import click

from study.cli.output import json_option, print_json, print_table


@click.command()
@json_option
def info(as_json: bool) -> None:
    """Say what this machine can run: versions, backends, device, data sets."""
    from study.data.loading import availability
    from study.errors import InvalidValue
    from study.evidence.manifest import run_info
    from study.runtime import backends

    backend = device = None
    refused = ""
    try:
        backend = backends.selected()
        device = backends.device(backend)
    except InvalidValue as error:
        refused = str(error)
    facts: dict[str, Any] = {
        **run_info(),
        "backend": backend,
        "device": device,
        "data": [{"name": name, "reachable": there, "where": where} for name, there, where in availability()],
    }
    if as_json:
        print_json(facts)
        return
    changed = ", with local changes" if facts["commit"] and facts["dirty"] else ""
    lines = [
        ("study", facts["study"] or "not installed, run from source"),
        ("commit", (facts["commit"] or "none") + changed),
        ("processor", facts["processor"]),
        ("Python", f"{facts['python']} on {facts['platform']}, {facts['cpus']} CPUs"),
        *((name, version or "not installed") for name, version in facts["versions"].items()),
        *((f"backend {name}", version or "not installed") for name, version in facts["backends"].items()),
        ("KERAS_BACKEND", facts["keras_backend"] or "not set"),
        ("a run would use", f"{backend} on {device}" if backend else f"nothing: {refused}"),
        *((f"data {one['name']}", f"{'yes' if one['reachable'] else 'no'}: {one['where']}") for one in facts["data"]),
    ]
    print_table([], lines)
