"""What ends a run: every row in full, within the width, coloured only when asked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from study.evidence.records import ClaimWords, VerdictRow
from study.evidence.store import Store
from study.report import terminal
from study.report import text as text_of
from study.report.words import VERDICTS
from study.verdicts.judgement import InContext

RECORDED = Path(__file__).parents[2] / "results"


def said(context, verdict="SUPPORTED", **changes):
    fields = {"replicas": 8, "reach": 7, "short": 1, "median": 0.125, "verdict": verdict, "applicable": True}
    return InContext(context=context, **fields | changes)


def row(claim="kl_pull", measure="rate", **changes):
    fields = {
        "parameters": {"measure": measure}, "data": "digits", "scale": "quick", "backend": "jax", "device": "cpu",
        "predicted": "SUPPORTED", "verdict": "SUPPORTED", "reason": "", "median": 1.23456, "low": -0.5, "high": 2.0,
        "threshold": 0.02, "unit": "nats per doubling", "level": 0.95, "reach": 22, "short": 2, "count": 24,
        "allowed": 5, "contexts": tuple(said(f"kl_weight={weight}") for weight in (1.0, 2.0, 4.0)),
    }  # fmt: skip
    return VerdictRow(claim=claim, **fields | changes)


WORDS = ClaimWords(
    claim="kl_pull", statement="A larger weight pulls harder.", words={"rate": "the rate R", "omega": "the last [row]"}
)


def plain(*rows, width=80, color=False, **options):
    return terminal.verdicts(rows, {"kl_pull": WORDS}, width, color=color, **options)


def joined(text):
    """A text without its line ends and indents."""
    return " ".join(text.split())


def test_a_row_says_everything_below_the_sentence_of_its_claim():
    lines = plain(row(registered="2026-11-28")).splitlines()
    assert lines[:2] == ["A larger weight pulls harder.", "kl_pull (digits, quick, jax)"]
    assert lines[2] == "SUPPORTED, as predicted: the rate R"
    for piece in ("22 of 24 reach, 2 fall", "1.2 [−0.5, 2.0]", "≥ 0.02 nats per", "SSS"):
        assert piece in joined("\n".join(lines[3:])), piece


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"predicted": "SUPPORTED", "registered": ""}, "SUPPORTED, as predicted, exploratory:"),
        ({"predicted": ""}, "SUPPORTED, not predicted:"),
        ({"predicted": "", "overturned": "REFUTED, …"}, "SUPPORTED, not predicted, after an overturned prediction:"),
        ({"verdict": "REFUTED", "reason": "opposite"}, "REFUTED, opposite, AGAINST the prediction SUPPORTED:"),
        (
            {"verdict": "INCONCLUSIVE", "reason": "diverged", "median": None, "low": None, "high": None},
            "INCONCLUSIVE, diverged, predicted SUPPORTED:",
        ),
    ],
)
def test_a_row_says_how_it_stands_against_its_prediction(changes, said):
    text = plain(row(**{"registered": "2026-11-28"} | changes))
    assert said in joined(text)
    assert "None" not in text


def test_the_legend_explains_what_the_rows_need():
    """Whose count is one of contexts, and which row is exploratory; nothing of what is not there."""
    bound = row(registered="2026-11-28")
    assert terminal.EVERY.strip() in joined(plain(row(kind="every")))
    assert terminal.DRAFT.strip() in joined(plain(row()))
    assert not [said for said in (terminal.EVERY, terminal.DRAFT) if said.strip() in joined(plain(bound))]


def test_the_legend_of_identities_speaks_of_cases():
    """Identities have no VAEs; beside any other row the legend is that of VAEs."""
    identity = row(kind="exact", contexts=(), low=None, high=None)
    assert terminal.IDENTITIES in joined(plain(identity))
    assert terminal.COUNTED not in joined(plain(identity))
    assert terminal.COUNTED in joined(plain(identity, row()))


def test_rows_are_grouped_by_claim_in_the_order_they_were_judged():
    text = plain(row("b", "alpha"), row("a"), row("b", "omega"))
    assert re.findall(r"^(.) \(digits", text, re.MULTILINE) == ["b", "a"]
    assert text.index("alpha") < text.index("omega") < text.index("a (digits")


def test_rows_of_several_runs_say_which():
    text = joined(plain(row(), row(data="mnist", scale="standard"), width=160))
    assert "kl_pull (digits, quick, jax; mnist, standard, jax)" in text
    assert "the rate R (digits, quick, jax)" in text
    assert "the rate R (mnist, standard, jax)" in text


@pytest.mark.parametrize(("kind", "verdict"), [("every", "SUPPORTED"), ("search", "SUPPORTED"), ("exact", "REFUTED")])
def test_all_but_a_count_of_vaes_say_what_they_found(kind, verdict):
    note = "smallest found of 12 examined: latent_dim=1, at=width[0] (77 parameters)"
    text = joined(plain(row(kind=kind, verdict=verdict, note=note), row(note="another note")))
    assert note in text
    assert "another note" not in text
    assert "holds in a, fails in b" in plain(row(verdict="MIXED", note="holds in a, fails in b"))


def test_a_search_ends_with_the_command_that_replays_what_it_found():
    found = {"kind": "search", "verdict": "REFUTED", "parameters": {"form": "every VAE"}}
    path = "some where/quick/jax/counterexamples/kl_pull/every-VAE,digits.json"
    command = f"  replay: KERAS_BACKEND=jax study replay 'some where/{path.partition('/')[2]}'"
    lines = plain(row(note="smallest found", **found), row(), width=60, folder=Path("some where")).splitlines()
    assert lines[lines.index("  smallest found") + 1] == command  # whole, to be copied
    for changes, folder in (
        ({**found, "verdict": "INCONCLUSIVE"}, Path()),
        ({**found, "kind": "every"}, Path()),
        (found, None),
    ):
        assert "replay" not in plain(row(**changes), folder=folder)


EXTREME = {
    "measure": "a_measure_whose_name_is_longer_than_most_of_the_names_and_has_no_words_of_its_own_at_all",
    "verdict": "INCONCLUSIVE", "reason": "counterexample not confirmed", "low": -1.23e-05, "high": 1.23e5,
    "contexts": tuple(said(f"context {i}") for i in range(100)), "note": "n" * 200, "kind": "every",
    "unit": "a unit of an unusual length per doubling of something",
}  # fmt: skip


@pytest.mark.parametrize("width", [60, 80, 100, 160])
@pytest.mark.parametrize("contexts", [False, True])
@pytest.mark.parametrize("changes", [{}, EXTREME])
def test_no_line_is_wider_than_the_terminal_and_nothing_is_lost(width, contexts, changes):
    found = row(**changes)
    text = plain(found, row(), width=width, contexts=contexts, measured=lambda row: {"rate": "word " * 50})
    assert max(map(len, text.splitlines())) <= width
    bare = re.sub(r"\s", "", text)
    assert "…" not in bare
    name = changes.get("measure", "the rate R").replace("_", " ")
    for piece in (name, found.verdict, found.reason, "word " * 50, *(c.context for c in found.contexts if contexts)):
        assert re.sub(r"\s", "", piece) in bare, piece
    assert bare.count("S") >= len(found.contexts)
    for number in ("0.02", *(("123000.00",) if changes else ("1.2[−0.5,2.0]",))):
        assert number in bare or changes


def test_nothing_is_lost_of_any_recorded_row():
    store = Store(RECORDED)
    for width in (80, 100, 160):
        text = terminal.verdicts(store.rows(), store.claims(), width, color=False)
        assert max(map(len, text.splitlines())) <= width
        for one in store.rows():
            interval = text_of.interval(one.median, one.low, one.high)
            assert interval in text  # on a line of its own row, never folded
            assert re.sub(r"\s", "", text_of.threshold(one)) in re.sub(r"\s", "", text) or " " in one.unit


def test_letters_are_explained_that_occur_and_no_others():
    assert "S supported." in joined(plain(row()))
    mixed = row(contexts=(said("a", "REFUTED"), said("b", "", applicable=False, replicas=0, median=None)))
    assert "R refuted, - not applicable." in joined(plain(mixed))
    assert "R-" in plain(mixed)
    assert "letter" not in plain(row(contexts=()))


def test_contexts_are_listed_when_asked():
    text = plain(row(), contexts=True, width=100)
    assert re.search(r"S +kl_weight=2\.0 +7 of 8 reach +0\.125", text)
    assert "kl_weight" not in plain(row())


def test_measures_are_explained_once_a_claim():
    text = joined(plain(row(), row(measure="omega"), measured=lambda row: {"rate": "The rate [R], nats."}))
    assert text.count("rate: The rate [R], nats.") == 1  # brackets are no markup
    assert "the last [row]" in text


def test_rows_are_counted_against_their_predictions():
    silent = {"verdict": "INCONCLUSIVE"}
    rows = [
        row(), row(predicted=""), row(verdict="MIXED"), row(**silent, reason="diverged"),
        row(**silent, reason="not applicable"), row(**silent, reason="not applicable", predicted=""),
    ]  # fmt: skip
    assert terminal.tally(rows) == "1 as predicted, 1 against, 1 undecided, 2 not applicable; 1 not predicted"
    assert terminal.tally([row()]) == "1 as predicted, 0 against, 0 undecided, 0 not applicable"


def test_colours_only_when_asked():
    rows = [row(verdict=verdict) for verdict in ("SUPPORTED", "REFUTED", "MIXED", "INCONCLUSIVE")]
    assert "\x1b" not in plain(*rows)
    coloured = plain(*rows, color=True)
    for code, verdict in (("32", "SUPPORTED"), ("34", "REFUTED"), ("36", "MIXED"), ("33", "INCONCLUSIVE")):
        assert VERDICTS[verdict].colour in ("green", "blue", "cyan", "yellow")
        assert re.search(rf"\x1b\[{code}m{verdict}", coloured), verdict


def test_lines_are_folded_at_words_and_a_path_is_not_cut():
    path = "/a-path/" + "b" * 70
    folded = terminal.folded([f"kept in {path}", "  one: " + "word " * 20], 60)
    assert path in folded.split()
    first, second = folded[folded.index("  one:") :].splitlines()
    assert len(first) <= 60
    assert second.startswith("    word")


def test_a_failing_row_says_what_was_found_where_and_how_to_repeat_it():
    nothing = said("kl_weight=4.0", "", replicas=0, reach=0, short=0, median=None, applicable=False)
    contexts = (said("kl_weight=1.0"), said("kl_weight=2.0", "INCONCLUSIVE", median=None), nothing)
    failing = row(verdict="REFUTED", reason="opposite", contexts=contexts, note="more")
    repeat, known = "pytest --study-scale quick 'x[y]'", {"rate": "The rate."}
    lines = terminal.explained(WORDS, failing, repeat, lambda row: known).splitlines()
    assert lines == [
        "kl_pull: predicted SUPPORTED, found REFUTED (opposite)",
        "  claim: A larger weight pulls harder.",
        "  row: the rate R on digits",
        "  22 of 24 reach, 2 fall short; 5 may be otherwise",
        "  median 1.235, interval [-0.5, 2] nats per doubling, threshold 0.02",
        "  2 contexts × 8 replicas, 0 replicas diverged",
        "    7 of 8 reach, 1 fall short, median 0.125: SUPPORTED in kl_weight=1.0",
        "    7 of 8 reach, 1 fall short, median –: INCONCLUSIVE in kl_weight=2.0",
        "    not applicable in kl_weight=4.0",
        "  more",
        "  rate: The rate.",
        "  repeat: pytest --study-scale quick 'x[y]'",
    ]
    assert "predicted nothing" in terminal.explained(WORDS, row(predicted=""), "")


def test_a_table_keeps_every_cell_and_folds_the_first_column():
    headings = ("program", *(f"column {i}" for i in range(6)))
    rows = [("a name that is long enough to be folded into several lines of the table " * 2, *map(str, range(6)))]
    text = terminal.table(headings, rows, 132, color=False)
    assert max(map(len, text.splitlines())) <= 132
    for word in (*headings, *rows[0][0].split(), *rows[0][1:]):
        assert word in text


def test_an_identity_that_fails_says_its_error_and_no_vaes():
    failing = row(
        verdict="REFUTED", kind="exact", contexts=(), median=0.5, low=None, high=None, reach=3, short=1, count=4
    )
    lines = terminal.explained(WORDS, failing, "pytest x").splitlines()
    assert "  error 0.5, tolerance 0.02 nats per doubling" in lines
    assert not [line for line in lines if "contexts" in line or "median" in line]
