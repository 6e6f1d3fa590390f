"""The tables that end a run: every row in full, within the width, coloured only when asked; a bar on terminals only."""

from __future__ import annotations

import io
import re

import pytest

from study.evidence.judged import Judged
from study.evidence.manifest import RowCost
from study.evidence.records import ClaimWords, Evidence, VerdictRow
from study.report import terminal
from study.report.words import VERDICTS
from study.verdicts.judgement import InContext


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


def judged(*args, **changes):
    found = row(*args, **changes)
    cost = RowCost(seconds=12.345, trained=96, recalled=24)
    return Judged(evidence=Evidence.gather(ClaimWords(claim=found.claim), found, []), cost=cost)


def plain(*contents, width=160, color=False):
    return terminal.verdicts(contents, width, color=color)


def test_a_row_says_everything():
    text = plain(judged())
    for piece in (
        "claim: kl_pull", "rate digits", "SUPPORTED", "1.23", "-0.5 … 2", "0.02", "nats per doubling", "3 × 8",
        "22 of 24 reach", "96 + 24", "12.3",
    ):  # fmt: skip
        assert piece in text, piece


def test_what_is_unknown_is_a_dash_and_what_is_not_predicted_exploratory():
    text = plain(judged(verdict="INCONCLUSIVE", reason="diverged", median=None, low=None, high=None, predicted=""))
    assert "exploratory" in text
    assert "–" in text
    assert "None" not in text
    assert "(diverged)" in text


def test_rows_are_grouped_by_claim_in_the_order_they_were_judged():
    text = plain(judged("b", "alpha"), judged("a"), judged("b", "omega"))
    assert re.findall("claim: (.)", text) == ["b", "a"]
    assert text.index("alpha") < text.index("omega") < text.index("claim: a")


@pytest.mark.parametrize("kind", ["every", "search", "exact"])
def test_all_but_a_count_of_vaes_say_what_they_found(kind):
    note = "smallest found of 12 examined: latent_dim=1, at=width[0] (77 parameters)"
    text = plain(judged(kind=kind, note=note), judged(note="another note"))
    assert f"{kind}: {note}" in text
    assert "another note" not in text
    assert "most: holds in a, fails in b" in plain(judged(verdict="MIXED", note="holds in a, fails in b"))


@pytest.mark.parametrize("width", [terminal.LEAST, 160])
def test_no_line_is_wider_than_the_terminal_and_no_number_is_cut(width):
    long = judged(
        measure="marginal_kl_per_dimension",
        verdict="INCONCLUSIVE",
        reason="too few replicas",
        low=-1.23e-05,
        high=1.23e5,
    )
    text = plain(judged(), long, width=width)
    assert max(map(len, text.splitlines())) <= width
    assert "-1.23e-05 … 1.23e+05" in text
    assert "…" not in text.replace(" … ", "")
    assert re.findall(r"INCONCLUSIVE|96 \+ 24|12\.3", text) == ["96 + 24", "12.3", "INCONCLUSIVE", "96 + 24", "12.3"]


def test_colours_only_when_asked():
    rows = [judged(verdict=verdict) for verdict in ("SUPPORTED", "REFUTED", "MIXED", "INCONCLUSIVE")]
    assert "\x1b" not in plain(*rows)
    coloured = plain(*rows, color=True)
    for code, verdict in (("32", "SUPPORTED"), ("34", "REFUTED"), ("36", "MIXED"), ("33", "INCONCLUSIVE")):
        assert VERDICTS[verdict].colour in ("green", "blue", "cyan", "yellow")
        assert re.search(rf"\x1b\[{code}m{verdict}", coloured), verdict


def test_a_failing_row_says_what_was_found_where_and_how_to_repeat_it():
    nothing = said("kl_weight=4.0", "", replicas=0, reach=0, short=0, median=None, applicable=False)
    contexts = (said("kl_weight=1.0"), said("kl_weight=2.0", "INCONCLUSIVE", median=None), nothing)
    failing = row(verdict="REFUTED", reason="why", contexts=contexts, note="more")
    lines = terminal.explained(failing, "pytest --study-scale quick 'x[y]'").splitlines()
    assert lines == [
        "kl_pull: predicted SUPPORTED, found REFUTED (why)",
        "  22 of 24 reach, 2 fall short; 5 may be otherwise",
        "  median 1.235, interval [-0.5, 2] nats per doubling, threshold 0.02",
        "  2 contexts × 8 replicas, 0 replicas diverged",
        "    7 of 8 reach, 1 fall short, median 0.125: SUPPORTED in kl_weight=1.0",
        "    7 of 8 reach, 1 fall short, median –: INCONCLUSIVE in kl_weight=2.0",
        "    not applicable in kl_weight=4.0",
        "  more",
        "  repeat: pytest --study-scale quick 'x[y]'",
    ]
    assert "predicted nothing" in terminal.explained(row(predicted=""), "")


def test_a_table_keeps_every_cell_and_folds_the_first_column():
    headings = ("program", *(f"column {i}" for i in range(6)))
    rows = [("a name that is long enough to be folded into several lines of the table " * 2, *map(str, range(6)))]
    text = terminal.table(headings, rows, terminal.LEAST, color=False)
    assert max(map(len, text.splitlines())) <= terminal.LEAST
    for word in (*headings, *rows[0][0].split(), *rows[0][1:]):
        assert word in text


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_is_drawn_on_a_terminal_in_vaes_and_gone_at_the_end():
    assert terminal.progress(None) is None
    assert terminal.progress(io.StringIO()) is None
    file = Terminal()
    draw = terminal.progress(file)
    draw(1, 4)
    assert "8/32 VAEs" in _text(file)
    draw(4, 4)
    assert file.getvalue().endswith("\x1b[2K")  # the line is erased


def _text(file):
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", file.getvalue())
