"""From a specification to SVG."""

from __future__ import annotations

import re

from study.report.charts import drawing

SPEC = {
    "data": {"values": [{"a": 1 / 3, "said": "0.123456 & <b>"}, {"a": 2, "said": "x"}]},
    "mark": {"type": "text", "clip": True},
    "encoding": {"x": {"field": "a", "type": "quantitative"}, "text": {"field": "said"}},
}


def test_a_file_does_not_depend_on_what_was_drawn_before():
    first = drawing.svg(SPEC)
    drawing.svg({**SPEC, "width": 80})
    assert drawing.svg(SPEC) == first
    assert set(re.findall(r"clip\d+", first)) == {"clip0"}


def test_places_are_rounded_and_words_are_not():
    found = drawing.svg(SPEC)
    assert "0.123456 &amp; &lt;b&gt;" in found
    places = re.findall(r' (?:transform|d)="([^"]*)"', found)
    assert places
    assert not any(re.search(r"\.\d{3}", place) for place in places)


def test_a_file_refers_to_nothing_outside_itself():
    found = drawing.svg(SPEC).replace("http://www.w3.org/2000/svg", "").replace("http://www.w3.org/1999/xlink", "")
    assert "http" not in found
    assert "@import" not in found
