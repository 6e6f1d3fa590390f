"""The specifications of the headline claims: what could have been chosen otherwise, listed before a curve was drawn.

A specification is a training and a reading. A row names the trainings that it uses, and its readings: the claim's own
estimand first, then others that one could have asked for; each reading is taken of each training. Thresholds are the
claims'. All trainings at all levels would take 360 blocks; those listed take 60, and in them each choice meets each
other one about equally often.

Source:
    Simonsohn, Simmons & Nelson 2020, "Specification curve analysis".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from study.design.contexts import LISTED, Context, Point
from study.evidence.specifications import Specification
from study.lab.artefacts import Block, Setting
from study.lab.lab import Lab, Own, Vae
from study.lab.reading import Look, Reader
from study.lab.values import Observed, Value, maximum
from study.measures.registry import Measure
from study.verdicts.counting import allowed, interval, median

DATA, SCALE = "digits", "quick"
LAB = Lab(SCALE, DATA)
BASE = Context.of().config(DATA, SCALE)
IMAGES = {"all": None, "half": 718}
"""Training images; of half as many there are half as many held-out ones, too (180), and half the steps."""
TIMES = {0.5: "× ½", 1: "× 1", 2: "× 2"}
"""Multiples of the recipe's epochs, warm-up included."""
LEVEL = 0.05
"""One-sided level of the intervals."""


@dataclass(frozen=True)
class Training:
    """How the VAEs of a specification are trained.

    Attributes:
        activation: Activation of the hidden layers.
        layers: Hidden layers of the decoder.
        times: Length of training, a key of :data:`TIMES`.
        images: Which images, a key of :data:`IMAGES`.
        weight: KL weight.
    """

    activation: str
    layers: int
    times: float
    images: str
    weight: float = 1.0

    def at(self, latents: int | None = None) -> Point:
        """Return the VAE that is trained so, with as many latents as asked."""
        fields: dict[str, int | float] = {"kl_weight": self.weight}
        if self.times != 1:
            fields |= {name: round(self.times * getattr(BASE, name)) for name in ("epochs", "kl_warmup_epochs")}
        if (images := IMAGES[self.images]) is not None:
            fields["images"] = images
        if latents is not None:
            fields["latent_dim"] = latents
        return self.context.at(**fields)

    @property
    def context(self) -> Context:
        """The architecture."""
        return Context.of(activation=self.activation, decoder_depth=self.layers)

    @property
    def usual(self) -> bool:
        """Whether it is how the claims' own VAEs are trained: a listed context, and the recipe."""
        return self.context in LISTED and self.times == 1 and self.images == "all"

    @property
    def choices(self) -> dict[str, str]:
        """What was chosen, in words."""
        return {
            "KL weight": f"{self.weight:g}",
            "activation": self.activation,
            "decoder": "1 hidden layer" if self.layers == 1 else f"{self.layers} hidden layers",
            "training": TIMES[self.times],
            "images": self.images,
        }


TRAININGS = (  # at KL weight 1: six architectures at three lengths, with all images in nine of eighteen
    Training("relu", 1, 1, "all"), Training("relu", 1, 0.5, "half"), Training("relu", 1, 2, "all"),
    Training("tanh", 1, 1, "all"), Training("tanh", 1, 0.5, "half"), Training("tanh", 1, 2, "half"),
    Training("softplus", 1, 1, "half"), Training("softplus", 1, 0.5, "all"), Training("softplus", 1, 2, "all"),
    Training("relu", 2, 1, "all"), Training("relu", 2, 0.5, "half"), Training("relu", 2, 2, "half"),
    Training("tanh", 2, 1, "half"), Training("tanh", 2, 0.5, "all"), Training("tanh", 2, 2, "all"),
    Training("softplus", 2, 1, "half"), Training("softplus", 2, 0.5, "all"), Training("softplus", 2, 2, "half"),
)  # fmt: skip
HALF_WEIGHT = tuple(
    Training(activation, layers, 1, "all", 0.5) for activation, layers in (("relu", 1), ("tanh", 1), ("relu", 2))
)
"""At KL weight 0.5: the claims' own contexts, for rows whose claim speaks of that weight, too."""
SWEPT = (
    Training("relu", 1, 1, "all"), Training("relu", 2, 0.5, "half"), Training("tanh", 1, 2, "half"),
    Training("tanh", 2, 0.5, "all"), Training("softplus", 1, 2, "all"), Training("softplus", 2, 1, "half"),
)  # fmt: skip
"""Of the first eighteen one an architecture, each length twice: along an axis a training takes three blocks."""

Reading = Callable[[Training], Value]
LITTLE = 0.25  # nats
SAMPLERS = ("gaussian_mixture", "gaussian", "training_mixture")


def _percentile(percentile: float) -> Reading:
    def read(training: Training) -> Value:
        vae = LAB.run(training.at(latents=2))
        return vae.value("kl_percentile", percentile=percentile).where(vae.value("rate"), at_least=2.0)

    return read


def _excess(vae: Vae) -> Value:
    return vae.value("empirical_marginal_kl") - vae.value("empirical_marginal_kl_null")


def _shape(vae: Vae) -> Value:
    return vae.value("empirical_marginal_kl") - vae.value("moment_kl")


def _fall(axis: str, of: str | Callable[[Vae], Value]) -> Reading:
    def read(training: Training) -> Value:
        sweep = LAB.run(training.at().along(axis))
        fall = sweep.relative_fall(of)
        if of is _excess:  # where there is less, nothing is left that could fall
            fall = fall.where(_excess(sweep.vaes[0]), at_least=0.01)
        return fall.where(sweep.vaes[-1].value("rate"), at_least=1.0)

    return read


def _sampled(of: Callable[[Vae], Value]) -> Reading:
    def read(training: Training) -> Value:
        vae = LAB.run(training.at(latents=8))
        return of(vae).where(vae.value("rate"), at_least=2.0).where(vae.value("decoder_misses"), at_most=1)

    return read


def _recall_ratio(vae: Vae) -> Value:
    return vae.value("recall", sampler="prior") / vae.value("recall", sampler="training_aggregate")


def _overlap(classifier: str) -> Reading:
    return _sampled(lambda vae: vae.value("class_overlap_difference", classifier=classifier))


def _gain(threshold: float, *samplers: str, little: bool = False) -> Reading:
    def read(training: Training) -> Value:
        vae = LAB.run(training.at(latents=8))
        gain, gap = (
            maximum(*(vae.value(measure, sampler=one, accuracy=threshold / 5) for one in samplers))
            for measure in ("nats_gain", "nats_gap")
        )
        value = LITTLE - gain if little else gain
        return value.where(vae.value("rate"), at_least=2.0).where(gap, at_most=threshold / 2)

    return read


@dataclass(frozen=True)
class Row:
    """A row of a headline claim, and how else it could have been asked.

    Attributes:
        claim: Claim id.
        parameters: The claim's parametrisation.
        about: What the estimand is, in words.
        threshold: The claim's.
        unit: Unit of estimand and threshold.
        trainings: The trainings.
        readings: What is measured, in words → the estimand; the claim's own comes first.
    """

    claim: str
    parameters: Mapping[str, str]
    about: str
    threshold: float
    unit: str
    trainings: tuple[Training, ...]
    readings: Mapping[str, Reading]


APPROACHES, COVERS = "aggregate_posterior_approaches_prior", "prior_samples_cover_classes"
COSTS, FALLS = "sampling_the_prior_costs_little", "share per doubling"
ROWS = (
    Row(
        "per_sample_posterior_differs", {}, "a percentile of KL(q(z|x) ‖ N(0, I)) over held-out images, 2 latents",
        0.5, "nats", (*TRAININGS, *HALF_WEIGHT),
        # A higher percentile can only be larger: the first one is the stricter question.
        {"5th percentile": _percentile(5), "1st percentile": _percentile(1), "median": _percentile(50)},
    ),
    Row(
        APPROACHES, {"row": "encoder_width"}, "relative fall of the marginal KL, a wider encoder, 2 latents",
        0.1, FALLS, SWEPT,
        {
            "KL of q_n": _fall("encoder_width", "empirical_marginal_kl"),
            "KL of q_n less moments": _fall("encoder_width", _shape),
            "KL of population": _fall("encoder_width", "marginal_kl"),
        },
    ),
    Row(
        APPROACHES, {"row": "latents_in_total"}, "relative fall of the marginal KL, more latents", 0.1, FALLS, SWEPT,
        {
            "KL of q_n − null": _fall("latent_dim", _excess),
            "KL of q_n": _fall("latent_dim", "empirical_marginal_kl"),
            "KL of population": _fall("latent_dim", "marginal_kl"),
        },
    ),
    Row(
        COVERS, {"measure": "coverage_ratio", "vae": "w1-D8"},
        "what draws of N(0, I) reach of held-out images ÷ what draws of q(z) reach, 8 latents", 0.9, "ratio", TRAININGS,
        {"coverage": _sampled(lambda vae: vae.value("coverage_ratio")), "recall": _sampled(_recall_ratio)},
    ),
    Row(
        COVERS, {"measure": "class_overlap_difference", "vae": "w1-D8"},
        "overlap with the data's classes less the aggregate's, 8 latents", -0.05, "share", TRAININGS,
        {"nearest neighbours": _overlap("knn"), "support vectors": _overlap("svc")},
    ),
    Row(
        COSTS, {"row": "gaussian_mixture-w1-D8"}, "what another sampler than N(0, I) gains, 8 latents",
        0.05, "nats", (*TRAININGS, *HALF_WEIGHT),
        {"Gaussian mixture": _gain(0.05, "gaussian_mixture"), "0.8 q_n + 0.2 N": _gain(0.05, "training_mixture")},
    ),
    Row(
        COSTS, {"row": "little-w1-D8"}, "0.25 nats less what the best sampler gains, 8 latents", 0.0, "nats", TRAININGS,
        {"best of three": _gain(LITTLE, *SAMPLERS, little=True)},
    ),
)  # fmt: skip
"""The headline rows, each claim's that carry it. KL weight 0.5 is left out where the claim does not speak of it, and of
coverage at 8 latents, which doubling the training moves too far there."""


@dataclass(frozen=True)
class Asked:
    """One specification before it is measured.

    Attributes:
        row: The row.
        training: The training.
        measure: The reading, in words.
        value: The estimand.
    """

    row: Row
    training: Training
    measure: str
    value: Value

    @property
    def own(self) -> bool:
        """Whether it is the claim's own estimand, of VAEs of its own design, at KL weight 1."""
        return self.training.usual and self.training.weight == 1 and self.measure == next(iter(self.row.readings))

    def found(self, observed: Observed) -> Specification:
        """Return the record of it, from the numbers of its VAEs."""
        low, high = observed.low[observed.finite], observed.high[observed.finite]
        ends = interval(low, high, allowed(low.size, LEVEL)) if low.size else (np.nan, np.nan)
        return Specification(
            claim=self.row.claim,
            parameters=self.row.parameters,
            about=self.row.about,
            threshold=self.row.threshold,
            unit=self.row.unit,
            choices={**self.training.choices, "measure": self.measure},
            own=self.own,
            replicas=low.size,
            applicable=bool(observed.applicable.all()),
            medians=(median(low, low), median(high, high)),
            low=ends[0],
            high=ends[1],
        )


def asked(rows: tuple[Row, ...] = ROWS) -> Iterator[Asked]:
    """Yield every specification of some rows, in their order."""
    for row in rows:
        for training in row.trainings:
            for measure, reading in row.readings.items():
                yield Asked(row, training, measure, reading(training))


def wanted(specifications: list[Asked], setting: Setting) -> dict[Block, set[Measure]]:
    """Return what must be in the store to measure them."""
    found: dict[Block, set[Measure]] = {}
    for one in specifications:
        for trial, measure in one.value.leaves():
            for block in Look().blocks(trial, setting) if isinstance(trial, Own) else ():
                found.setdefault(block, set()).add(measure)
    return found


def measured(specifications: list[Asked], reader: Reader) -> tuple[Specification, ...]:
    """Return their records, from what is in the store."""
    read = reader.at(Look())
    return tuple(one.found(one.value.evaluate(read)) for one in specifications)
