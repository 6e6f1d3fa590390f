"""The page: complete, valid Markdown, the same bytes for the same evidence."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from study.errors import EvidenceError, InvalidValue
from study.evidence import serialise
from study.evidence.records import ClaimWords
from study.report import page
from study.verdicts.calibration import calibrate


def _bytes(files: list[Path]) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in files}


def test_write_twice_gives_the_same_bytes(results: Path, written: list[Path]) -> None:
    """Derived files are disposable: rebuilt from the same evidence they do not change."""
    first = _bytes(written)
    assert _bytes(page.write(results)) == first
    assert set(first) == {
        "README.md",
        "latent_plane-quick-jax.png",
        "latent_plane-quick-torch.png",
        "marginal_kl-quick-jax.png",
    }
    assert all(len(content) < 1_000_000 for content in first.values())


def test_page_says_what_the_evidence_says(written: list[Path]) -> None:
    """Contradiction, surprise, command, figures, run and gaps are all there."""
    text = written[0].read_text(encoding="utf-8")
    for expected in (
        "**Is it close?** ",
        "  - Backends disagree: total marginal KL (≥ 0.02 nats): more latents",
        "### 2. Second\n\n#### aggregate_close_to_prior\n\nThe mixture is close to the prior.",
        "**Contradiction:** [`aggregate_close_to_prior`]",
        "found REFUTED on torch (0.31 [0.25, 0.37] against ≥ 0.02 nats)",
        "4 verdicts on 2 rows",
        "agree on 1 of the 2 rows",
        "(figures/latent_plane-quick-jax.png)",
        "[quick, torch](figures/latent_plane-quick-torch.png)",
        "**A**: activation relu",
        '--study-scale quick -k "latent_dim and total"',
        "| 1 minute | 2,000 | 2 | `0123456789`\\* |",
        "| 14 of 16 reach, 2 fall short | 0.31 [0.25, 0.37] | 95 % | ≥ 0.02 nats | 60 % to 99 % | 2 of 2 | 2 × 8 |",
        "GPU: not run",
        "- a | b *(latent_dim · total on digits (quick, jax);",
    ):
        assert expected in text


def test_the_page_says_how_often_the_rule_errs(results: Path, tmp_path: Path) -> None:
    """A line where simulations are recorded, and none where they are not."""
    copy = shutil.copytree(results, tmp_path / "copy")
    assert "Simulated" not in page.write(copy)[0].read_text(encoding="utf-8")
    (copy / "calibration.json").write_text(serialise.page(calibrate(studies=200)), encoding="utf-8")
    assert "Simulated, 200 studies each of 6 kinds" in page.write(copy)[0].read_text(encoding="utf-8")


def test_tables_have_equal_columns(written: list[Path]) -> None:
    """Every line of a table has as many cells as its head, whatever the cells contain."""
    width = 0
    for line in written[0].read_text(encoding="utf-8").splitlines():
        assert line == line.rstrip()
        if not line.startswith("|"):
            width = 0
            continue
        cells = line.replace("\\|", "").count("|")
        assert width in (0, cells), line
        width = cells
    assert "\n\n\n" not in written[0].read_text(encoding="utf-8")


def test_minimal_page(make_row) -> None:
    """One exact row, without median, prediction, manifest or figure."""
    row = make_row(
        predicted="", parameters={}, claim="new_claim", kind="exact", median=None, low=None, high=None, contexts=()
    )
    text = page.render([row], {"new_claim": ClaimWords(claim="new_claim")}, {})
    for expected in (
        "### Other claims",
        "no row was judged by more than one",
        "No manifest",
        "exploratory",
        "None: no",
    ):
        assert expected in text
    assert "## The latent plane" not in text
    assert "\n\n\n" not in text


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    """A missing folder is named, and nothing is written."""
    with pytest.raises(InvalidValue, match="nothing"):
        page.write(tmp_path / "nothing")
    assert not list(tmp_path.iterdir())


def test_a_folder_without_evidence_gives_a_page_that_says_so(tmp_path: Path) -> None:
    """Nothing is claimed where nothing is recorded: no sentence, no table of rows, no command."""
    (path,) = page.write(tmp_path)
    text = path.read_text(encoding="utf-8")
    assert "Nothing is recorded yet" in text
    assert "- Scale `quick`: not run on any backend." in text
    for absent in ("rest on", "## At a glance", "## Every row", "**Backends", "```", "\n\n\n"):
        assert absent not in text


def test_the_page_says_which_data_a_sentence_rests_on(make_row) -> None:
    """What fresh seeds confirm on the data of the pilot is told from what other data say."""
    words = {"aggregate_close_to_prior": ClaimWords(claim="aggregate_close_to_prior", question="Is it?")}
    piloted = page.render([make_row()], words, {})
    assert "**Is it?** Yes, on the one row judged. On digits." in piloted
    assert "confirm them for digits only: no other data set has been put to the test yet." in piloted
    both = page.render([make_row(), make_row(data="mnist")], words, {})
    assert "On digits and mnist." in both
    assert "rows on mnist are the test that the pilot could not be tuned to." in both


def test_the_page_shows_predictions_that_were_overturned(results: Path, tmp_path: Path) -> None:
    """Those of the claims' folder, with what overturned them."""
    entry = {
        "claim": "aggregate_close_to_prior", "predicted": "SUPPORTED", "found": "REFUTED", "data": "digits",
        "scale": "quick", "seed_root": "first", "rule": "another",
    }  # fmt: skip
    lines = ["[[overturned]]", *(f'{name} = "{value}"' for name, value in entry.items())]
    lines += ["overturned = 2026-11-22", 'backends = ["jax"]', 'parameters = { axis = "width" }']
    (tmp_path / "predictions.toml").write_text("\n".join(lines), encoding="utf-8")
    copy = shutil.copytree(results, tmp_path / "copy")
    text = page.write(copy, tmp_path)[0].read_text(encoding="utf-8")
    assert "- `aggregate_close_to_prior`, width: found REFUTED; predicted SUPPORTED, overturned on 2026-11-22" in text
    assert "and 1 of earlier registrations" in text
    assert "Overturned earlier" not in page.write(copy)[0].read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "damage", ['{"schema": 3, "rows": [{}]}', '{"schema": 3}', '{"schema": 1, "rows": []}', "{", ""]
)
def test_damaged_figure_data_are_named(results: Path, tmp_path: Path, damage: str) -> None:
    """Damaged figure data stop the report, and it says which they are."""
    copy = shutil.copytree(results, tmp_path / "copy")
    path = copy / "quick" / "jax" / "figure-data" / "latent_plane.json"
    # Where nothing is given: of its type, but with a point of one coordinate.
    path.write_text(damage or path.read_text().replace('"means": [[', '"means": [[0.5], ['), encoding="utf-8")
    with pytest.raises(EvidenceError, match="latent_plane"):
        page.write(copy)
