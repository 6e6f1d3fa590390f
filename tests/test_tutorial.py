"""The tutorial, run from its first block to its last: every number and word that it promises comes out."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[1] / "docs" / "tutorial.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
OFF = 0.25
"""How far from a number that it rounds a result may be: backends and machines differ a little."""


def printed(block: str, names: dict) -> list[str]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(block, "docs/tutorial.md", "exec"), names)
    return out.getvalue().splitlines()


def kept(promise: tuple[str, str], line: str) -> bool:
    sign, text = promise
    if sign == "→":
        return line == text
    number = float(re.match(r"[\d.]+", text)[0])
    with contextlib.suppress(ValueError):
        return abs(float(line) - number) <= OFF * number
    return False


def broken(block: str, lines: list[str]) -> list[tuple[str, str]]:
    """Return the promises of a block that what it printed does not keep, in their order."""
    left, missing = iter(lines), []
    for promise in re.findall(r"# ([→≈]) (.*)$", block, re.MULTILINE):
        if not any(kept(promise, line) for line in left):
            missing.append(promise)
            break
    return missing


@pytest.fixture(scope="module")
def session() -> tuple[list[list[str]], dict]:
    """What each block prints, and the names that are left."""
    names: dict = {}
    return [printed(block, names) for block in BLOCKS], names


@pytest.mark.framework
def test_each_block_prints_what_it_says(session):
    lines, _ = session
    assert len(BLOCKS) == 7
    assert [broken(block, out) for block, out in zip(BLOCKS, lines, strict=True)] == [[]] * 7
    assert sum(len(re.findall(r"# [→≈] ", block)) for block in BLOCKS) == 9


@pytest.mark.framework
def test_the_recipe_is_half_as_long_as_the_studys_and_the_seeds_are_its_own(session):
    from study.design.contexts import LISTED
    from study.seeds import ROOT

    _, names = session
    recipe = LISTED[0].config("digits", "quick")
    half = {name: getattr(recipe, name) // 2 for name in ("epochs", "kl_warmup_epochs")}
    assert names["config"] == recipe.replace(**half)
    assert 'root="tutorial"' in BLOCKS[0]
    assert ROOT != "tutorial"


@pytest.mark.framework
def test_digits_are_drawn_side_by_side(session):
    lines, _ = session
    (drawn,) = [out for out in lines if len(out) == 8]
    assert {len(line) for line in drawn} == {6 * 16 + 5 * 4}
    assert all(set("".join(line[i : i + 16] for line in drawn)) > set(" █") for i in range(0, 116, 20))


def test_a_promise_that_is_not_kept_is_found():
    block = "print(a)  # ≈ 2.0 nats\nprint(b)  # → SUPPORTED"
    assert broken(block, ["2.1", "more", "SUPPORTED", "and more"]) == []
    assert broken(block, ["3.1", "SUPPORTED"]) == [("≈", "2.0 nats")]
    assert broken(block, ["2.1", "REFUTED"]) == [("→", "SUPPORTED")]
    assert broken(block, ["SUPPORTED", "2.1"]) == [("→", "SUPPORTED")]
