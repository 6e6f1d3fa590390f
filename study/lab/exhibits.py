"""Exhibits: what the figures are drawn from, small enough to keep beside the evidence."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from study.data.loading import load
from study.lab.cache import Block
from study.lab.lab import Case, Lab
from study.seeds import seed
from study.vae.config import VAEConfig

CAPACITY = ("encoder_width", "encoder_depth", "width", "latent_dim")


def exhibits(lab: Lab, case: Case) -> dict[str, list[dict[str, Any]]]:
    """Return the exhibits that a judged parametrisation gives; everything is recalled from the cache.

    Returns:
        ``{exhibit: rows}``: ``marginal_kl`` along each axis it swept, over the replicas judged (None
        for one that had not converged), and ``latent_plane`` of its two-dimensional VAEs.
    """
    axis = case.parameters.get("axis")
    if axis not in CAPACITY or case.parameters.get("measure") != "marginal_kl":
        return {}
    curves, planes = [], []
    for context in case.contexts.values():
        sweep = context.along(axis)
        series: dict[str, list[list[float | None]]] = {
            name: [] for name in ("low", "high", "empirical", "floor", "rate")
        }
        for trial in lab.run(sweep).trials("marginal_kl"):
            values = trial.values
            # Of the population's bracket, and the floor of the empirical value.
            shown = {
                "low": values["marginal_kl"].low,
                "high": values["marginal_kl"].high,
                "empirical": values["empirical_marginal_kl"].low,
                "floor": np.maximum(values["empirical_floor"].low, 0.0),
                "rate": values["rate"].low,
            }
            for name, array in shown.items():
                series[name].append(_rounded(np.where(trial.converged, array, np.nan)))
            if axis == "latent_dim" and trial.config.latent_dim == 2:
                planes.append(_plane(lab, trial.config, str(context)))
        curves.append(
            {"data": lab.data, "context": str(context), "axis": axis, "levels": list(sweep.levels(lab.data)), **series}
        )
    return {"marginal_kl": curves, "latent_plane": planes}


def _plane(lab: Lab, config: VAEConfig, context: str, most: int = 2_000) -> dict[str, Any]:
    """Codes of the held-out images under the first replica: means, and one draw each."""
    found = lab.bench.posteriors(Block(config))
    if found is None:
        raise FileNotFoundError(lab.bench.shelf(Block(config)).folder)
    heldout = found[1].subset_replicas([0])
    draws = heldout.draw([seed(config.key, 0, "exhibit")])[0]
    return {
        "data": lab.data,
        "context": context,
        "config": config.as_dict(),
        "classes": load(config.data, images=config.images).heldout_y[:most].tolist(),
        "means": [_rounded(point) for point in heldout.mean[0][:most]],
        "draws": [_rounded(point) for point in draws[:most]],
    }


def _rounded(values: NDArray[np.float64]) -> list[float | None]:
    return [None if np.isnan(value) else round(float(value), 4) for value in values]
