"""What the measures are that a row rests on."""

from __future__ import annotations

import re
from collections.abc import Mapping

from study.evidence.records import VerdictRow
from study.measures import registry


def measured(row: VerdictRow) -> Mapping[str, str]:
    """Return the first sentence of each measure that a row's estimand names, by the name of the measure.

    Args:
        row: The row; a measure that is not registered here says nothing.
    """
    asked = row.registration.asked.values() if row.registration else ()
    words = dict.fromkeys(re.findall(r"\w+", " ".join([*row.parameters.values(), *asked])))
    known = frozenset(registry.names())
    return {name: registry.spec(name).summary for name in words if name in known}
