"""A sampler's nats against a reference's."""

from __future__ import annotations

from collections.abc import Callable

from study.errors import InvalidValue
from study.measures.registry import shared
from study.measures.tools.nats import Compared, Nats, compared


@shared(needs=("nats",))
def compared_nats(nats: Callable[[str, str], Nats], *, sampler: str, reference: str, accuracy: float) -> Compared:
    """Compare the nats of two samplers, by the stage that makes their gaps as small as asked for."""
    if not accuracy > 0:
        raise InvalidValue("accuracy", accuracy, "a number of nats > 0")
    return compared(nats, sampler, reference, accuracy)
