"""The latent plane figure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from study.evidence.figure_data import LatentPlane
from study.report import latent_plane as module


def test_draw_writes_a_png_that_says_nothing_of_the_machine(latent_plane: list[LatentPlane], tmp_path: Path) -> None:
    """The file is a PNG of page width, without software version or date."""
    content = module.draw(latent_plane, tmp_path / "deep" / "figure.png").read_bytes()
    assert content.startswith(b"\x89PNG")
    assert b"Software" not in content
    assert b"Matplotlib" not in content
    assert int.from_bytes(content[16:20], "big") == pytest.approx(8.4 * 180, abs=2)


def test_caption_names_the_vae(latent_plane: list[LatentPlane]) -> None:
    """A reader finds the figure's row, the context that it is of, and the networks."""
    networks = {"encoder_depth": 1, "encoder_width": 32, "decoder_depth": 2, "decoder_width": 16}
    assert module.caption([replace(latent_plane[0], config=networks)]) == [
        "**1**: `digits`, c; encoder 1 × 32, decoder 2 × 16"
    ]
