"""Figure data: what a figure can be redrawn from, of the VAEs that a claim shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from study.data.loading import load
from study.errors import InvalidValue
from study.evidence.figure_data import Decoded, Information, LatentPlane, MarginalKL, Shown
from study.lab.artefacts import Block
from study.lab.decoding import decoded, side
from study.lab.lab import Own, Swept, Vae
from study.lab.reading import Look, Reader
from study.lab.store import Store
from study.lab.work import Task, Unit, agreement, work
from study.latent.gaussians import DiagonalGaussians
from study.measures.registry import Measure
from study.seeds import seed
from study.vae.config import VAEConfig

MOST = 2_000
"""Images in a latent plane, at most."""


@dataclass(frozen=True)
class Figure:
    """One figure.

    Attributes:
        measures: What must be measured of the VAEs that it shows.
        build: What is shown, read at a look → its data.
        check: Refuses what it cannot show.
    """

    measures: tuple[Measure, ...]
    build: Callable[[Swept | Vae, Look, Reader, str], Shown]
    check: Callable[[Swept | Vae], object]


def _curves(what: Swept | Vae, look: Look, reader: Reader, data: str) -> MarginalKL:
    """The marginal KL along a sweep, over the replicas judged: None for one that diverged."""
    swept = _swept(what)
    ends = {
        "low": (MARGINAL_KL, "low"),
        "high": (MARGINAL_KL, "high"),
        "empirical": (EMPIRICAL, "low"),
        "floor": (FLOOR, "low"),
        "rate": (RATE, "low"),
    }
    rows: dict[str, tuple[tuple[float | None, ...], ...]] = {}
    for name, (measure, end) in ends.items():
        levels = []
        for vae in swept.vaes:
            numbers = reader.read(look, vae.trial, measure)
            values = getattr(numbers, end)
            shown = np.maximum(values, 0.0) if name == "floor" else values
            levels.append(_rounded(np.where(numbers.finite, shown, np.nan)))
        rows[name] = tuple(levels)
    return MarginalKL(data=data, context=str(swept.context), axis=swept.sweep.axis, levels=swept.numbers, **rows)


def _plane(what: Swept | Vae, look: Look, reader: Reader, data: str) -> LatentPlane:
    """Codes of the held-out images under the first replica: means, and one draw each."""
    vae = _vae(what)
    trial, setting = vae.trial, reader.setting
    assert isinstance(trial, Own)
    config, block = trial.config, look.blocks(trial, setting)[0]
    heldout = _posteriors(reader.store, block)[1].subset_replicas([0])
    draws = heldout.draw([seed(config.key, 0, "exhibit", root=setting.seed_root)])[0]
    dataset = load(config.data, images=config.images, folder=setting.data)
    return LatentPlane(
        data=data,
        context=str(vae.context),
        config=config.as_dict(),
        classes=tuple(dataset.heldout_y[:MOST].tolist()),
        means=tuple(_rounded(point) for point in heldout.mean[0][:MOST]),
        draws=tuple(_rounded(point) for point in draws[:MOST]),
    )


def _images(what: Swept | Vae, look: Look, reader: Reader, data: str) -> Decoded:
    """Images of the first replica: draws of the prior and of two other samplers, decoded, and of the data."""
    vae, config = _one(what), _config(what)
    block = look.blocks(Own(config), reader.setting)[0]
    images = decoded(reader.store, block, _posteriors(reader.store, block))
    return Decoded(
        data=data,
        context=str(vae.context),
        kl_weight=_weight(config),
        latent_dim=config.latent_dim,
        side=side(images),
        images={name: tuple(some) for name, some in images.items()},
    )


def _information(what: Swept | Vae, look: Look, reader: Reader, data: str) -> Information:
    """Rate, marginal KL and mutual information over the replicas judged: None for one that diverged."""
    vae, config = _one(what), _config(what)
    found: dict[str, tuple[float | None, ...]] = {}
    for name, measure in (("rate", RATE), ("marginal_kl", EMPIRICAL), ("mutual_information", MUTUAL)):
        numbers = reader.read(look, vae.trial, measure)
        found[name] = _rounded(np.where(numbers.finite, numbers.low, np.nan))
    return Information(
        data=data,
        context=str(vae.context),
        kl_weight=_weight(config),
        latent_dim=config.latent_dim,
        rate=found["rate"],
        marginal_kl=found["marginal_kl"],
        mutual_information=found["mutual_information"],
    )


def _weight(config: VAEConfig) -> float:
    """Return the KL weight of one VAE; only programs of several have more."""
    assert isinstance(config.kl_weight, float)
    return config.kl_weight


def _posteriors(store: Store, block: Block) -> tuple[DiagonalGaussians, DiagonalGaussians]:
    """Return the posteriors of both splits; they are made again where only what came of them is whole."""
    found = store.posteriors(block)
    if found is None:
        store.forget_value(block, RATE)  # so that they are needed
        tasks = (Task(block, (RATE,)),)
        done = work(Unit(tasks, str(store.root.resolve()), agreement(tasks)), here=True)
        if isinstance(done, InvalidValue):
            raise done
        for one in done:
            if one.error is not None:
                raise one.error
        found = store.posteriors(block)
    if found is None:
        raise FileNotFoundError(f"{store.folder(block)}: vanished while it was being read")
    return found


def _swept(what: Swept | Vae) -> Swept:
    if not isinstance(what, Swept):
        raise InvalidValue("marginal_kl", type(what).__name__, "a sweep, lab.run(context.along(axis))")
    return what


def _one(what: Swept | Vae) -> Vae:
    if not isinstance(what, Vae):
        raise InvalidValue("figure", type(what).__name__, "one VAE, lab.run(context) or one of sweep.vaes")
    return what


def _config(what: Swept | Vae) -> VAEConfig:
    """Return the config of one VAE of the study, as it was trained."""
    trial = _one(what).trial
    if not isinstance(trial, Own) or trial.changes:
        raise InvalidValue("figure", str(trial), "a VAE of the study, as it was trained")
    return trial.config


def _vae(what: Swept | Vae) -> Vae:
    if not isinstance(what, Vae):
        raise InvalidValue("latent_plane", type(what).__name__, "one VAE, lab.run(context) or one of sweep.vaes")
    if not isinstance(what.trial, Own) or what.trial.config.latent_dim != 2:
        raise InvalidValue("latent_plane", str(what.trial), "a VAE of the study, of two latents")
    return what


def _rounded(values: NDArray[np.float64]) -> tuple[float | None, ...]:
    return tuple(None if np.isnan(value) else round(float(value), 4) for value in values)


MARGINAL_KL, EMPIRICAL, FLOOR, RATE, MUTUAL = (
    Measure(name) for name in ("marginal_kl", "empirical_marginal_kl", "empirical_floor", "rate", "mutual_information")
)
FIGURES = {
    "marginal_kl": Figure((MARGINAL_KL, EMPIRICAL, FLOOR, RATE), _curves, _swept),
    "latent_plane": Figure((RATE,), _plane, _vae),
    "decoded": Figure((RATE,), _images, _config),
    "information": Figure((RATE, EMPIRICAL, MUTUAL), _information, _config),
}
"""Figure → what it takes."""
