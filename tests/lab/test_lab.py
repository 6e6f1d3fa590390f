"""The lab: what a body may say, and what it is told where it cannot be."""

from __future__ import annotations

import pickle
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.vendor.pretty import pretty

from study.design.contexts import Context
from study.errors import InvalidValue
from study.lab.artefacts import Change
from study.lab.lab import Lab, Live, Own, labs
from study.lab.reading import Look
from study.measures.registry import Measure
from study.measures.tools.bracket import Bracket

CONTEXT = Context((("kl_weight", 1.0), ("latent_dim", 2)))


def numbers(reader, value, look=None):
    return value.evaluate(reader.at(look or Look()))


@pytest.mark.parametrize("replicas", [2, 8, 12, 16])
def test_a_value_has_as_many_replicas_as_are_looked_at(lab, world, replicas):
    found = numbers(world(), lab.run(CONTEXT.at(latent_dim=4)).value("rate"), Look(replicas))
    assert found.replicas.tolist() == list(range(replicas))
    assert found.low.tolist() == found.high.tolist() == [2 + replica for replica in range(replicas)]


def test_a_sweep_has_a_value_at_each_level(lab, world):
    swept = lab.run(CONTEXT.along("latent_dim"))
    assert swept.levels == (2, 4, 8, 16)
    assert swept.context == CONTEXT
    assert [numbers(world(), value).low[0] for value in swept.values("rate")] == [1, 2, 3, 4]


def test_a_sweep_falls_by_its_slope(lab, world):
    """The planted value grows by 1 with every doubling, and its bracket is 2 wide at each of four levels."""
    sweep = lab.run(CONTEXT.along("latent_dim"))
    assert numbers(world(), sweep.fall("rate")).low == pytest.approx(np.full(8, -1.0))
    bracketed = numbers(world(), sweep.fall("marginal_kl"))
    # Weights of the least-squares slope over 0, 1, 2, 3 are -0.3, -0.1, 0.1, 0.3: half-width 0.8.
    assert bracketed.low == pytest.approx(np.full(8, -1.8))
    assert bracketed.high == pytest.approx(np.full(8, -0.2))


def test_along_depth_a_fall_is_per_layer(lab, world):
    reader = world(lambda block, measure: Bracket(*[np.full(8, -2.0 * block.config.encoder_depth)] * 2))
    assert numbers(reader, lab.run(CONTEXT.along("encoder_depth")).fall("rate")).low == pytest.approx(np.full(8, 2.0))


def test_a_fall_counts_only_where_every_level_has_converged(lab, world):
    reader = world(converged=lambda block: np.arange(8) != int(np.log2(block.config.latent_dim)))
    fall = numbers(reader, lab.run(CONTEXT.along("latent_dim")).fall("rate"))
    assert fall.converged.tolist() == [True] + [False] * 4 + [True] * 3


def falling(block, measure):
    """A rate that falls by 3 nats with each doubling of the KL weight."""
    return Bracket(*[20 - 3 * np.log2(block.config.kl_weight) + np.arange(8)] * 2)


@pytest.mark.parametrize(
    "said",
    [
        lambda lab: lab.run(CONTEXT.along("kl_weight", (0.5, 1.0, 2.0))).fall("rate"),
        lambda lab: lab.run(CONTEXT).value("rate") - lab.run(CONTEXT.at(kl_weight=2.0)).value("rate"),
    ],
)
def test_that_doubling_the_kl_weight_lowers_the_rate_is_one_line(lab, world, said):
    assert numbers(world(falling), said(lab)).low == pytest.approx(np.full(8, 3.0))


AXES = {"learning_rate": (1e-3, 2e-3), "batch_size": (64, 128), "max_epochs": (5, 10), "kl_weight": (0.5, 4.0)}


@given(st.sampled_from(sorted(AXES)))
def test_any_field_of_the_config_is_an_axis(axis):
    swept = Lab("quick", "digits").run(CONTEXT.along(axis, AXES[axis]))
    assert [getattr(vae.trial.config, axis) for vae in swept.vaes] == list(AXES[axis])
    assert len({replace(vae.trial.config, **{axis: AXES[axis][0]}) for vae in swept.vaes}) == 1


def test_axes_of_words_have_levels_but_no_fall(lab):
    swept = lab.run(CONTEXT.along("activation", ("relu", "tanh")))
    assert [vae.trial.config.activation for vae in swept.vaes] == ["relu", "tanh"]
    with pytest.raises(InvalidValue, match=r"^axis: expected one with numbers as levels, along which a value can fall"):
        swept.fall("rate")


MISSPELT = {
    "measure": (lambda lab: lab.run(CONTEXT).value("rat"), "'rate'"),
    "measure of a sweep": (lambda lab: lab.run(CONTEXT.along("width")).fall("marginal_k"), "'marginal_kl'"),
    "argument": (lambda lab: lab.run(CONTEXT).value("coverage", smapler="prior"), "'sampler'"),
    "sampler": (lambda lab: lab.run(CONTEXT).value("coverage", sampler="priro"), "'prior'"),
    "axis": (lambda lab: lab.run(CONTEXT.along("encodr_width")), "'encoder_width'"),
    "axis with levels": (lambda lab: lab.run(CONTEXT.along("kl_weigth", (1, 2))), "'kl_weight'"),
    "config field": (lambda lab: lab.run(CONTEXT.at(latent_dims=3)), "'latent_dim'"),
    "field of a context": (lambda lab: lab.run(Context((("activaton", "relu"),))), "'activation'"),
    "figure": (lambda lab: lab.show("marginal_k", lab.run(CONTEXT.along("width"))), "'marginal_kl'"),
    "intervention": (lambda lab: lab.run(CONTEXT).after("rescaled_latent", factor=2.0), "'rescaled_latents'"),
    "its argument": (lambda lab: lab.run(CONTEXT).after("rescaled_latents", facter=2.0), "'factor'"),
}


@pytest.mark.parametrize("what", MISSPELT)
def test_a_misspelt_name_is_one_error_with_the_closest_ones(lab, taken, what):
    use, close = MISSPELT[what]
    with pytest.raises(InvalidValue, match=f": expected .*{close}.*, received '") as raised:
        use(lab)
    assert "\n" not in str(raised.value)


REFUSED = [
    (lambda lab: lab.run("context"), "^run: expected a context, a sweep or point of one, or a subject"),
    (lambda lab: lab.run(CONTEXT).value("coverage"), "^coverage: expected the argument 'sampler'"),
    (lambda lab: lab.run(CONTEXT).after("rescaled_latents"), "^rescaled_latents: expected the argument 'factor'"),
    (lambda lab: lab.run(CONTEXT.at(activation="step")), "^activation: expected one of 'relu'"),
    (lambda lab: lab.run(CONTEXT.along("kl_weight", (0.0, 1.0))).fall("rate"), "^levels: expected levels above 0"),
    (lambda lab: lab.run(CONTEXT.along("kl_weight")), "^levels: expected levels of 'kl_weight', as only 'enc"),
    (lambda lab: lab.run(CONTEXT.along("kl_weight", (1.0,))), "^levels: expected at least two different levels"),
    (lambda lab: lab.observe(None, 3.0), "^value: expected a value of the lab"),
    (lambda lab: lab.observe(None, lab.run(CONTEXT).value("rate")), "^lab: expected a lab inside a claim's body"),
    (lambda lab: lab.show("marginal_kl", lab.run(CONTEXT)), "^lab: expected a lab inside a claim's body"),
]


@pytest.mark.parametrize(("use", "message"), REFUSED)
def test_what_makes_no_sense_is_refused(lab, use, message):
    with pytest.raises(InvalidValue, match=message):
        use(lab)


def test_what_is_told_beside_is_of_the_same_context(lab):
    value, other = (lab.run(context).value("rate") for context in (CONTEXT, Context((("kl_weight", 2.0),))))
    with pytest.raises(InvalidValue, match=r"expected a value of the context kl_weight=1\.0, latent_dim=2"):
        lab.observe(None, value, secondary={"other": other})


def test_interventions_are_applied_in_the_order_in_which_they_are_named(lab):
    vae = lab.run(CONTEXT).after("rescaled_latents", factor=2.0).after("rescaled_latents", factor=0.25)
    double, quarter = (Change("rescaled_latents", (("factor", factor),)) for factor in (2.0, 0.25))
    assert vae.trial == Own(CONTEXT.config("digits", "quick"), (double, quarter))
    assert list(vae.value("rate").leaves()) == [(vae.trial, Measure("rate"))]
    assert str(vae.trial).endswith("after rescaled_latents(factor=2.0), after rescaled_latents(factor=0.25)")
    assert vae.trial != lab.run(CONTEXT).trial


def test_a_name_in_a_text_does_not_tell_vaes_apart(lab):
    named, other = lab.run(CONTEXT), lab.run(CONTEXT.at(latent_dim=2))
    assert str(named.trial) != str(other.trial)
    assert named.trial == other.trial


# Somebody's model.


def test_somebodys_model_is_measured_in_its_own_name(lab, world, somebody):
    subject = somebody()
    vae = lab.run(subject)
    assert (vae.context, str(vae.trial)) == ("somebody", "somebody")
    found = numbers(world(), vae.value("rate"))
    assert found.low == pytest.approx(np.full(3, 2.0))
    assert (found.converged.all(), found.applicable.all(), found.replicas.tolist()) == (True, True, [0, 1, 2])


def test_an_object_is_one_trial_however_often_it_is_named(lab, somebody):
    subject, twin = somebody(), somebody()
    assert lab.run(subject).trial == lab.run(subject).trial != lab.run(twin).trial
    assert len({Live(subject), Live(subject), Live(twin)}) == 2


def test_it_cannot_be_changed_and_is_of_the_data_of_the_lab(lab, somebody):
    with pytest.raises(InvalidValue, match=r"^subject: expected a VAE of the study, whose weights can be changed"):
        lab.run(somebody()).after("rescaled_latents", factor=2.0)
    with pytest.raises(InvalidValue, match=r"^data of theirs: expected 'digits', which this lab is about"):
        lab.run(somebody("theirs", data="mnist"))


def test_values_of_two_subjects_are_of_two_contexts(lab, somebody):
    with pytest.raises(InvalidValue, match=r"expected values of one context, received \['a', 'b'\]"):
        _ = lab.run(somebody("a")).value("rate") - lab.run(somebody("b")).value("rate")


# The lab itself.


def test_labs_are_those_of_the_scale_and_the_same_ones():
    assert list(labs("standard")) == ["digits", "mnist"]
    assert labs("quick") is labs("quick")
    assert [list(labs("standard", data)) for data in ("mnist", "fashion_mnist")] == [["mnist"], []]
    with pytest.raises(InvalidValue, match=r"data: expected one of 'digits', .*, received 'digts'"):
        labs("standard", "digts")


def test_hypothesis_shows_a_short_text():
    lab = Lab("quick", "digits", recorder=object())
    assert pretty(lab) == repr(lab) == "<Lab: digits at scale quick>"


def test_trials_travel_to_workers(lab):
    for vae, change in product([lab.run(CONTEXT)], [False, True]):
        trial = (vae.after("rescaled_latents", factor=2.0) if change else vae).trial
        assert pickle.loads(pickle.dumps(trial)) == trial
