"""What all controls share: planted VAEs, importable as ``planting``; and the judge of identities."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def proved(
    planted_session: Callable[..., Any], claim_module: Callable[[str], ModuleType], put_to_the_test: Callable[..., Any]
) -> Callable[..., Any]:
    """Return what the judge says of a row of an identity, by its test; ``plant`` changes the claim's module."""

    def of(claim: str, test: str, row: str, plant: Callable[[ModuleType], None] = lambda module: None) -> Any:
        module = claim_module(claim)
        plant(module)
        return put_to_the_test(planted_session(lambda block, measure: None), module, test=test, row=row)

    return of


@pytest.fixture
def said(
    request: pytest.FixtureRequest,
    planted_session: Callable[..., Any],
    claim_module: Callable[[str], ModuleType],
    put_to_the_test: Callable[..., Any],
) -> Callable[..., Any]:
    """Return what the judge says of planted values in a row of the claim that the test's file names, ``CLAIM``."""
    claim = request.module.CLAIM

    def of(values: Callable[..., Any], row: dict[str, str], **options: Any) -> Any:
        return put_to_the_test(planted_session(values, **options), claim_module(claim), **row)

    return of
