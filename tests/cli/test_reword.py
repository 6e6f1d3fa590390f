"""``study judge --reword``: evidence says what its claim says of itself now, and nothing else of it changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from click.testing import Result

from study.evidence.records import ClaimWords, Evidence
from study.evidence.store import Store

CLAIM = "per_sample_posterior_differs"
FILE = f'''
from study import Claim, Context, Estimand

CLAIM = Claim(
    id="{CLAIM}", statement="It differs, in other words.", source="somebody", chapter="1. One",
    parameters={{"measure": ("kl_p5",)}}, estimand=lambda measure: Estimand(3.0, "nats"),
    design=[Context.of(activation="relu")], words={{"kl_p5": "5th percentile"}},
)
'''


def found(results: Path) -> dict[str, Evidence]:
    return {one.claim: one for one in Store(results).evidence()}


def test_only_words_change_and_only_of_claims_that_are_there(study: Callable[..., Result], results: Path) -> None:
    folder, before = results.parent / "claims", found(results)
    folder.mkdir()
    (folder / "test_one.py").write_text(FILE, encoding="utf-8")
    done = study("judge", "--reword", folder, "--results", results)
    assert done.output == f"{results / 'quick' / 'jax' / CLAIM}.json\nnew words in 1 file\n"
    after = found(results)
    assert after[CLAIM].statement == "It differs, in other words."
    assert after[CLAIM].words == {"kl_p5": "5th percentile"}
    old = {name: getattr(before[CLAIM], name) for name in ClaimWords.__dataclass_fields__}
    assert after | {CLAIM: replace(after[CLAIM], **old)} == before  # the threshold, 3 in the file, was not touched
    assert study("judge", "--reword", folder, "--results", results).output == "new words in 0 files\n"
    assert study("judge", "--results", results).exit_code == 0


def test_it_does_nothing_beside_another_task(study: Callable[..., Result], results: Path) -> None:
    refused = study("judge", "--reword", "claims", "--retire", CLAIM, "--reason", "it was wrong", "--results", results)
    assert (refused.exit_code, "leave out --retire and --reason" in refused.output) == (2, True)
    assert CLAIM in found(results)


def test_no_claims_and_a_file_that_fails_are_named(study: Callable[..., Result], results: Path) -> None:
    folder = results.parent / "claims"
    refused = study("judge", "--reword", folder, "--results", results)
    assert (refused.exit_code, "a folder of claims, in files test_*.py" in refused.output) == (2, True)
    folder.mkdir()
    (folder / "test_one.py").write_text("1 / 0\n", encoding="utf-8")
    refused = study("judge", "--reword", folder, "--results", results)
    assert refused.exit_code == 2
    assert "test_one.py" in refused.output
    assert "division by zero" in refused.output
