"""What is fixed of a row on a data set before its data are seen, and its fingerprint.

Neither source text nor docstring, prediction or digest of code is part of it: a mended measure runs again under the
same fingerprint, a moved threshold does not.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass

from study.errors import InvalidValue


@dataclass(frozen=True, kw_only=True)
class Registration:
    """What is fixed of a row on a data set.

    Attributes:
        kind: Kind of the row, ``search`` for a search.
        threshold: The threshold, all its digits; of an identity the tolerance.
        declared: Rows that the claim declares.
        contexts: Canonical texts of the contexts of the design, in order; none for a search or an identity.
        asked: Context → canonical text of the estimand there. For a search its ``grid``, its ``bound`` and the
            ``estimand`` in the first context; for an identity its ``strategy`` and ``cases``.
    """

    kind: str
    threshold: str
    declared: int
    contexts: tuple[str, ...]
    asked: Mapping[str, str]

    def __post_init__(self) -> None:
        """Refuse a threshold that is no number."""
        with suppress(ValueError):
            if math.isfinite(float(self.threshold)):
                return
        raise InvalidValue("threshold", self.threshold, "the digits of a finite number")

    @property
    def fingerprint(self) -> str:
        """The first 16 hexadecimal digits of the SHA-256 of its canonical JSON."""
        text = json.dumps(asdict(self), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def moved(self, seen: Registration) -> str:
        """Say what differs from what was fixed when data were seen, e.g. ``the threshold was 3.0, and is 1.0 now``."""
        return "; ".join(f"the {what} was {before}, and is {now} now" for what, before, now in self._moved(seen))

    def _moved(self, seen: Registration) -> Iterator[tuple[str, object, object]]:
        names = {"kind": "kind", "threshold": "threshold", "declared": "number of declared rows"}
        for field, what in names.items():
            if getattr(seen, field) != getattr(self, field):
                yield what, getattr(seen, field), getattr(self, field)
        if seen.contexts != self.contexts:
            yield "list of contexts", list(seen.contexts), list(self.contexts)
        for key in seen.asked:
            if key in self.asked and seen.asked[key] != self.asked[key]:
                yield f"{'estimand in ' * (key in self.contexts)}{key}", seen.asked[key], self.asked[key]
                return  # one is enough: the others most often differ alike
