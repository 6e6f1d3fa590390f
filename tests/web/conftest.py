"""A browser with the network off, and pages of planted evidence; where there is no browser these tests are left out."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from study.evidence.judging import Terms, judge
from study.evidence.records import ClaimWords, Evidence, Observation
from study.evidence.store import Store
from study.report import page

NAMES = ("chromium", "chromium-browser", "google-chrome")


@dataclass
class Opened:
    """A page in the browser, and what it did.

    Attributes:
        page: The page.
        requests: Addresses that it asked for, its own left out.
        messages: What it wrote to the console, and errors.
    """

    page: Any
    requests: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, Debian's for one; where CI is set a missing one fails."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        reason = f"expected a browser, one of {', '.join(NAMES)}"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def opened(browser: Any) -> Iterator[Callable[..., Opened]]:
    """Open a file at a width, light or dark, offline."""
    contexts = []

    def go(path: Path, width: int = 1280, scheme: str = "light") -> Opened:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True)
        contexts.append(context)
        one = Opened(context.new_page())
        own = path.resolve().as_uri()
        one.page.on("request", lambda request: one.requests.append(request.url) if request.url != own else None)
        one.page.on("console", lambda message: one.messages.append(message.text))
        one.page.on("pageerror", lambda error: one.messages.append(str(error)))
        one.page.goto(own)
        return one

    yield go
    for context in contexts:
        context.close()


def _terms(claim: str, row: str, backend: str, data: str) -> Terms:
    return Terms(
        claim=claim, parameters={"row": row}, data=data, scale="quick", backend=backend, device="cpu", kind="most",
        threshold=0.5, unit="nats", declared=2, looks=(8,), predicted="SUPPORTED",
        contexts=("activation=relu", "activation=tanh"),
    )  # fmt: skip


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The offline page of two claims on two backends and two data sets, one of which contradicts the other."""
    store = Store(tmp_path_factory.mktemp("web") / "results")
    for claim in ("first", "second"):
        words = ClaimWords(claim=claim, statement=f"The {claim} one holds, or so everybody says who was asked.",
                           question=f"Does the {claim} one hold?", chapter="1. All", source="question")  # fmt: skip
        for backend in ("jax", "torch"):
            for row, data, level in (("low", "digits", 0.1), ("high", "digits", 0.9), ("high", "mnist", 0.3)):
                terms = _terms(claim, row, backend, data)
                who = {"claim": claim, "parameters": terms.parameters, "data": data}
                seen = [
                    Observation(**who, context=context, replica=n, low=value, high=value)
                    for context in terms.contexts
                    for n, value in enumerate(level + 0.01 * k for k in range(8))
                ]
                judged, _ = judge(terms, seen, 8)
                store.update(Evidence.gather(words, judged, seen, design=terms.contexts))
    page.write(store.root)
    return store.root / "index.html"
