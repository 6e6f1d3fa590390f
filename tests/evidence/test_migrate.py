"""The migration: schema 1 becomes schema 2 once, whole, or not at all."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from study.errors import EvidenceError
from study.evidence.figure_data import LatentPlane
from study.evidence.judging import judge_again
from study.evidence.migrate import main, migrate
from study.evidence.store import Store

CLAIM = """
from study.design.claim import Claim, Estimand

CLAIM = Claim(
    id="planted", statement="So it is.", source="nobody", chapter="1. All", parameters={"measure": ("a", "b")},
    estimand=lambda measure: Estimand(0.5, "nats"), search=Estimand(0.5, "nats"), words={"a": "the first"},
)
"""
# The smaller of the two examined comes second in the file.
LARGE, SMALL = "latent_dim=2, width=16, kl_weight=1.0", "latent_dim=1, width=8, kl_weight=1.0"
VALUES = [0.9, 1.1, 0.95, 1.05, 1.0, 1.02, 0.98, 1.01]
NOTE = "decoder failure (decoded aggregate draws miss a class too): 12% of replicas in x, y=1; 100% of replicas in z"


def row(parameters, **changes):
    return {
        **{"claim": "planted", "parameters": parameters, "data": "digits", "scale": "quick", "backend": "jax"},
        **{"device": "cpu", "predicted": "", "verdict": "SUPPORTED", "reason": "", "threshold": 0.5, "unit": "nats"},
        **{"estimate": 1.00125, "low": 0.0, "high": 0.0, "level": 1 - 0.05 / 3, "p_supported": 0.0, "p_refuted": 1.0},
        **{"contexts": 2, "replicas": 8, "kind": "mean", "spread": {}, "unconverged": 0, "note": NOTE},
        **{"overturned": "", "seed_root": "planted", "precision": "float32", "beside": {"s": {"z": None}}},
    } | changes


@pytest.fixture
def folders(tmp_path):
    """Schema 1, as it was written, and the claim."""
    results, claims = tmp_path / "results", tmp_path / "claims"
    (results / "quick" / "jax" / "exhibits").mkdir(parents=True)
    claims.mkdir()
    (claims / "test_planted.py").write_text(CLAIM)
    search = {"form": "every VAE"}
    nothing = dict.fromkeys(("estimate", "low", "high", "p_supported", "p_refuted"))
    searched = {
        **{"kind": "search", "verdict": "INCONCLUSIVE", "reason": "no counterexample found", "contexts": 0},
        **{"replicas": 0, "note": "none of 2 VAEs examined fails", "beside": {}},
    }
    evidence = {
        "schema": 1, "claim": "planted", "scale": "quick", "backend": "jax", "design": ["x, y=1", "z"],
        "rows": [row({"measure": "a"}), row(search, **nothing, **searched)],
        "observations": [
            {"parameters": parameters, "data": "digits", "context": context, "replicas": list(range(8)), "low": VALUES}
            for parameters, contexts in (({"measure": "a"}, ("x, y=1", "z")), (search, (LARGE, SMALL)))
            for context in contexts
        ],
    }  # fmt: skip
    plane = {
        "data": "digits",
        "context": "x",
        "config": {},
        "classes": [1],
        "means": [[0.5, 0]],
        "draws": [[1.5, None]],
    }
    (results / "quick" / "jax" / "planted.json").write_text(json.dumps(evidence))
    (results / "quick" / "jax" / "exhibits" / "latent_plane.json").write_text(
        json.dumps({"schema": 1, "rows": [plane]})
    )
    return results, claims


def test_what_a_row_was_judged_by_is_added(folders):
    results, claims = folders
    assert {path.name for path in migrate(results, claims)} == {"planted.json", "latent_plane.json"}
    (evidence,) = Store(results).evidence()
    assert (evidence.statement, evidence.chapter, evidence.words) == ("So it is.", "1. All", {"a": "the first"})
    mean, search = evidence.rows
    assert (mean.declared, mean.looks, mean.alpha, mean.examined) == (3, (8,), 0.05, {})
    assert (mean.decoder_failures, mean.secondary) == ({"x, y=1": 0.125, "z": 1.0}, {"s": {"z": None}})
    assert list(search.examined) == [SMALL, LARGE]
    # The planted row left its interval and spread out; the rest follows from the observations.
    assert {one.field for one in judge_again(Store(results))} == {"low", "high", "spread"}
    ((plane,),) = Store(results).figure_data(LatentPlane).values()
    assert (plane.means, plane.draws) == (((0.5, 0.0),), ((1.5, None),))
    assert not (results / "quick" / "jax" / "exhibits").exists()


def test_a_second_time_changes_nothing(folders):
    migrate(*folders)
    before = {path: path.read_bytes() for path in folders[0].rglob("*.json")}
    assert migrate(*folders) == []
    assert {path: path.read_bytes() for path in folders[0].rglob("*.json")} == before


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (('"schema": 1', '"schema": 7'), "another schema"),
        (('"threshold"', '"treshold"'), "threshold"),
        (("none of 2 VAEs", "none of 3 VAEs"), "2 VAEs were examined"),
        (("12% of replicas", "13% of replicas"), "decoder failures in another form"),
        (('"claim": "planted"', '"claim": "lost"'), "no claim in"),
        (('"rows": [', '"rows": ['[:-1]), "expected JSON"),
    ],
)
def test_what_cannot_be_migrated_is_named_and_nothing_is_written(folders, change, named):
    results, claims = folders
    path = results / "quick" / "jax" / "planted.json"
    path.write_text(path.read_text().replace(*change))
    before = {path: path.read_bytes() for path in results.rglob("*.json")}
    with pytest.raises(EvidenceError, match=named) as caught:
        migrate(results, claims)
    assert str(path) in str(caught.value)
    assert {path: path.read_bytes() for path in results.rglob("*.json")} == before


def test_the_command(folders):
    results, claims = folders
    done = CliRunner().invoke(main, [str(results), "--claims", str(claims)])
    assert (done.exit_code, done.output) == (0, "2 files written\n")
    (results / "quick" / "jax" / "planted.json").write_text("{")
    done = CliRunner().invoke(main, [str(results), "--claims", str(claims)])
    assert done.exit_code == 1
    assert "planted.json: expected JSON" in done.output
