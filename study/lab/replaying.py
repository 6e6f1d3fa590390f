"""A counterexample, trained and measured again: its VAE from its file, what is asked of it from the claim's."""

from __future__ import annotations

import inspect
import re
import runpy
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

from study.design.claim import Claim
from study.design.contexts import Context, placed
from study.errors import InvalidValue, StudyError
from study.evidence.counterexample import Counterexample, Replay
from study.lab.bodies import Body
from study.lab.lab import Lab
from study.lab.reading import FRESH_BLOCK, Look, Reader
from study.lab.run import Engine
from study.vae.config import BLOCK, VAEConfig
from study.verdicts.looks import FRESH

SEARCH = "study_search"
"""The mark of a search."""


def searching(one: Counterexample, claims: Path) -> Body:
    """Return the search of a claim, of this one VAE.

    Args:
        one: The counterexample.
        claims: Folder of the claims.

    Raises:
        InvalidValue: No such claim or search, or another threshold; or a VAE, an index or a context that cannot be.
        StudyError: The claim's file cannot be run.
    """
    context = _context(one)
    known = range(FRESH_BLOCK * BLOCK, FRESH_BLOCK * BLOCK + FRESH)
    if stray := [index for index in one.confirmed.replicas if index not in known]:
        raise InvalidValue("replicas", stray, f"indices of fresh seeds, {known.start} to {known.stop - 1}")
    file = claims / f"test_{one.claim}.py"
    if not re.fullmatch(r"\w[\w.-]*", one.claim) or not file.is_file():
        raise InvalidValue("claim", one.claim, f"a claim of the folder {claims}, in test_ID.py")
    claim, test = _read(file)
    if claim.id != one.claim or claim.search is None:
        raise InvalidValue("claim", claim.id, f"a claim with a search, of the id {one.claim!r}, in {file}")
    if (one.threshold, one.unit) != (claim.search.threshold, claim.search.unit):
        expected = f"{claim.search.threshold:g} {claim.search.unit}, as the claim has it"
        raise InvalidValue("threshold", f"{one.threshold:g} {one.unit}", expected)
    inner = getattr(getattr(test, "hypothesis", None), "inner_test", test)
    drawn = [name for name in inspect.signature(inner).parameters if name != "lab"]
    if len(drawn) != 1:
        raise InvalidValue(f"what {test.__name__} draws", drawn, "a context alone, which is replayed")
    lab = Lab(one.scale, one.data)
    return Body.of(str(file), partial(inner, lab=lab, **{drawn[0]: context}), claim, {}, lab, search=True)


def replay(one: Counterexample, body: Body, engine: Engine) -> Replay:
    """Train and measure a counterexample again, on its fresh seeds.

    Args:
        one: The counterexample.
        body: Its search: see :func:`searching`.
        engine: What trains, on its seed root.

    Raises:
        Exception: What went wrong with the VAE.
    """
    row = body.collected(engine.setting)
    look = Look(fresh_for=frozenset(row.entries))
    wanted = row.wanted(look, engine.setting)
    engine.submit(wanted)
    engine.wait(wanted)
    return Replay.of(one, row.observed(look, Reader(engine.store, engine.setting)))


def _context(one: Counterexample) -> Context:
    """Return a context that sets every field as the file does, whatever today's recipe is."""
    config = VAEConfig.from_dict(dict(one.config))
    if config.as_dict() != dict(one.config):
        raise InvalidValue("config", dict(one.config), f"every field of a config, e.g. {config.as_dict()}")
    choices = Context.read(one.context).choices
    if any(placed(config, name, value) != config for name, value in choices) or config.data != one.data:
        raise InvalidValue("context", f"{one.context} on {one.data}", f"that of the config {config.canonical}")
    whole = {field.name: getattr(config, field.name) for field in fields(config)}
    context = Context(tuple({**dict(choices), **whole}.items()))
    context.config(one.data, one.scale)  # refuses a scale that there is not
    return context


def _read(file: Path) -> tuple[Claim, Any]:
    """Return the claim of a file, and its search."""
    try:
        module = runpy.run_path(str(file))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # of whatever kind, a skip too: it is the author's
        raise StudyError(f"{file}: {type(error).__name__}: {error}") from error
    marked = [one for one in module.values() if SEARCH in (mark.name for mark in getattr(one, "pytestmark", ()))]
    claim = module.get("CLAIM")
    if not isinstance(claim, Claim) or len(marked) != 1:
        received = f"{'a' if isinstance(claim, Claim) else 'no'} CLAIM, {len(marked)} such tests"
        raise InvalidValue(str(file), received, f"a CLAIM, and one test marked {SEARCH}")
    return claim, marked[0]
