"""The registry: names, arguments, what shapes a measure, and computing what is shared once."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from planted import SEEDS, spread

from study.data.loading import load
from study.errors import InvalidValue
from study.latent.gaussians import DiagonalGaussians
from study.measures.registry import (
    PRIMITIVES,
    SHARED,
    Computation,
    Images,
    Measure,
    inputs,
    measure,
    names,
    of_images,
    roots,
    spec,
)
from study.runtime import registry
from study.seeds import generator

DATA = load("digits")
ALL = {
    "sampler": "prior",
}
"""A value for every argument that must be said."""
COUNT = 360
"""Images of either split of the planted block."""
BINARY = ("constant_distortion",)
"""Measures of held-out images that have binary pixels."""


def images() -> Images:
    return Images(DATA.train_x[:COUNT], DATA.train_y[:COUNT], DATA.heldout_x, DATA.heldout_y)


def every(name: str) -> Measure:
    needed = {p.name for p in spec(name).parameters if not isinstance(p.default, str | int | float | None)}
    return Measure.of(name, **{argument: ALL[argument] for argument in needed})


class Block:
    """Primitives of a planted block that count how often they are asked for."""

    def __init__(self, replicas=3, pictures=None, seen=None):
        basis = generator("registry", "decoder").normal(0, 0.2, (2, 64))
        self.asked = Counter()
        chosen = slice(0, replicas)
        self.values = {
            "train": spread(COUNT, 2, 0.3, key="train").subset_replicas(np.arange(3)[chosen]),
            "heldout": spread(COUNT, 2, 0.3, key="heldout").subset_replicas(np.arange(3)[chosen]),
            "decode": lambda z: np.clip(DATA.train_x.mean(0) + z @ basis, 0, 1),
            "log_joint": lambda z: -(z**2).sum(-1) - 20,
            "train_redraws": spread(2 * COUNT, 2, 0.3, key="train redraws").subset_replicas(np.arange(3)[chosen]),
            "heldout_redraws": spread(2 * COUNT, 2, 0.3, key="heldout redraws").subset_replicas(np.arange(3)[chosen]),
            # x is z with noise of variance ½ on the first two pixels.
            "log_likelihood": lambda x, z: -np.square(z - x[..., None, :2]).sum(-1),
            "sample_images": lambda z, seeds: np.stack([noisy(*pair) for pair in zip(z, seeds, strict=True)]),
            "encode": lambda x: DiagonalGaussians(x[..., :2] / 1.5, np.full((*x.shape[:2], 2), -np.log(3))),
            "heldout_x": 1.5 * spread(COUNT, 2, 0.3, key="heldout").mean[0] if seen is None else seen,
            "pixels": lambda split: (DATA.train_x[:COUNT], np.repeat(DATA.train_x[:COUNT], 2, axis=0)),
            "seeds": lambda purpose: [hash_of(s, purpose) for s in SEEDS[chosen]],
            "images": pictures or images(),
        }

    def computation(self) -> Computation:
        return Computation({name: lambda name=name: self.give(name) for name in self.values})

    def give(self, name):
        self.asked[name] += 1
        return self.values[name]


def noisy(z: np.ndarray, seed: int) -> np.ndarray:
    return z + 0.5**0.5 * np.random.default_rng(seed).standard_normal(z.shape)


def hash_of(seed: int, purpose: str) -> int:
    return seed ^ sum(map(ord, purpose))


def measured(replicas=3):
    """Measure all that there is, of one planted block."""
    whole, binary = (
        Block(replicas, seen=seen).computation() for seen in (None, (DATA.heldout_x > 0.5).astype(np.float32))
    )
    return {name: (binary if name in BINARY else whole).value(every(name)) for name in names()}


@pytest.fixture(scope="module", name="values")
def values_():
    return measured()


@pytest.mark.parametrize("name", names())
def test_every_measure_is_computed_from_primitives_with_one_number_per_replica(values, name):
    value = values[name]
    assert value.low.shape == value.high.shape == (3,)
    assert np.isfinite([value.low, value.high]).all()
    assert inputs(Measure(name)) <= PRIMITIVES.keys()


@pytest.fixture(scope="module", name="alone")
def alone_():
    return measured(replicas=1)


@pytest.mark.parametrize("name", names())
def test_a_replica_is_measured_alike_alone_and_among_siblings(values, alone, name):
    one = alone[name]
    np.testing.assert_allclose([one.low, one.high], [values[name].low[:1], values[name].high[:1]], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", names())
def test_every_measure_says_unit_source_and_what_it_is(name):
    found = spec(name)
    assert found.name == name
    assert found.unit
    assert found.source
    assert found.summary.endswith(".")
    assert found.needs


def test_a_name_is_a_measure_or_is_shared_or_given_never_two():
    known = [*names(), *registry.names(SHARED), *PRIMITIVES]
    assert len(set(known)) == len(known)


def test_values_agree_with_each_other(values):
    total = values["mutual_information"].low + values["empirical_marginal_kl"].low
    np.testing.assert_allclose(total, values["rate"].low, atol=0.05)  # Hoffman & Johnson 2016, both of the same draws
    np.testing.assert_allclose(values["marginal_kl_per_active"].high, values["marginal_kl"].high / 2)


def test_what_is_shared_is_computed_once_and_what_is_not_needed_never():
    block = Block()
    calls = Counter()
    decode = block.values["decode"]

    def counting(z):
        calls[z.shape[1]] += 1
        return decode(z)

    block.values["decode"] = counting
    computation = block.computation()
    for _ in range(2):
        for text in ("class_overlap", "class_overlap_difference", "decoder_misses"):
            arguments = {"sampler": "prior"} if text == "class_overlap" else {}
            computation.value(Measure.of(text, **arguments))
    assert calls == {2_000: 10}  # the prior's images and the aggregate's, once each
    assert block.asked == {"train": 1, "heldout": 1, "seeds": 1, "images": 1, "decode": 1}


def test_the_classifier_is_fitted_once_per_data_set_and_process(monkeypatch):
    module = registry.load(SHARED, "classifiers")
    fitted = []

    def function(given):
        fitted.append(given)
        return (module.ImageClassifier.fit("knn", given.train_x, given.train_y),)

    monkeypatch.setattr(module, "classifiers", replace(module.classifiers, function=function))
    pictures = images()
    for given in (pictures, pictures, images()):
        Block(pictures=given).computation().value(Measure.of("decoder_misses"))
    assert len(fitted) == 2
    assert fitted[0] is pictures


def test_text_is_canonical():
    assert str(Measure.of("rate")) == "rate"
    assert str(Measure.of("coverage", sampler="prior")) == "coverage(sampler='prior')"
    assert str(Measure.of("kl_percentile", percentile=10)) == "kl_percentile(percentile=10.0)"
    assert Measure.of("coverage_ratio", sampler="prior") == Measure.of("coverage_ratio")
    one, other = (
        Measure.of("class_overlap", **a)
        for a in ({"sampler": "prior", "classifier": "knn"}, {"classifier": "knn", "sampler": "prior"})
    )
    assert one == other
    assert str(one) == "class_overlap(classifier='knn', sampler='prior')"
    assert len({one, other}) == 1
    assert sorted([Measure.of("rate"), one])[0] == one


@pytest.mark.parametrize(
    ("name", "arguments", "match"),
    [
        ("marginal_lk", {}, "'marginal_kl'"),
        ("coverage", {"smapler": "prior"}, "argument of coverage: expected 'sampler'"),
        ("rate", {"sampler": "prior"}, "no argument"),
        ("coverage", {}, "the argument 'sampler'"),
        ("coverage", {"sampler": "piror"}, "'prior'"),
        ("coverage_ratio", {"reference": "agregate"}, "'aggregate'"),
        ("class_overlap", {"sampler": "prior", "classifier": "qda"}, "one of 'worse', 'knn', 'svc'"),
        ("kl_percentile", {"percentile": "5"}, "of type float"),
        ("kl_percentile", {"percentile": True}, "of type float"),
        ("nats_gain", {"sampler": "prior", "accuracy": "1"}, "of type float"),
    ],
)
def test_what_is_misspelt_is_refused_with_what_is_meant(name, arguments, match):
    with pytest.raises(InvalidValue, match=match):
        Measure.of(name, **arguments)


def test_roots_are_all_that_is_looked_up_by_name():
    assert roots(Measure.of("rate")) == (("study.measures", "rate"),)
    assert roots(Measure.of("coverage", sampler="prior")) == (
        ("study.latent.samplers", "prior"),
        ("study.measures", "coverage"),
        ("study.measures.shared", "draws"),
        ("study.measures.shared", "fidelity"),
        ("study.measures.shared", "fitted"),
    )
    found = roots(Measure.of("coverage_ratio"))
    assert {("study.latent.samplers", "training_aggregate"), ("study.measures", "coverage")} <= set(found)
    assert inputs(Measure.of("elbo")) == {"heldout", "log_joint", "seeds"}
    assert inputs(Measure.of("mutual_information")) == {"train", "seeds"}
    assert of_images("classifiers")
    assert not of_images("label_shares")


def test_a_missing_primitive_is_named():
    with pytest.raises(InvalidValue, match="'train': posteriors"):
        Computation({}).value(Measure.of("rate"))


@pytest.mark.parametrize("broken", ["decode", "log_joint"])
def test_nan_of_a_primitive_is_refused_by_measure_and_replica(broken):
    block = Block()
    working = block.values[broken]

    def breaking(z):
        out = working(z).copy()
        out[1] = np.nan
        return out

    block.values[broken] = breaking
    name = {"decode": "decoder_misses", "log_joint": "elbo"}[broken]
    with pytest.raises(InvalidValue, match=f"{name}, {broken}: expected finite numbers, .*replica 1"):
        block.computation().value(Measure.of(name))


@pytest.mark.parametrize(
    ("result", "match"),
    [
        (lambda q: np.where(np.arange(3) == 2, np.nan, 1.0), "rate: .*replica 2"),
        (lambda q: np.where(np.arange(3) == 0, np.inf, 1.0), "rate: .*replica 0"),
        (lambda q: q.kl(), "rate: expected one number per replica"),
        (lambda q: q.kl().mean(1)[:2], "rate: expected one number per replica"),
        (lambda q: 1.0, "rate: expected one number per replica"),
    ],
)
def test_a_result_that_is_not_one_finite_number_per_replica_is_refused(result, match, monkeypatch):
    module = registry.load("study.measures", "rate")
    monkeypatch.setattr(module, "rate", replace(module.rate, function=result))
    with pytest.raises(InvalidValue, match=match):
        Block().computation().value(Measure.of("rate"))


def test_needs_are_one_for_each_positional_parameter():
    with pytest.raises(InvalidValue, match="needs of two: expected 2 names"):

        @measure(unit="nats", needs=("train",))
        def two(q, z):
            """Nothing."""


def test_third_parties_bring_measures_and_samplers(tmp_path):
    (tmp_path / "theirs.py").write_text(
        textwrap.dedent('''
        from study.measures.registry import measure

        @measure(unit="latent units", needs=("draws",))
        def their_radius(draws, *, sampler: str):
            """Mean length of a sampler's draws.

            Source:
                Somebody.
            """
            return (draws(sampler) ** 2).sum(-1).mean(1)

        def fit(train, heldout):
            return Twos(heldout)

        class Twos:
            def __init__(self, q):
                self.q = q

            def draw(self, seeds, count):
                return self.q.draw(seeds, count) * 0 + 2
        ''')
    )
    (info := tmp_path / "theirs-1.0.dist-info").mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[study.measures]\ntheir_radius = theirs\n[study.latent.samplers]\ntwos = theirs\n"
    )
    script = textwrap.dedent("""
        import numpy as np
        from study.latent.gaussians import DiagonalGaussians
        from study.measures.registry import Computation, Measure, names, roots
        q = DiagonalGaussians(np.zeros((2, 9, 3)), np.zeros((2, 9, 3)))
        block = {"train": lambda: q, "heldout": lambda: q, "seeds": lambda: lambda purpose: [1, 2]}
        measure = Measure.of("their_radius", sampler="twos")
        assert "their_radius" in names()
        assert ("study.latent.samplers", "twos") in roots(measure)
        print(measure, Computation(block).value(measure).low)
    """)
    path = [str(tmp_path), *filter(None, sys.path)]
    code = f"import sys; sys.path[:0] = {path!r}\n{script}"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert found.stdout == "their_radius(sampler='twos') [12. 12.]\n", found.stderr


def test_naming_measures_imports_no_learning_library():
    code = """if True:
        import sys
        from study.measures.registry import inputs, names, Measure
        for name in names():
            inputs(Measure(name))
        assert not {"sklearn", "keras"} & sys.modules.keys()
    """
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
