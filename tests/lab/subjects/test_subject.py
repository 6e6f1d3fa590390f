"""The door of subjects: somebody's models on trial, alone and as a claim."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest
from sklearn.decomposition import PCA

import study
from study.data.loading import load
from study.lab.subjects.subject import Subject
from study.latent.gaussians import DiagonalGaussians
from study.runtime.backends import installed
from study.testing import Example

THEIRS = dedent(
    '''
    """Two kinds of models that are not the study's."""

    import numpy as np
    from sklearn.decomposition import PCA

    from study.data.loading import load
    from study.latent.gaussians import DiagonalGaussians


    def trained(seed):
        """Train one, as anybody would who knows nothing of the study."""
        from keras import Input, Model, Sequential, layers, losses, ops, random

        class Sampled(layers.Layer):
            noise = random.SeedGenerator(seed)

            def call(self, both):
                mean, log_var = both[:, :2], both[:, 2:]
                self.add_loss(0.5 * ops.mean(ops.sum(mean**2 + ops.exp(log_var) - 1 - log_var, -1)))
                return mean + ops.exp(log_var / 2) * random.normal(ops.shape(mean), seed=self.noise)

        encoder = Sequential([Input((64,)), layers.Dense(8, "relu"), layers.Dense(4)])
        decoder = Sequential([Input((2,)), layers.Dense(8, "relu"), layers.Dense(64, "sigmoid")])
        x = Input((64,))
        vae = Model(x, decoder(Sampled()(encoder(x))))
        vae.compile("adam", loss=lambda x, p: 64 * losses.binary_crossentropy(x, p))
        vae.fit(load("digits").train_x, load("digits").train_x, batch_size=479, verbose=0)
        return encoder, decoder


    class Components:
        """Principal components of halves of the images, whitened: a posterior of variance 0.1 around each code."""

        data = "digits"

        def __init__(self, latent, halves=2):
            self.id, images = f"pca-{latent}", load("digits").train_x
            self.fitted = [PCA(latent, whiten=True, random_state=0).fit(images[half::halves]) for half in range(halves)]

        def posterior(self, x):
            mean = np.stack([one.transform(x) for one in self.fitted]) * np.sqrt(0.9)
            return DiagonalGaussians(mean, np.full_like(mean, np.log(0.1)))

        def decode(self, z):
            return np.stack([one.inverse_transform(each) for one, each in zip(self.fitted, z, strict=True)])


    class Plain:
        """A plain Keras VAE; a replica is a model of its own."""

        data = "digits"

        def __init__(self, name="plain", seeds=(1, 2)):
            self.id, self.models = name, [trained(seed) for seed in seeds]

        def posterior(self, x):
            both = np.stack([encoder.predict_on_batch(x) for encoder, _ in self.models])
            return DiagonalGaussians(both[..., :2], both[..., 2:])

        def decode(self, z):
            pairs = zip(self.models, z, strict=True)
            return np.stack([decoder.predict_on_batch(each.astype("float32")) for (_, decoder), each in pairs])
    '''
)
CLAIM = dedent(
    """
    import pytest
    from hypothesis import given

    from study import Claim, Estimand, Lab, Subject

    from theirs import Components, Plain

    SUBJECTS = (Components(2), Components(3))
    CLAIM = Claim(
        id="theirs", statement="Their rate is high.", source="a test", chapter="1. Theirs", subjects=SUBJECTS,
        parameters={"form": ("rate", "gap")},
        estimand=lambda form: Estimand(1.0 if form == "rate" else 0.0, "nats", predicted="SUPPORTED"),
    )


    @pytest.mark.parametrize("form", CLAIM.parameters["form"])
    @given(subject=CLAIM.contexts())
    def test_theirs(lab: Lab, form: str, subject: Subject) -> None:
        their = lab.run(subject)
        said = {"rate": their.value("rate"), "gap": their.value("rate") - 2 * their.value("kl_percentile") - 0.5}
        lab.observe(CLAIM, said[form])
    """
)


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    """The module of their models."""
    scope: dict[str, object] = {}
    exec(THEIRS, scope)
    return scope


def project(folder: Path, claim: str = CLAIM) -> Example:
    path = "import sys\nfrom pathlib import Path\n\nsys.path.insert(0, str(Path(__file__).parent))\n"
    profile = "from study.design.profile import load_profile\n\nload_profile()\n"
    files = {"theirs.py": THEIRS, "conftest.py": path + profile, "claims/test_theirs.py": claim}
    return Example(files, folder)


def test_principal_components_are_measured_like_any_other(theirs):
    subject = theirs["Components"](2)
    assert isinstance(subject, Subject)
    found = study.measure(subject, "rate")
    fitted = PCA(2, whiten=True, random_state=0).fit(load("digits").train_x[::2])
    codes = fitted.transform(load("digits").train_x) * np.sqrt(0.9)
    expected = 0.5 * (codes**2 + 0.1 - 1 - np.log(0.1)).sum(1).mean()
    assert found.low[0] == found.high[0] == pytest.approx(expected)
    coverage = study.measure(subject, "coverage", sampler="prior").low
    assert ((coverage > 0) & (coverage < 1)).all()
    assert (study.measure(subject, "marginal_kl").low < found.low).all()


@pytest.mark.framework
def test_a_plain_keras_vae_is_measured_like_any_other(theirs):
    subject = theirs["Plain"]()
    found = study.measure(subject, "rate")
    assert found.low.shape == (2,)
    q = subject.posterior(load("digits").train_x)
    assert isinstance(q, DiagonalGaussians)
    assert found.low == pytest.approx(q.kl().mean(1))
    assert study.measure(subject, "decoder_misses").low.shape == (2,)


@pytest.mark.skipif(not installed(), reason="a run of claims names the backend that it would train on")
def test_they_are_put_on_trial_as_a_claim(tmp_path):
    """Each subject is judged as a context: the record says which, and is judged again."""
    from study.evidence.judging import judge_again
    from study.evidence.store import Store

    ran = project(tmp_path).run("claims")
    # Four numbers decide nothing: a subject needs more replicas, and the row says so.
    assert ran.verdicts == {"rate-digits": "INCONCLUSIVE", "gap-digits": "INCONCLUSIVE"}, ran.output
    assert {(row.reason, row.reach, row.short) for row in ran.rows} == {
        ("too few replicas", 4, 0), ("too few replicas", 0, 4),
    }  # fmt: skip
    assert (ran.status, ran.outcomes) == (0, {"inconclusive": 2}), ran.output
    (path,) = tmp_path.glob("results/local/quick/given/theirs.json")
    recorded = json.loads(path.read_text())
    assert recorded["design"] == ["pca-2", "pca-3"]
    assert {len(row["contexts"]) for row in recorded["rows"]} == {2}
    assert judge_again(Store(tmp_path / "results" / "local")) == []


@pytest.mark.framework
def test_a_keras_model_is_put_on_trial_beside_others(tmp_path):
    claim = CLAIM.replace("Components(3))", 'Plain("plain", seeds=(1, 2, 3)))')
    ran = project(tmp_path, claim).run("claims", "-k", "rate")
    assert list(ran.verdicts) == ["rate-digits"], ran.output
    (path,) = tmp_path.glob("results/local/quick/given/theirs.json")
    assert json.loads(path.read_text())["design"] == ["pca-2", "plain"]


@pytest.mark.skipif(not installed(), reason="a run of claims names the backend that it would train on")
@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("lab.run(subject)", "lab.run(SUBJECTS[0])", r"every context of the design, none in ['pca-3']"),
        ("lab.run(subject)", "lab.run(Components(2))", "one estimand a context; pca-2 has"),
        ("lab.run(subject)", "lab.run(Components(4))", "context: expected one of CLAIM.subjects: pca-2, pca-3"),
        ('value("rate") - ', 'value("rat") - ', "measures: expected one of 'rate'"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_measured(tmp_path, old, new, message):
    assert old in CLAIM
    claim = CLAIM.replace(old, new)
    if "Components(2))" in new:  # both the one that is declared and its twin
        claim = claim.replace(
            "lab.observe(CLAIM", 'lab.observe(CLAIM, lab.run(subject).value("rate"))\n    lab.observe(CLAIM'
        )
    ran = project(tmp_path, claim).run("claims")
    assert ran.status == 4, ran.output
    assert message in ran.output
    assert ran.verdicts == {}


@pytest.mark.skipif(not installed(), reason="a run of claims names the backend that it would train on")
def test_a_scale_without_their_data_has_no_such_row(tmp_path):
    ran = project(tmp_path).run("claims", "--study-scale", "full", "--collect-only", "-q")
    assert "fashion_mnist" not in ran.output
    ran = project(tmp_path).run("claims", "--study-scale", "standard", "--collect-only", "-q")
    assert "[rate-digits]" in ran.output or "digits" in ran.output
    assert "mnist" not in ran.output
