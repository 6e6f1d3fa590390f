"""The Markdown pages: complete, short, the same bytes for the same evidence; bad evidence is named, or escaped."""

from __future__ import annotations

import html
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from study.errors import EvidenceError, InvalidValue
from study.evidence import serialise
from study.evidence.records import ClaimWords
from study.report import page, text
from study.report.content import Content
from study.report.runs import HEADINGS, Run
from study.verdicts.calibration import calibrate

CLAIM = "aggregate_close_to_prior"
README, OF_CLAIM, OF_ALL = 110, 200, 21
"""Lines that a page may have, and claims that the study will have."""
HOSTILE = "<script>alert(1)</script> | `a` *b* [c](javascript:d)\n# e \\ <b onclick=f>"


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages without figures, whose drawing takes seconds."""
    monkeypatch.setattr(page, "figures", lambda store: [])


def _stripped(markdown: str) -> str:
    """What a reader sees: without tags, entities and escapes."""
    shown = MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", shown)).split())


def test_write_twice_gives_the_same_bytes(results: Path, written: list[Path]) -> None:
    """Derived files are disposable: rebuilt from the same evidence they do not change."""
    first = {path: path.read_bytes() for path in written}
    assert {path: path.read_bytes() for path in page.write(results)} == first
    assert {"README.md", f"{CLAIM}.md", "index.html", "measurements.parquet"} <= {path.name for path in written}


def test_the_first_page_is_as_it_was(content: Content, file_regression) -> None:
    file_regression.check(page.readme(content), extension=".md")


def test_the_first_page_shows_the_headline_rows_and_what_was_decoded_at_the_largest_scale(content: Content) -> None:
    """One picture a data set; the others are linked."""
    names = ["verdicts-quick-digits", "verdicts-standard-digits", "verdicts-standard-mnist", "decoded-quick-digits"]
    figures = [
        replace(content.figures[0], name=name, claim="") for name in [*names, "latent_plane-quick-digits", "speed"]
    ]
    shown = page.readme(replace(content, figures=figures))
    assert re.findall(r"!\[Two dots\]\(figures/(.*)\.svg\)", shown) == names[1:]
    assert re.findall(r"(?<!!)\[[^\]]*\]\(figures/(.*?)\.svg\)", shown) == [names[0], "latent_plane-quick-digits"]


def test_what_several_figures_share_is_said_once(content: Content) -> None:
    """A caption beneath the first of those shown; a title before the links, which say data set and scale."""
    names = ["verdicts-quick-digits", "verdicts-quick-mnist", "plane-quick-digits", "plane-standard-mnist"]
    figures = [replace(content.figures[0], name=name, title=name.partition("-")[0]) for name in names]
    shown = page.readme(replace(content, figures=figures))
    assert shown.count(f" {figures[0].caption}") == 1
    links = "[digits, quick](figures/plane-quick-digits.svg); [MNIST, standard](figures/plane-standard-mnist.svg)"
    assert f"More pictures: plane ({links}).\n" in shown


def test_the_page_of_a_claim_is_as_it_was(content: Content, file_regression) -> None:
    file_regression.check(page.claim_markdown(content, CLAIM), extension=".md")


def test_the_pages_hold_every_claim_and_every_number(content: Content) -> None:
    """Each row on each backend: word, count, median with interval, threshold; and each claim's own words."""
    first, of_claim = (_stripped(one) for one in (page.readme(content), page.claim_markdown(content, CLAIM)))
    for row in content.rows:
        for said in (row.verdict, row.backend, text.count(row), text.threshold(row)):
            assert said in of_claim
        assert text.interval(row.median, row.low, row.high) in of_claim
    for words in content.claims.values():
        for said in (words.statement, words.question, words.quotation, words.source):
            assert said in of_claim
            assert said in first


def test_tables_have_equal_columns_and_nothing_is_left_blank(written: list[Path]) -> None:
    """Every line of a table has as many cells as its head, whatever the cells contain."""
    pages = [path.read_text(encoding="utf-8") for path in written if path.suffix == ".md"]
    assert len(pages) == 2
    for content in pages:
        width = 0
        for line in content.splitlines():
            assert line == line.rstrip()
            cells = line.replace("\\|", "").count("|") if line.startswith("|") else 0
            assert 0 in (width, cells) or width == cells, line
            width = cells
        assert "\n\n\n" not in content


@pytest.mark.parametrize("backends", [1, 3])
def test_the_pages_stay_short_however_many_claims(make_row, backends: int) -> None:
    """Twenty-one claims with questions, at two scales, on two data sets; every row undecided or contradicted."""
    names = ("jax", "tensorflow", "torch")[:backends]
    claims = {
        f"claim_{n}": ClaimWords(claim=f"claim_{n}", question=f"Q{n}?", chapter=str(n % 5)) for n in range(OF_ALL)
    }
    rows = [
        make_row(claim=claim, backend=name, verdict=verdict, scale=scale, data=data, parameters={"row": str(n)})
        for claim in claims
        for n in range(12)
        for name, verdict in zip(names, ("MIXED", "INCONCLUSIVE", "REFUTED"), strict=False)
        for scale, data in (("quick", "digits"), ("standard", "digits"), ("standard", "mnist"))
    ]
    runs = [Run(("x",) * len(HEADINGS), ("python 3",), dirty=True)] * 3 * backends
    content = Content(rows=rows, claims=claims, runs=runs, beside=["Simulated."], earlier="Earlier.", speed=True)
    first = page.readme(content)
    assert len(first.splitlines()) <= README
    assert first.count("<tr>") == 1 + 7
    assert all(f"claims/{claim}.md" in first for claim in claims)
    assert max(len(page.claim_markdown(content, claim).splitlines()) for claim in claims) <= OF_CLAIM


def test_hostile_words_come_out_as_they_are(content: Content, make_row) -> None:
    """Whoever wrote them: no tag, no link, no cell and no heading comes of the words of a claim, a row or a context."""
    words = ClaimWords(
        claim="hostile", statement=HOSTILE, source=HOSTILE, chapter=HOSTILE, question=HOSTILE, quotation=HOSTILE,
        words={"x": HOSTILE}, means={"x": {"SUPPORTED": HOSTILE}},
    )  # fmt: skip
    row = make_row(claim="hostile", parameters={"row": "x"}, data=HOSTILE, note=HOSTILE, unit=HOSTILE, backend="given")
    planted = replace(content, rows=[row], claims={"hostile": words}, figures=[])
    for shown in (page.readme(planted), page.claim_markdown(planted, "hostile")):
        rendered = MarkdownIt("commonmark", {"html": True}).enable("table").render(shown)
        assert not re.search(r"<(script|b[ >]|h1> ?e)", rendered)
        assert "javascript:" not in "".join(re.findall(r'href="([^"]*)"', rendered))
        assert " ".join(HOSTILE.split()) in _stripped(shown)


def test_backends_that_disagree_are_told_line_by_line(written: list[Path]) -> None:
    """A tick where they agree; a line each where they do not."""
    (shown,) = (path.read_text(encoding="utf-8") for path in written if path.parent.name == "claims")
    assert "| ✔ SUPPORTED (✓ jax and torch); exploratory |" in shown
    assert "| ⚡ backends disagree<br>jax: ✔ SUPPORTED<br>torch: ✘ REFUTED; exploratory |" in shown


@pytest.mark.usefixtures("undrawn")
def test_the_page_says_how_often_the_rule_errs(results: Path, tmp_path: Path) -> None:
    """A line where simulations are recorded, and none where they are not."""
    copy = shutil.copytree(results, tmp_path / "copy")
    assert "Simulated" not in page.write(copy)[0].read_text(encoding="utf-8")
    (copy / "calibration.json").write_text(serialise.page(calibrate(studies=200)), encoding="utf-8")
    assert "Simulated, 200 studies each of 7 kinds" in page.write(copy)[0].read_text(encoding="utf-8")


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    """A missing folder is named, and nothing is written."""
    with pytest.raises(InvalidValue, match="nothing"):
        page.write(tmp_path / "nothing")
    assert not list(tmp_path.iterdir())


def test_a_folder_without_evidence_gives_a_page_that_says_so(tmp_path: Path) -> None:
    """Nothing is claimed where nothing is recorded: no sentence, no table of rows, no command."""
    written = page.write(tmp_path)
    assert [path.name for path in written] == ["README.md", "index.html"]
    shown = written[0].read_text(encoding="utf-8")
    assert "Nothing is recorded yet" in shown
    assert "- Scale `quick`: not run on any backend." in shown
    for absent in ("All this is said of", "<table>", "```", "\n\n\n", "measurements"):
        assert absent not in shown


@pytest.mark.usefixtures("undrawn")
def test_speed_has_its_own_page(results: Path, tmp_path: Path, write_benchmarks, planted_benchmarks) -> None:
    """One table; the first page only links it."""
    copy = shutil.copytree(results, tmp_path / "copy")
    write_benchmarks(copy, "jax", planted_benchmarks())
    page.write(copy)
    shown = (copy / "benchmarks" / "README.md").read_text(encoding="utf-8")
    assert "| training | mnist, 8 replicas | jax |" in shown
    assert "[speed](benchmarks/README.md)" in (copy / "README.md").read_text(encoding="utf-8")


@pytest.mark.usefixtures("undrawn")
def test_overturned_predictions_stand_with_their_claim(results: Path, tmp_path: Path) -> None:
    """Those of the claims' folder, with what overturned them."""
    entry = {
        "claim": CLAIM, "predicted": "SUPPORTED", "found": "REFUTED", "data": "digits",
        "scale": "quick", "seed_root": "first", "rule": "another",
    }  # fmt: skip
    lines = ["[[overturned]]", *(f'{name} = "{value}"' for name, value in entry.items())]
    lines += ["overturned = 2026-11-22", 'backends = ["jax"]', 'parameters = { axis = "latent_dim" }']
    (tmp_path / "predictions.toml").write_text("\n".join(lines), encoding="utf-8")
    copy = shutil.copytree(results, tmp_path / "copy")
    page.write(copy, tmp_path)
    shown = (copy / "claims" / f"{CLAIM}.md").read_text(encoding="utf-8")
    assert "- more latents: found REFUTED; predicted SUPPORTED, overturned on 2026-11-22" in shown
    page.write(copy)
    assert "overturned" not in (copy / "claims" / f"{CLAIM}.md").read_text(encoding="utf-8")


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("damage", ['{"schema": 3, "rows": [{}]}', '{"schema": 99, "claim": "x"}', "{", ""])
def test_damaged_evidence_is_named_in_one_error(results: Path, tmp_path: Path, damage: str) -> None:
    """Of an unknown schema, or no evidence at all: the file is named, and no page is written."""
    copy = shutil.copytree(results, tmp_path / "copy")
    (copy / "README.md").unlink(missing_ok=True)
    (copy / "quick" / "jax" / f"{CLAIM}.json").write_text(damage, encoding="utf-8")
    with pytest.raises(EvidenceError, match=f"{CLAIM}.json"):
        page.write(copy)
    assert not (copy / "README.md").exists()
