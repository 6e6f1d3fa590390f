"""The latent plane figure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from study.errors import EvidenceError
from study.report import latent_plane as module


def test_draw_writes_a_png_that_says_nothing_of_the_machine(latent_plane: dict[str, Any], tmp_path: Path) -> None:
    """The file is a PNG of page width, without software version or date."""
    content = module.draw(latent_plane, tmp_path / "deep" / "figure.png").read_bytes()
    assert content.startswith(b"\x89PNG")
    assert b"Software" not in content
    assert b"Matplotlib" not in content
    assert int.from_bytes(content[16:20], "big") == pytest.approx(8.4 * 180, abs=2)


def test_caption_names_the_vae(latent_plane: dict[str, Any]) -> None:
    """A reader finds the figure's row, the context that it is of, and the networks."""
    latent_plane["rows"][0]["config"] |= {
        "encoder_depth": 1, "encoder_width": 32, "decoder_depth": 2, "decoder_width": 16
    }  # fmt: skip
    assert module.caption(latent_plane) == ["**1**: `digits`, c; encoder 1 × 32, decoder 2 × 16"]


def test_other_schema_is_refused(latent_plane: dict[str, Any], tmp_path: Path) -> None:
    """Expected and received are both named."""
    with pytest.raises(EvidenceError, match=r"expected schema 1.*received.*2"):
        module.draw(latent_plane | {"schema": 2}, tmp_path / "figure.png")
