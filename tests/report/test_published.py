"""The line about the published table."""

from __future__ import annotations

from pathlib import Path

import pytest

from study.errors import EvidenceError
from study.evidence import serialise
from study.evidence.published import FILE, Check, Published
from study.report.published import line


def recorded(folder: Path, *met: bool) -> str:
    """Record numbers that are met, or not; return what is said of them."""
    checks = tuple(
        Check(latents=latents, name="marginal KL above its floor", found=0.9, published=0.18, met=one)
        for latents, one in zip((10, 20), met, strict=False)
    )
    found = Published(
        data="mnist", images=60_000, backend="torch", seed_root="planted", medians={10: {"rate": 19.0}}, checks=checks,
        commit=None, dirty=None,
    )  # fmt: skip
    (folder / FILE).write_text(serialise.page(found), encoding="utf-8")
    assert serialise.read(folder / FILE, Published) == found
    return line(folder)


def test_numbers_that_are_not_met_are_named(tmp_path: Path) -> None:
    start = "of 2 numbers of Hoffman & Johnson's published table (MNIST, 60,000 images, torch)"
    assert recorded(tmp_path, True, True) == f"2 {start} are met (`python -m study.cli.published`)."
    assert recorded(tmp_path, True, False) == (
        f"1 {start} are met; not met: marginal KL above its floor with 20 latents 0.90 nats for 0.18 "
        "(`python -m study.cli.published`)."
    )


def test_nothing_is_said_where_nothing_is_recorded_and_damage_is_named(tmp_path: Path) -> None:
    assert line(tmp_path) == ""
    (tmp_path / FILE).write_text("{", encoding="utf-8")
    with pytest.raises(EvidenceError, match=FILE):
        line(tmp_path)
