"""Rank correlations of values over several VAEs, replica by replica."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.stats import rankdata

from study.errors import InvalidValue
from study.lab.values import Observed, Place, Read, Trial, Value, checked, made, one_context
from study.measures.registry import Measure
from study.types import Array


@dataclass(frozen=True, eq=False, repr=False)
class RankCorrelation(Value):
    """Spearman's correlation over VAEs of two lists of values, or their partial one given a third list."""

    lists: tuple[tuple[Value, ...], ...]
    context: Place | None

    def __str__(self) -> str:
        """Return the canonical text."""
        return f"rank_correlation({'; '.join(', '.join(map(str, values)) for values in self.lists)})"

    def leaves(self) -> Iterator[tuple[Trial, Measure]]:
        """Return those of all values."""
        for values in self.lists:
            for value in values:
                yield from value.leaves()

    def evaluate(self, read: Read) -> Observed:
        """Return its numbers: between the least and the greatest of what the ends of each list's brackets give."""
        known = [[value.evaluate(read) for value in values] for values in self.lists]
        ends = [[np.stack([getattr(one, end) for one in several]) for end in ("low", "high")] for several in known]
        found = np.stack([correlation(*chosen) for chosen in product(*ends)])
        return made(self, [one for several in known for one in several], found.min(0), found.max(0))


def rank_correlation(first: Sequence[Value], second: Sequence[Value], given: Sequence[Value] | None = None) -> Value:
    """Name the rank correlation of two lists of values, one a VAE, within each replica.

    A bracketed value counts with all of its list's lower ends, and with all upper ones: the correlation lies between
    the least and the greatest that come of it, and so must reach a threshold at both ends.

    Args:
        first: Values of at least three VAEs of one context.
        second: As many others of theirs.
        given: What is held fixed: the correlation is the partial one, given these; None for the plain one.

    Returns:
        A value in [−1, 1]; 0 where one list is constant, or fixed by what is given, so that nothing is left of it.

    Raises:
        InvalidValue: Lists of other lengths, or values of several contexts.

    Source:
        Spearman 1904; Kendall & Stuart 1973, volume 2, chapter 27, for partial correlations.
    """
    named = {"first": first, "second": second, **({} if given is None else {"given": given})}
    for name, values in named.items():
        if not isinstance(values, Sequence) or isinstance(values, str | bytes):
            raise InvalidValue(name, values, "a list of values of the lab")
    lists = tuple(tuple(checked(name, value) for value in values) for name, values in named.items())
    lengths = [len(values) for values in lists]
    if len(set(lengths)) > 1 or lengths[0] < 3:
        raise InvalidValue("rank_correlation", lengths, "lists of one length, of 3 values or more")
    return RankCorrelation(lists, one_context("rank_correlation", [value for values in lists for value in values]))


def correlation(first: Array, second: Array, given: Array | None = None) -> Array:
    """Spearman's correlation over VAEs of numbers ``(VAE, replica)``, ``(replica,)``; 0 where one is constant.

    Args:
        first: Numbers.
        second: Others, alike.
        given: Numbers that are held fixed; None for nothing.
    """
    ranks = [rankdata(numbers, axis=0) for numbers in (first, second, *([] if given is None else [given]))]
    centred = [rank - rank.mean(0) for rank in ranks]
    if given is not None:  # what is left of either list of ranks, the third one's share taken out
        fixed = centred.pop()
        square = (fixed**2).sum(0)
        slopes = [
            np.divide((one * fixed).sum(0), square, out=np.zeros_like(square), where=square > 0) for one in centred
        ]
        centred = [one - slope * fixed for one, slope in zip(centred, slopes, strict=True)]
    size = np.sqrt((centred[0] ** 2).sum(0) * (centred[1] ** 2).sum(0))
    left = size > 1e-9 * len(first) ** 3  # ranks are halves of integers: anything smaller is rounding
    return np.divide((centred[0] * centred[1]).sum(0), size, out=np.zeros_like(size), where=left)
