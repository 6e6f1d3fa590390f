"""Phrases: rows are gathered by measure, named in words, and given with what every backend found."""

from __future__ import annotations

from study.report import phrases

WORDS = {
    "coverage_ratio": "coverage against the aggregate's",
    "marginal_kl": "total marginal KL",
    "encoder_depth": "a deeper encoder",
    "2": "D = 2",
}


def group(make_row, *medians, backends=("jax", "torch"), **changes):
    pairs = zip(backends, medians, strict=True)
    return [make_row(backend=backend, median=median, **changes) for backend, median in pairs]


def test_rows_are_gathered_by_measure_with_their_ranges(make_row):
    groups = [
        group(make_row, 0.97, 0.981, parameters={"measure": "coverage_ratio", "latent_dim": "2"}, unit="ratio"),
        group(make_row, 0.5, 0.5, parameters={"measure": "density_ratio", "latent_dim": "2"}, unit="ratio"),
        group(make_row, None, 0.9, parameters={"measure": "coverage_ratio", "latent_dim": "16"}, unit="ratio"),
    ]
    assert phrases.phrases(groups, WORDS) == (
        "coverage against the aggregate's (≥ 0.02 ratio): D = 2 (0.970 to 0.981), latent dim = 16 (0.900); "
        "density ratio (≥ 0.02 ratio): D = 2 (0.500)"
    )
    assert phrases.phrases(groups[:1], WORDS, numbers=False) == "coverage against the aggregate's: D = 2"


def test_thresholds_of_different_units_are_left_out_and_data_sets_told_apart(make_row):
    rows = [
        group(
            make_row, 1.0, 2.0, parameters={"axis": "encoder_depth", "measure": "marginal_kl"}, unit="nats per layer"
        ),
        group(make_row, 3.0, 3.0, parameters={"axis": "width", "measure": "marginal_kl"}, unit="nats per doubling"),
    ]
    said = "total marginal KL: a deeper encoder (1.00 to 2.00), width (3.00)"
    assert phrases.phrases(rows, WORDS) == said
    other = group(make_row, -1.0, -1.0, parameters={}, data="mnist")
    assert phrases.phrases([*rows, other], WORDS) == f"{said} on digits; −1.00 on mnist"
    assert phrases.phrases([other], WORDS, numbers=False) == "the claim as it stands"


def test_secondary_readings_are_medians_over_contexts_for_each_backend(make_row):
    readings = {"calibrated otherwise": {"a": 0.25, "b": 0.75, "c": None}}
    rows = [make_row(backend=b, parameters={"latent_dim": "4"}, secondary=readings) for b in ("jax", "torch")]
    assert phrases.secondary([rows], {"4": "D = 4"}) == {"calibrated otherwise": ["D = 4: 0.500 jax, 0.500 torch"]}
    assert phrases.secondary([[make_row()]], {}) == {}


def test_a_row_is_named_in_words_and_one_without_parameters_too(make_row):
    row = make_row(parameters={"axis": "encoder_depth", "measure": "marginal_kl"})
    assert phrases.named(row, WORDS) == "a deeper encoder: total marginal KL"
    assert phrases.named(make_row(parameters={}), WORDS) == "the claim as it stands"
