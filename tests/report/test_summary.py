"""What rows say together, on planted rows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from study.evidence.records import ClaimWords
from study.report import summary
from study.verdicts.kinds import Verdict

VERDICT = st.sampled_from(list(Verdict))


@given(st.lists(VERDICT, min_size=1, max_size=3))
def test_consensus_is_what_was_decided_unless_both_ways(make_row, verdicts: list[str]) -> None:
    """Backends are opposed exactly when they decide differently: one supports and another refutes, or finds both."""
    backends = summary.BACKENDS[: len(verdicts)]
    rows = [make_row(backend=name, verdict=verdict) for name, verdict in zip(backends, verdicts, strict=True)]
    decided = set(verdicts) - {"INCONCLUSIVE"}
    assert summary.consensus(rows) == (summary.SPLIT if len(decided) > 1 else next(iter(decided), "INCONCLUSIVE"))


def test_rows_stand_in_the_order_of_the_numbers_in_their_names(make_row) -> None:
    """Two latents before sixteen, and a weight of a half before one."""
    names = ["w0.5-D2", "w0.5-D16", "w1-D2", "w1-D10", "whole"]
    rows = [make_row(parameters={"vae": name}) for name in reversed(names)]
    assert [row.parameters["vae"] for row in summary.ordered(rows)] == names


def test_scales_are_never_compared_with_each_other(make_row) -> None:
    """A row at two scales is two rows."""
    rows = [make_row(), make_row(scale="standard", verdict="REFUTED", backend="torch")]
    assert [len(group) for group in summary.by_row(rows).values()] == [1, 1]


def test_surprises_are_decided_verdicts_against_a_prediction(make_row) -> None:
    """INCONCLUSIVE surprises nobody, nor does a row without a prediction; MIXED surprises."""
    rows = [
        make_row(),
        make_row(verdict="REFUTED", data="mnist"),
        make_row(verdict="INCONCLUSIVE", data="fashion_mnist"),
        make_row(verdict="REFUTED", predicted="", parameters={}),
        make_row(verdict="MIXED", parameters={"a": "1"}),
        make_row(verdict="MIXED", predicted="MIXED", parameters={"a": "2"}),
    ]
    found = {(group[0].data, group[0].verdict) for group in summary.surprises(rows)}
    assert found == {("mnist", "REFUTED"), ("digits", "MIXED")}


def test_what_overturned_a_prediction_stays_a_surprise(make_row) -> None:
    """A backend on which the old prediction came out is none."""
    overturned = {"predicted": "", "overturned": "REFUTED, overturned on 2026-11-28 (digits, quick, jax)"}
    rows = [make_row(verdict=verdict, backend=backend, **overturned) for verdict, backend in
            (("MIXED", "jax"), ("REFUTED", "torch"), ("INCONCLUSIVE", "tensorflow"))]  # fmt: skip
    assert [[row.backend for row in group] for group in summary.surprises(rows)] == [["jax"]]


def test_gaps_name_what_is_missing(make_row) -> None:
    """Scales, backends, the GPU, and claims that only one backend judged."""
    other = make_row(claim="kl_pull", backend="torch")
    text = "\n".join(summary.gaps([make_row(), other]))
    for expected in (
        "`quick`: not run on tensorflow.",
        "`full`: not run on any",
        "GPU: not run",
        "on torch: no row of",
    ):
        assert expected in text
    assert "GPU" not in "\n".join(summary.gaps([make_row(device="cuda:0")]))


def test_many_claims_without_a_row_are_counted(make_row) -> None:
    """More than a line can name."""
    rows = [make_row(), *(make_row(claim=f"claim_{n}", scale="standard") for n in range(summary.NAMED + 1))]
    assert "Scale `quick` on jax: no row of 4 of 5 claims." in summary.gaps(rows)
    assert "no row of `aggregate_close_to_prior`." in "\n".join(summary.gaps(rows))


def test_claims_stand_in_their_chapters() -> None:
    """Chapters by name, claims by id; a claim without a chapter is shown all the same, last."""
    chapters = {"b": "2. Later", "c": "1. First", "a": "2. Later", "stray": ""}
    found = summary.chapters({claim: ClaimWords(claim=claim, chapter=chapter) for claim, chapter in chapters.items()})
    assert list(found.items()) == [("1. First", ["c"]), ("2. Later", ["a", "b"]), ("Other claims", ["stray"])]


def test_identities_are_missing_at_no_scale(make_row) -> None:
    """They need no VAE: what holds in every case at one scale does so at all."""
    exact = make_row(claim="theorem", kind="exact", contexts=())
    assert not [gap for gap in summary.gaps([exact, make_row(scale="standard")]) if "theorem" in gap]


def test_declared_rows_that_were_not_run_are_missing(make_row) -> None:
    """On the data set, at the scale and on the backend where they are; a claim that is whole has none missing."""
    rows = [make_row(declared=2, data="mnist", scale="standard"), make_row(declared=1)]
    found = [gap for gap in summary.gaps(rows) if "rows of" in gap]
    assert found == ["Scale `standard` on jax: 1 of 2 rows of `aggregate_close_to_prior` on mnist not run."]
