"""Keys: a changed line makes again what it shapes, and nothing else."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.lab import artefacts, digests
from study.lab.artefacts import Block, Change, Setting
from study.measures.registry import Measure, names, spec
from study.vae.config import BLOCK, VAEConfig

BACKENDS = ("tensorflow", "jax", "torch")
CONFIG = VAEConfig(latent_dim=2)
NEEDED = {"percentile": 5.0, "sampler": "prior"}
"""A value for each argument that must be said."""
MEASURES = {
    name: Measure.of(name, **{p.name: NEEDED[p.name] for p in spec(name).parameters if p.name in NEEDED})
    for name in names()
}
CODE = ("training", "posterior", "measure")
CACHED = [
    *(getattr(digests, name) for name in ("closure", "_imports", "_tree", "_path", "_version")),
    *(
        getattr(artefacts, name)
        for name in ("_trained_key", "_training_digest", "_posterior_digest", "_measure_digest")
    ),
]


def forget() -> None:
    for function in CACHED:
        function.cache_clear()


def keys() -> dict[tuple[str, str], str]:
    """Return every key of a block on each backend: of training, of its posteriors, of the values of each measure."""
    forget()
    found = {}
    for backend in BACKENDS:
        block = Block(CONFIG, 0, Setting(backend))
        found[backend, "training"] = block.key()
        found[backend, "posterior"] = block.posterior_key()
        found |= {(backend, name): block.value_key(measure) for name, measure in MEASURES.items()}
    return found


@dataclass
class Source:
    """A copy of the study's source, which can be changed."""

    root: Path
    before: dict[tuple[str, str], str]

    def changed(self) -> set[tuple[str, str]]:
        now = keys()
        return {name for name in now if now[name] != self.before[name]}

    def append(self, path: str, text: str) -> set[tuple[str, str]]:
        """Add to the end of a file, say which keys that changes, and take it back."""
        file = self.root / path
        old = file.read_text(encoding="utf-8")
        file.write_text(f"{old}\n\n{text}\n", encoding="utf-8")
        found = self.changed()
        file.write_text(old, encoding="utf-8")
        return found


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    root = tmp_path_factory.mktemp("source") / "study"
    shutil.copytree(digests.HERE, root, ignore=shutil.ignore_patterns("__pycache__"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(digests, "HERE", root)
        yield Source(root, keys())
    forget()


EVERYTHING = {(backend, name) for backend in BACKENDS for name in ("training", "posterior", *MEASURES)}
VALUES = {(backend, name) for backend in BACKENDS for name in MEASURES}
LINE = "ADDED = 1"


def of(*measures: str) -> set[tuple[str, str]]:
    return {(backend, name) for backend in BACKENDS for name in measures}


def test_a_copy_has_the_same_keys(source):
    assert source.before.keys() == EVERYTHING
    assert len(set(source.before.values())) == len(EVERYTHING)
    assert not source.changed()


@pytest.mark.parametrize(
    "path",
    [
        "measures/new.py",
        "measures/shared/new.py",
        "vae/networks/new.py",
        "vae/likelihoods/new.py",
        "vae/interventions/new.py",
        "vae/backends/new.py",
        "latent/priors/new.py",
        "latent/samplers/new.py",
        "data/new.py",
    ],
)
def test_a_new_file_makes_nothing_again(source, path):
    file = source.root / path
    assert file.parent.is_dir()
    file.write_text("import numpy\nX = 1\n")
    assert not source.changed()
    file.unlink()


@pytest.mark.parametrize(
    "path",
    [
        "lab/run.py", "lab/cluster.py", "lab/work.py", "lab/store.py", "lab/plan.py", "lab/collecting.py", "session.py",
        "plugin.py", "errors.py", "types.py", "vae/config.py", "runtime/files.py", "runtime/registry.py",
        "verdicts/word.py", "report/terminal.py", "design/grids.py",
    ],
)  # fmt: skip
def test_what_schedules_judges_or_refuses_makes_nothing_again(source, path):
    assert source.append(path, LINE) == set()


@pytest.mark.parametrize(
    "path", ["vae/training/loop.py", "vae/backends/jax.py", "measures/rate.py", "lab/measuring.py"]
)
def test_words_make_nothing_again(source, path):
    assert source.append(path, '# A comment.\n"""A docstring."""') == set()
    assert source.append(path, LINE)  # but a line does


FIDELITY = ("coverage", "coverage_ratio", "precision", "recall")


@pytest.mark.parametrize(
    ("path", "measures"),
    [
        ("measures/active_units.py", ("active_units",)),
        ("measures/shared/prior_ratios.py", ("hole_mass", "likelihood_ratio_accuracy")),
        ("measures/shared/fidelity.py", FIDELITY),
        ("measures/shared/importance_weights.py", ("elbo", "distortion")),
    ],
)  # fmt: skip
def test_a_changed_measure_or_shared_computation_measures_again_what_needs_it(source, path, measures):
    assert source.append(path, LINE) == of(*measures)


def test_a_changed_sampler_measures_again_what_draws_from_it(source):
    found = source.append("latent/samplers/prior.py", LINE)
    assert {name for _, name in found} >= {"coverage", "coverage_ratio", "class_overlap"}
    assert not found & of("training", "posterior", "rate", "marginal_kl", "elbo")


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_changed_backend_trains_again_on_it_alone(source, backend):
    assert source.append(f"vae/backends/{backend}.py", LINE) == {one for one in EVERYTHING if one[0] == backend}


@pytest.mark.parametrize(
    "path",
    [
        "vae/training/loop.py", "vae/training/schedule.py", "vae/training/randomness.py", "vae/initial.py", "seeds.py",
        "vae/networks/dense.py", "vae/likelihoods/bernoulli.py", "latent/priors/normal.py", "data/treatment.py",
    ],
)  # fmt: skip
def test_what_trains_makes_everything_again(source, path):
    assert source.append(path, LINE) == EVERYTHING


@pytest.mark.parametrize(
    "path", ["vae/networks/_contract.py", "vae/likelihoods/gaussian.py", "latent/priors/uniform.py"]
)
def test_what_is_named_counts_where_it_is_named_only(source, path):
    assert source.append(path, LINE) == (EVERYTHING if "_contract" in path else set())


def test_what_measures_leaves_what_is_trained_alone(source):
    assert source.append("lab/measuring.py", LINE) == VALUES
    assert source.append("lab/subjects/trained.py", LINE) == VALUES | of("posterior")


SETTING = Setting("jax")
BLOCKS = {
    "config": Block(CONFIG.replace(kl_weight=2.0), 0, SETTING),
    "epochs": Block(CONFIG.replace(epochs=7), 0, SETTING),
    "pixels": Block(CONFIG.replace(pixels="redrawn"), 0, SETTING),
    "block": Block(CONFIG, 1, SETTING),
    "backend": Block(CONFIG, 0, replace(SETTING, backend="torch")),
    "seed root": Block(CONFIG, 0, replace(SETTING, seed_root="another")),
    "precision": Block(CONFIG, 0, replace(SETTING, precision="tf32")),
}


@pytest.mark.parametrize("what", BLOCKS)
def test_whatever_numbers_depend_on_is_in_every_key(what):
    one, other = Block(CONFIG, 0, SETTING), BLOCKS[what]
    assert one.key() != other.key()
    assert one.posterior_key() != other.posterior_key()
    assert one.value_key(MEASURES["rate"]) != other.value_key(MEASURES["rate"])


@pytest.mark.parametrize("what", ["data", "backend's version", "Keras' version"])
def test_data_and_versions_are_in_every_key(monkeypatch, what):
    block = Block(CONFIG, 0, SETTING)
    before = block.key()
    if what == "data":
        monkeypatch.setattr(artefacts, "data_digest", lambda *given: "another")
    else:
        changed = "jax" if what == "backend's version" else "keras"
        real = artefacts.backend_version
        monkeypatch.setattr(artefacts, "backend_version", lambda name: "0.0" if name == changed else real(name))
    artefacts._trained_key.cache_clear()
    assert block.key() != before
    artefacts._trained_key.cache_clear()


def test_where_data_lie_does_not_count():
    block = Block(CONFIG, 0, SETTING)
    assert replace(block, setting=replace(SETTING, data="/elsewhere")).key() == block.key()


def test_interventions_count_after_training_only_in_their_order():
    block = Block(CONFIG, 0, SETTING)
    double, halve = (Change("rescaled_latents", (("factor", factor),)) for factor in (2.0, 0.5))
    changed = [
        replace(block, changes=changes) for changes in ((), (double,), (halve,), (double, halve), (halve, double))
    ]
    assert {one.key() for one in changed} == {block.key()}
    assert {one.trained for one in changed} == {block}
    assert (
        len({one.posterior_key() for one in changed}) == len({one.value_key(MEASURES["rate"]) for one in changed}) == 5
    )


@given(st.integers(0, 999))
def test_blocks_share_no_replica(index):
    one, next_ = (Block(CONFIG, i, SETTING).replicas for i in (index, index + 1))
    assert len(one) == BLOCK
    assert one.stop == next_.start


def test_arguments_of_a_measure_count():
    block = Block(CONFIG, 0, SETTING)
    measures = [Measure.of("coverage", sampler=sampler) for sampler in ("prior", "aggregate")]
    assert len({block.value_key(measure) for measure in measures}) == 2
