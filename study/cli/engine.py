"""The engine of studies beside the claims, and the options that all of them take."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from study.lab.run import Engine


def engine_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options ``--cache`` and ``--workers`` to a command."""
    workers = click.option("--workers", default="1", show_default=True, help="Processes.")
    folder = click.Path(path_type=Path)
    return click.option("--cache", type=folder, default=Path(".study-cache"), help="Folder of trained VAEs.")(
        workers(command)
    )


@contextmanager
def opened(cache: Path, workers: str, root: str, precision: str = "float32") -> Iterator[Engine]:
    """Open the engine of the backend that is selected, on a seed root; close it at the end.

    Args:
        cache: Folder of trained VAEs.
        workers: How many processes, or the address of a scheduler.
        root: The seed root.
        precision: Precision of matrix products.

    Raises:
        InvalidValue: No backend, an unknown precision, workers that are none, or a cache that cannot be written.
    """
    from study.data.idx import folder
    from study.lab.artefacts import Setting
    from study.lab.cluster import checked
    from study.lab.run import Engine
    from study.lab.store import Store
    from study.report.live import on_terminal
    from study.runtime.backends import selected
    from study.runtime.precision import checked as checked_precision
    from study.runtime.threads import one_thread

    setting = Setting(selected(), root, checked_precision(precision), folder())
    one_thread(setting.backend, setting.precision)
    engine = Engine(Store(cache), setting, checked(workers), on_terminal(sys.stderr))
    engine.store.check_writable()
    try:
        yield engine
    finally:
        engine.close()
