"""The door of the charts: every figure of the evidence, drawn only when asked, and the extra that it needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import altair as alt
import pytest
from jsonschema import ValidationError

from study.errors import StudyError
from study.evidence.store import Store
from study.report import charts as package
from study.report.charts import gallery

ROOT = Path(__file__).parents[3]


def test_figures_stand_in_reading_order_each_with_a_name_of_its_own(store, decoded, information, marginal_kl):
    for rows in (decoded, information, marginal_kl):
        store.update_figure_data("quick", "jax", rows)
    names = [figure.name for figure in gallery.figures(store)]
    assert names == [
        "verdicts-quick-digits", "decoded-quick-digits", "marginal_kl-quick-digits", "information-quick-digits",
        "every-quick-digits", "planted-quick-digits",
    ]  # fmt: skip
    assert [figure.claim for figure in gallery.figures(store)] == ["", "", "", "", "every", "planted"]


def test_every_figure_says_what_is_to_be_seen(store, decoded, information, marginal_kl):
    for rows in (decoded, information, marginal_kl):
        store.update_figure_data("quick", "jax", rows)
    for figure in gallery.figures(store):
        assert figure.title
        assert figure.alt
        assert figure.caption
        assert figure.spec["description"] == figure.alt
        assert gallery.svg(figure.spec).startswith("<svg")
        alt.Chart.from_dict(dict(figure.spec))  # raises where it is no Vega-Lite


def test_a_specification_that_is_none_is_refused_by_the_schema(store):
    broken = {**gallery.figures(store)[0].spec, "vconcat": [{"mark": "nonsense"}]}
    with pytest.raises(ValidationError):
        alt.Chart.from_dict(broken)


def test_equal_evidence_gives_equal_figures_and_bytes(store):
    first, second = gallery.figures(store), gallery.figures(store)
    assert first == second
    assert [gallery.svg(one.spec) for one in first] == [gallery.svg(two.spec) for two in reversed(second)][::-1]


def test_nothing_recorded_draws_nothing(tmp_path):
    assert gallery.figures(Store(tmp_path)) == []


def test_what_draws_is_imported_only_to_draw():
    code = "import sys, study.report.charts.gallery; print(sorted({'altair', 'vl_convert'} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize("missing", ["altair", "vl_convert"])
def test_without_the_extra_one_error_says_what_to_install(tmp_path, monkeypatch, missing):
    monkeypatch.setitem(sys.modules, missing, None)
    for module in [name for name in sys.modules if name.startswith("study.report.charts.")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.delattr(package, "drawing", raising=False)
    for draw in (lambda: gallery.figures(Store(tmp_path)), lambda: gallery.svg({})):
        with pytest.raises(StudyError, match=r"pip install 'vae-claims\[report\]'"):
            draw()


def test_another_module_that_is_missing_is_no_matter_of_the_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "study.report.charts.drawing", None)
    monkeypatch.delattr(package, "drawing", raising=False)
    with pytest.raises(ModuleNotFoundError, match="drawing"):
        gallery.figures(Store(tmp_path))
