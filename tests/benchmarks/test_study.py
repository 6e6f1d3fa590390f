"""How long a user waits: importing the study, and running its claims at scale quick, cold and warm.

Everything is timed as a whole process, on the backend that KERAS_BACKEND names. Nothing else may run beside it.
"""

from __future__ import annotations

import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest

from study.evidence.store import Store

REPOSITORY = Path(__file__).parents[2]
WHOLE = {"synchronised": "a whole process: what it has printed or written, the device has done"}
WHICH = ("claims", "headline claims")


def run(*arguments: str) -> None:
    done = subprocess.run([sys.executable, *arguments], cwd=REPOSITORY, check=False, stdout=subprocess.DEVNULL)
    assert done.returncode in (0, 1)  # 1: a verdict against its prediction, which takes as long


@pytest.mark.parametrize("statement", ["pass", "import study"])
def test_import(benchmark: Any, facts: dict[str, Any], statement: str) -> None:
    """The difference of the two is what `import study` takes."""
    benchmark.extra_info.update(facts | WHOLE | {"kind": "import", "statement": statement})
    benchmark.pedantic(run, args=("-c", statement), rounds=10, warmup_rounds=1)


def asked(which: str) -> list[str]:
    """All claims, or the headline ones, which tox puts to the test."""
    tox = ConfigParser()
    tox.read(REPOSITORY / "tox.ini")
    return ["claims/"] if which == "claims" else tox["testenv"]["headline"].split()


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {which: tmp_path_factory.mktemp(which.replace(" ", "-")) for which in WHICH}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("which", "cache"),
    [(which, cache) for which in WHICH for cache in ("cold", "warm")],
    ids=["cold", "warm", "headline-cold", "headline-warm"],
)
def test_claims(benchmark: Any, facts: dict[str, Any], folders: dict[str, Path], which: str, cache: str) -> None:
    """Claims at scale quick: first with an empty cache, then with the one that they filled."""
    folder = folders[which]
    options = ("--study-results", str(folder / "results"), "--study-cache", str(folder / "cache"))
    assert (folder / "cache").exists() == (cache == "warm")
    benchmark.extra_info.update(facts | WHOLE | {"kind": "claims", "which": which, "cache": cache, "threads": 1})
    benchmark.extra_info.update(programs=facts["cores"])
    benchmark.pedantic(run, args=("-m", "pytest", *asked(which), "-q", *options), rounds=1)
    manifest = Store(folder / "results").manifests()["quick", facts["backend"]]
    benchmark.extra_info.update(vaes=sum(row.trained for row in manifest.rows.values()))
