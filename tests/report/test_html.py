"""The offline page: everything on it, nothing fetched, whatever somebody wrote escaped."""

from __future__ import annotations

import base64
import html as entities
import json
import re
import zlib
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from study.evidence.records import ClaimWords
from study.report import html, text
from study.report.content import Content

HOSTILE = "</script><script>alert(1)</script> \" ' <img src=x onerror=alert(1)>"


class Reader(HTMLParser):
    """Collects the text that readers see, the tags, and every attribute that may fetch or run something."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.tags: list[str] = []
        self.active: list[tuple[str, str]] = []
        self.inside: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.active += [
            (name, value or "") for name, value in attrs if name in ("src", "href") or name.startswith("on")
        ]
        if tag in ("script", "style"):
            self.inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.seen.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.seen).split())


@pytest.fixture(autouse=True)
def without_libraries(monkeypatch):
    """Nine hundred kilobytes of Vega, which nothing here is about."""
    monkeypatch.setattr(html, "libraries", lambda: "// Vega")


def test_the_page_is_as_it_was(content: Content, file_regression) -> None:
    file_regression.check(html.render(content), extension=".html")


def test_the_page_holds_every_claim_and_every_number(content: Content) -> None:
    """Each row on each backend with all its columns, each value observed, each command."""
    shown = Reader(html.render(content)).text
    for row in content.rows:
        columns = (text.count, text.level, text.threshold, text.share, text.holds_in, text.replicas, text.spread)
        for said in (row.verdict, row.backend, row.note, *(write(row) for write in columns)):
            assert said in shown
        assert text.interval(row.median, row.low, row.high) in shown
        assert text.command(row) in shown or row.backend != "jax"
    for one in content.evidence:
        for series in one.observations:
            for value in (*series.low, *series.ends):
                assert text.number(value) in shown
    for words in content.claims.values():
        assert not [s for s in (words.statement, words.question, words.quotation) if s not in shown]


def test_a_picture_stands_once_where_it_belongs(content: Content) -> None:
    """One of a claim is folded in its section; of two that show the same the one of the larger scale is left."""
    first, *_, of_claim = content.figures
    quick, standard = (
        replace(first, name=f"plane-{scale}-digits", spec={"mark": "bar"}) for scale in ("quick", "standard")
    )
    other = replace(of_claim, spec={"mark": "line"})
    assert html.distinct([quick, standard, other]) == [standard, other]
    shown = html.render(replace(content, figures=[quick, standard, other]))
    assert re.findall(r'<script type="application/json" id="chart-([^"]*)">', shown) == [standard.name, other.name]
    assert shown.index(f"chart-{other.name}") > shown.index('<details class="picture">') > shown.index('id="rows"')


def test_the_libraries_are_packed_and_come_out_as_they_were(content: Content, monkeypatch) -> None:
    """Once, and only where there is a chart to draw; the same script gives the same bytes."""
    monkeypatch.setattr(html, "libraries", lambda: "// Vega ⟨é⟩")
    packed = re.compile(r'<script type="text/plain" id="live">([^<]*)</script>')
    (live,) = packed.findall(html.render(content))
    assert zlib.decompress(base64.b64decode(live)).decode() == "// Vega ⟨é⟩"
    assert packed.findall(html.render(content)) == [live]
    assert not packed.findall(html.render(replace(content, figures=())))


def test_code_is_written_as_code(content: Content) -> None:
    """Where Markdown has backticks; what stands in them is escaped."""
    shown = html.render(replace(content, beside=["See `a <b>` & more."]))
    assert "See <code>a &lt;b&gt;</code> &amp; more." in shown


def test_nothing_is_fetched(content: Content) -> None:
    """Links lead to files beside the page or to places on it; a policy forbids the rest."""
    shown = html.render(content)
    links = [value for name, value in Reader(shown).active if value != "data:,"]
    assert links
    assert all(re.fullmatch(r"#\w+|(claims/)?\w+\.md", link) for link in links)
    assert "default-src 'none'" in shown
    assert "http://" not in shown.replace("http://www.w3.org", "")


def test_hostile_words_come_out_as_they_are(content: Content, make_row) -> None:
    """In a claim, a row, a context, a figure's specification: no tag and no script comes of them."""
    said = dict.fromkeys(("statement", "source", "chapter", "question", "quotation"), HOSTILE)
    words = ClaimWords(claim="hostile", **said)
    row = make_row(claim="hostile", parameters={"row": HOSTILE}, data=HOSTILE, note=HOSTILE, unit=HOSTILE)
    figure = replace(content.figures[0], title=HOSTILE, alt=HOSTILE, caption=HOSTILE, spec={"title": HOSTILE})
    told = replace(content.evidence[0], claim="hostile", rows=(row,), observations=())
    planted = replace(content, rows=[row], claims={"hostile": words}, figures=[figure], evidence=[told])
    shown = html.render(planted)
    found, plain = Reader(shown), Reader(html.render(replace(content, figures=content.figures[:1])))
    assert HOSTILE in found.text
    assert set(found.tags) <= set(plain.tags)
    assert found.tags.count("script") == plain.tags.count("script")
    assert not [name for name, _ in found.active if name.startswith("on")]
    (spec,) = re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', shown, re.S)
    assert json.loads(spec) == {"title": HOSTILE}


def test_rows_carry_what_they_are_filtered_by(content: Content) -> None:
    """Each filter offers every value of some row, and no other."""
    shown = html.render(content)
    for name in html.FILTERS:
        (options,) = re.findall(rf'<select name="{name}">(.*?)</select>', shown, re.S)
        offered = {entities.unescape(one) for one in re.findall(r"<option>(.*?)</option>", options)}
        assert offered == {value for group in content.groups for value in html.keys(group)[name]}


def test_fresh_seeds_and_brackets_are_shown(make_row, content: Content) -> None:
    """A bracket shows both ends, a replica that diverged none, and fresh seeds a line of their own."""
    row = content.rows[0]
    seen = [o for one in content.evidence for o in one.of_row(row)][:3]
    planted = [seen[0], replace(seen[1], low=float("nan"), high=float("nan")), replace(seen[2], context="fresh: a")]
    found = html.in_contexts(row, planted)
    assert [name for name, *_ in found] == ["a", "b", "fresh: a"]
    assert found[0][3] == f"{text.number(seen[0].low)} … {text.number(seen[0].high)}, –"
    assert found[2][1] == "fresh seeds"
