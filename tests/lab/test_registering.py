"""What is fixed of a row is what its body says, and nothing of how it is written."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from study.design.claim import Claim, Estimand
from study.design.contexts import search_space
from study.errors import InvalidValue
from study.lab.artefacts import Setting
from study.lab.bodies import Body
from study.lab.collecting import Searching
from study.lab.lab import Lab
from study.lab.registering import Register


def body_of(test, claim, row=None, *, search=False, file=None):
    lab = Lab("quick", "digits")
    call = partial(test, lab=lab, **(row or {}))
    return Body.of("test", call, claim, row or {}, lab, search=search, file=file)


def claim(**changes):
    estimand = Estimand(0.1, "nats", predicted="SUPPORTED", basis="theory", dated="2026-11-30")
    fields = {"id": "planted", "statement": "", "source": "", "chapter": "", "parameters": {}}
    return Claim(**fields | {"estimand": lambda: estimand} | changes)


def fixed(body):
    return body.registration(body.collected(Setting("jax")))


def observing(value, **changes):
    """What is fixed of a claim whose body observes a value of each context's VAE."""
    about = claim(**changes)

    @given(context=about.contexts())
    def test(lab, context):
        lab.observe(about, value(lab, context))

    return fixed(body_of(test, about))


def test_a_row_is_named_by_context_point_and_axis_and_never_by_a_whole_config():
    def value(lab, context):
        sweep = lab.run(context.along("encoder_width", (1, 2)))
        vae = lab.run(context.at(latent_dim=4))
        return (sweep.fall("rate") - 2 * vae.value("kl_percentile", percentile=10)).where(vae.value("rate"), at_least=1)

    found = observing(value)
    assert found.contexts == claim().places
    assert (found.kind, found.threshold, found.declared) == ("most", "0.1", 1)
    for context, text in found.asked.items():
        assert text == (
            f"where(subtract(fall(per doubling of (1.0, 2.0): rate(of {context}, encoder_width=1), "
            f"rate(of {context}, encoder_width=2)), multiply(2.0, kl_percentile(percentile=10.0 of {context}, "
            f"latent_dim=4))), rate(of {context}, latent_dim=4) >= 1.0)"
        )
        for field in ("learning_rate", "batch_size", "epochs"):  # of the recipe
            assert field not in text


VALUES = {
    "measure": lambda lab, context: lab.run(context).value("elbo"),
    "argument": lambda lab, context: lab.run(context).value("kl_percentile", percentile=10),
    "another argument": lambda lab, context: lab.run(context).value("kl_percentile", percentile=5),
    "point": lambda lab, context: lab.run(context.at(latent_dim=4)).value("rate"),
    "axis": lambda lab, context: lab.run(context.along("encoder_width", (1, 2))).fall("rate"),
    "levels": lambda lab, context: lab.run(context.along("encoder_width", (1, 4))).fall("rate"),
    "arithmetic": lambda lab, context: lab.run(context).value("rate") * 2,
    "where": lambda lab, context: lab.run(context).value("rate").where(lab.run(context).value("rate"), at_least=1),
    "bound": lambda lab, context: lab.run(context).value("rate").where(lab.run(context).value("rate"), at_least=2),
    "intervention": lambda lab, context: lab.run(context).after("rescaled_latents", factor=2).value("rate"),
    "plain": lambda lab, context: lab.run(context).value("rate"),
}  # fmt: skip


def test_every_part_of_an_expression_moves_its_fingerprint_and_nothing_else_does():
    found = {name: observing(value).fingerprint for name, value in VALUES.items()}
    assert len(set(found.values())) == len(VALUES)
    again = observing(VALUES["plain"], statement="Another.", source="another", registered="2026-12-01")
    assert again.fingerprint == found["plain"]


def test_a_search_is_fixed_by_its_grid_its_bound_and_its_estimand():
    about = claim(search=Estimand(0.3, "nats"))

    def searched(space, measure="rate", examples=16):
        @settings(max_examples=examples)
        @given(context=space)
        def test(lab, context):
            lab.examine(about, lab.run(context).value(measure))

        return fixed(body_of(test, about, search=True))

    grid = {"latent_dim": (2, 4), "kl_weight": (1.0, 0.5)}
    found = searched(search_space(grid))
    assert (found.kind, found.threshold, found.contexts) == ("search", "0.3", ())
    assert found.asked["bound"] == str(Searching.bound)
    assert found.asked["estimand"] == "rate(of latent_dim=2, kl_weight=1.0)"
    assert "sampled_from((1.0, 0.5))" in found.asked["grid"]
    assert "lambda" not in found.asked["grid"]  # no source text
    assert searched(search_space(grid)) == found
    others = [
        searched(search_space({**grid, "latent_dim": (2, 8)})), searched(search_space(grid), "elbo"),
        searched(search_space(grid), examples=17),
    ]  # fmt: skip
    assert len({one.fingerprint for one in (found, *others)}) == 4


def test_an_identity_is_fixed_by_its_strategy_its_cases_and_its_tolerance():
    tried = []

    def proved(strategy, tolerance=1e-3, cases=50):
        about = claim(estimand=lambda: Estimand(tolerance, "", kind="exact"))

        @settings(max_examples=cases)
        @given(n=strategy)
        def test(lab, n):
            tried.append(n)
            lab.exact(about, 0.0)

        return fixed(body_of(test, about))

    found = proved(st.integers(0, 9))
    assert len(tried) == 1  # up to its first case
    assert (found.kind, found.threshold, found.contexts) == ("exact", "0.001", ())
    assert found.asked == {"strategy": "n=integers(min_value=0, max_value=9)", "cases": "50"}
    others = [proved(st.integers(0, 8)), proved(st.integers(0, 9), 2e-3), proved(st.integers(0, 9), cases=51)]
    assert len({one.fingerprint for one in (found, *others)}) == 4


# Since when.


@pytest.mark.parametrize("committed", [True, False])
@pytest.mark.parametrize("usual", [True, False])
@pytest.mark.parametrize("date", ["2026-12-01", ""])
def test_a_row_is_registered_if_its_claim_is_its_file_is_committed_and_its_looks_are_the_scales(
    monkeypatch, tmp_path, date, usual, committed
):
    monkeypatch.setattr("study.lab.registering.committed", lambda file: committed)
    about = claim(registered=date)

    @given(context=about.contexts())
    def test(lab, context):
        lab.observe(about, lab.run(context).value("rate"))

    body = body_of(test, about, file=tmp_path / "test_planted.py")
    register = Register.of({body: body.collected(Setting("jax"))}, usual=usual)
    expected = date if usual and committed else ""
    terms = register.terms(body, "root")
    assert (register.date(body), terms["registered"], terms["predicted"]) == (expected, expected, "SUPPORTED")
    if expected:
        register.check_recordable()
    else:
        with pytest.raises(InvalidValue, match="record"):
            register.check_recordable()
