"""Where the evidence came from."""

from __future__ import annotations

from dataclasses import replace

from study.evidence.store import Store
from study.report.runs import HEADINGS, runs


def test_a_run_is_summed_over_its_rows(results) -> None:
    """Its own totals are those of the last, perhaps partial, run; a commit with local changes carries a star."""
    manifests = Store(results).manifests()
    found = runs(manifests)
    assert [run.cells[:2] for run in found] == [("quick", "jax 9.9"), ("quick", "torch 9.9")]
    cells = dict(zip(HEADINGS, found[0].cells, strict=True))
    assert (cells["Time"], cells["VAEs trained"], cells["Commit"]) == ("1 minute", "2,000", "0123456*")
    assert cells["Device"] == "cpu, float32"
    assert found[0].dirty
    assert found[0].versions == ("python 3.12.3", "jax 9.9")


def test_scales_stand_from_small_to_large(results) -> None:
    one = Store(results).manifests()["quick", "jax"]
    manifests = {(scale, "jax"): replace(one, scale=scale) for scale in ("full", "quick", "standard")}
    assert [run.cells[0] for run in runs(manifests)] == ["quick", "standard", "full"]


def test_many_commits_are_cut_and_none_is_a_dash(results) -> None:
    one = Store(results).manifests()["quick", "jax"]
    row = next(iter(one.rows.values()))
    rows = {str(n): replace(row, commit=f"{n}" * 12, dirty=False) for n in range(5)}
    assert runs({("quick", "jax"): replace(one, rows=rows)})[0].cells[-1] == "0000000, 1111111, 2222222, …"
    bare = replace(one, rows={}, commit=None, dirty=None)
    assert runs({("quick", "jax"): bare})[0].cells[-1] == "–"
