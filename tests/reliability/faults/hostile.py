"""Values that nobody should hand over, and somebody will."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any

from hypothesis import strategies as st

TEXTS = (
    "", " ", "../../x", "/etc/passwd", "..", "C:\\x", "a\0b", "\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "\u202eabc",
    "\u2066x\u2069", "<script>alert(1)</script>", "</script><img src=x onerror=alert(1)>", "a | b", "`id`", "$(id)",
    "; rm -rf x", "a\nb", "a\r\nb", "\u2028", "\x85", "\ud800", "ä" * 300, "x" * 100_000, "{{ 7 * 7 }}", "{0}", "%s",
    "nan", "inf", "-1", "1e999", "None", "[link](javascript:alert(1))", "!!python/object/apply:os.system [id]",
)  # fmt: skip
"""Strings that break out of a path, a terminal, a page, a table, a command or a template."""
texts = st.sampled_from(TEXTS) | st.text(max_size=20)
integers = st.integers(-3, 20) | st.sampled_from([2**31, 2**63, -(2**63), 10**18, 10**30, 10**400]) | st.integers()
floats = st.floats() | st.sampled_from([math.nan, math.inf, -math.inf, -0.0, 5e-324, 1.7e308, -1.7e308, 1e-300])
scalars = st.none() | st.booleans() | integers | floats | texts | st.binary(max_size=5) | st.builds(object)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.tuples(inner, inner) | st.dictionaries(texts | integers, inner, max_size=3)
    ),
    max_leaves=6,
)
"""A value of any kind."""
jsons = st.recursive(
    st.none() | st.booleans() | integers.filter(lambda n: abs(n) < 10**400) | floats.filter(math.isfinite) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


def some(known: Mapping[str, st.SearchStrategy[Any]], other: st.SearchStrategy[Any] = anything) -> st.SearchStrategy:
    """Draw arguments by name: most of them good ones, some of any kind."""
    one = {name: st.one_of(good, good, good, other) for name, good in known.items()}
    return st.fixed_dictionaries({}, optional=one)


def fields_of(kind: type, known: Mapping[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Draw the fields of a dataclass: good values where they are known, and those of any kind."""
    required = [f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING]
    one = {
        f.name: st.one_of(known[f.name], known[f.name], anything) if f.name in known else anything for f in fields(kind)
    }
    return st.fixed_dictionaries(
        {name: one[name] for name in required}, optional={k: v for k, v in one.items() if k not in required}
    )
