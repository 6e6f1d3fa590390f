"""The offline page as readers meet it: nothing fetched, nothing cut, filters that work, no barrier that axe finds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

RECORDED = Path(__file__).parents[2] / "results" / "index.html"
Open = Callable[..., Any]
SCREENS = [(width, scheme) for width in (360, 1280, 1600) for scheme in ("light", "dark")]
CUT = """() => [...document.querySelectorAll('body *')].filter((e) => {
  const style = getComputedStyle(e);
  const hides = (e.scrollWidth > e.clientWidth + 1 && ['hidden', 'clip'].includes(style.overflowX));
  const box = e.getBoundingClientRect();
  const inside = e.closest('.wide') !== null;
  const spills = !inside && box.width > 0 && (box.right > innerWidth + 1 || box.left < -1);
  return e.clientWidth > 0 && !e.closest('svg') && (hides || spills);
}).map((e) => e.outerHTML.slice(0, 80))"""
"""Elements whose text is cut, or that stand outside the window where nothing scrolls."""
VISIBLE = "() => [...document.querySelectorAll('details.row')].filter((e) => e.offsetParent !== null).length"
DRAWN = "() => [...document.querySelectorAll('[data-chart]')].every((e) => e.querySelector('svg[aria-hidden]'))"


def _settled(one: Any) -> Any:
    one.page.wait_for_function(DRAWN)
    return one.page


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_the_page_fetches_nothing_and_cuts_nothing(opened: Open, index: Path, width: int, scheme: str) -> None:
    """On a telephone and on wide screens, light and dark, folded and unfolded; every chart is drawn."""
    one = opened(index, width, scheme)
    shown = _settled(one)
    for _ in range(2):
        assert shown.evaluate(CUT) == []
        shown.evaluate("() => document.querySelectorAll('details').forEach((e) => { e.open = true; })")
    assert (one.requests, one.messages) == ([], [])


@pytest.mark.parametrize(("width", "scheme"), SCREENS[:4])
def test_axe_finds_nothing(opened: Open, index: Path, width: int, scheme: str) -> None:
    shown = _settled(opened(index, width, scheme))
    shown.evaluate("() => document.querySelectorAll('details').forEach((e) => { e.open = true; })")
    found = Axe().run(shown)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({}, 6), ({"claim": "first"}, 3), ({"data": "mnist"}, 2), ({"backend": "torch"}, 6), ({"scale": "quick"}, 6),
        ({"verdict": "REFUTED"}, 4), ({"verdict": "SUPPORTED", "claim": "second"}, 1),
        ({"verdict": "SUPPORTED", "data": "mnist"}, 0),
    ],
)  # fmt: skip
def test_filters_leave_the_rows_that_fit(opened: Open, index: Path, chosen: dict[str, str], expected: int) -> None:
    """All at once; what is left is counted aloud, and a reset shows all."""
    shown = _settled(opened(index))
    for name, value in chosen.items():
        shown.locator(f"select[name={name}]").select_option(value)
    assert shown.evaluate(VISIBLE) == expected
    if chosen:
        assert shown.get_by_role("status").inner_text() == f"{expected} of 6 rows"
    shown.get_by_role("button", name="Show all").click()
    shown.wait_for_function(f"() => ({VISIBLE})() === 6")


def test_on_a_telephone_how_sure_stands_beneath_all_lines_of_a_question(opened: Open, index: Path) -> None:
    """With the heading that the table has elsewhere; the question has two lines, of which it is said."""
    shown = _settled(opened(index, 360))
    places = shown.evaluate(
        "() => [...document.querySelector('.findings tbody').querySelectorAll('td')]"
        ".sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top).map((e) => e.className)"
    )
    assert len(places) > 5
    assert places.index("sure") == len(places) - 1
    assert "How sure" in shown.evaluate("() => getComputedStyle(document.querySelector('.sure'), '::before').content")


def test_the_keyboard_opens_a_row(opened: Open, index: Path) -> None:
    """Its contexts, values and command are inside; the pointer is not needed."""
    shown = _settled(opened(index))
    row = shown.locator("details.row").first
    assert not row.locator("pre").is_visible()
    row.locator("summary").focus()
    shown.keyboard.press("Enter")
    assert row.locator("pre").is_visible()
    assert "pytest claims/test_first.py" in row.locator("pre").inner_text()
    assert "activation=tanh" in row.inner_text()


def test_dots_answer_to_the_pointer(opened: Open, index: Path) -> None:
    """A dot under the pointer says which VAE it is."""
    shown = _settled(opened(index))
    dot = shown.locator(".chart svg .mark-symbol path").first
    dot.scroll_into_view_if_needed()
    dot.hover(force=True)
    tip = shown.locator("#vg-tooltip-element")
    tip.wait_for(state="visible", timeout=5000)
    assert "context" in tip.inner_text().lower() or "activation" in tip.inner_text().lower()


def test_print_opens_every_row_in_black_on_white(opened: Open, index: Path) -> None:
    shown = _settled(opened(index, 1280, "dark"))
    shown.emulate_media(media="print", color_scheme="dark")
    shown.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    assert shown.locator("details.row pre").first.is_visible()
    assert shown.evaluate("() => getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not shown.locator("#filters").is_visible()
    assert not shown.locator("nav").is_visible()


@pytest.mark.parametrize(
    ("planted", "found_by"),
    [
        ("<div style='width:5em;overflow:hidden;white-space:nowrap'>a text that is cut somewhere here</div>", "cut"),
        ("<div style='width:200vw'>a text that is wider than the window</div>", "cut"),
        ("<img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='>", "axe"),
        ("<p style='color:#999;background:#fff'>a text that is hard to see</p>", "axe"),
        ("<script>console.log('hello')</script>", "messages"),
        ("<script>fetch('https://example.org/x').catch(() => 0)</script>", "messages"),
    ],
)
def test_each_check_can_fail(opened: Open, index: Path, tmp_path: Path, planted: str, found_by: str) -> None:
    """A page with one fault is told from one without; the page's own policy stops what would be fetched."""
    text = index.read_text(encoding="utf-8").replace("<main>", f"<main>{planted}", 1)
    (tmp_path / "index.html").write_text(text, encoding="utf-8")
    one = opened(tmp_path / "index.html")
    shown = _settled(one)
    found = {"cut": shown.evaluate(CUT), "axe": Axe().run(shown).violations_count, "messages": one.messages}
    assert [name for name, faults in found.items() if faults] == [found_by]


def test_a_request_would_be_seen(opened: Open, index: Path, tmp_path: Path) -> None:
    """Without its policy, a page that fetches is caught asking."""
    text = index.read_text(encoding="utf-8").replace("Content-Security-Policy", "x-none", 1)
    text = text.replace("<main>", "<main><img alt='x' src='https://example.org/x.png'>", 1)
    (tmp_path / "index.html").write_text(text, encoding="utf-8")
    one = opened(tmp_path / "index.html")
    one.page.wait_for_load_state()
    assert one.requests == ["https://example.org/x.png"]


@pytest.mark.parametrize("width", [360, 1280])
def test_the_recorded_page_is_as_good(opened: Open, width: int) -> None:
    """The one that readers get: every row unfolded."""
    one = opened(RECORDED, width)
    shown = _settled(one)
    shown.evaluate("() => document.querySelectorAll('details').forEach((e) => { e.open = true; })")
    assert shown.evaluate(CUT) == []
    assert (one.requests, one.messages) == ([], [])
    found = Axe().run(shown)
    assert found.violations_count == 0, found.generate_report()
