"""Blocks train side by side on a CPU, and together on an accelerator, as many as fit."""

from __future__ import annotations

import pytest

from study.vae.config import VAEConfig
from study.vae.training import grouping


def test_on_a_cpu_blocks_train_side_by_side_and_on_an_accelerator_together(
    small: VAEConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert grouping.blocks_together(small, 8) == 1  # tests run on a CPU
    monkeypatch.setattr(grouping, "device", lambda: "cuda")
    assert grouping.blocks_together(small, 8) == grouping.MOST
    wide = small.replace(encoder_width=4096, encoder_depth=3, decoder_width=4096, decoder_depth=3)
    assert 1 <= grouping.blocks_together(wide, 8) < grouping.MOST
    monkeypatch.setattr(grouping, "BYTES", 1)
    assert grouping.blocks_together(small, 8) == 1
