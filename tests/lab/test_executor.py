"""The executor: which blocks go together, who trains them, and what is told of it."""

from __future__ import annotations

import os
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.lab import executor
from study.lab.cache import Block
from study.lab.work import Receipt
from study.vae.config import VAEConfig

BLOCKS = st.builds(
    Block,
    st.builds(
        VAEConfig,
        latent_dim=st.sampled_from([1, 2]),
        encoder_width=st.sampled_from([4, 64]),
        kl_weight=st.sampled_from([0.5, 1.0]),
        max_epochs=st.sampled_from([1, 9]),
    ),
    st.integers(0, 2),
)


@given(st.lists(BLOCKS, unique=True))
def test_blocks_of_one_program_go_together_the_costliest_first(blocks):
    groups = executor.programs(blocks)
    assert sorted(map(repr, blocks)) == sorted(repr(block) for group in groups for block in group)
    assert len({group[0].config.program() for group in groups}) == len(groups)
    assert all(block.config.program() == group[0].config.program() for group in groups for block in group)
    costs = [len(group) * group[0].config.parameter_count for group in groups]
    assert costs == sorted(costs, reverse=True)


def test_one_thread_is_said_before_a_framework_comes(monkeypatch):
    monkeypatch.setattr(os, "environ", dict(os.environ, OMP_NUM_THREADS="7", KERAS_BACKEND="other"))
    executor.one_thread("torch")
    assert {name: os.environ[name] for name in ("OMP_NUM_THREADS", "KERAS_BACKEND")} == {
        "OMP_NUM_THREADS": "1",
        "KERAS_BACKEND": "torch",
    }


def bench(folder, fails=None):
    """A bench that leaves a file per block; it is pickled by value, as the worker cannot import this file."""

    def receipts(blocks, panels):
        for block in blocks:
            if block.config.latent_dim == fails:
                raise ValueError(f"latent {fails}")
            (folder / f"{block.config.latent_dim}-{block.index}-{os.getpid()}").touch()
            yield Receipt(block, True, 0.0)

    return SimpleNamespace(backend="planted", receipts=receipts, work=lambda b, p: list(receipts(b, p)))


def blocks(count):
    return [Block(VAEConfig(latent_dim=1 + i // 2), i % 2) for i in range(count)]


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    monkeypatch.setattr(os, "environ", os.environ.copy())


@pytest.mark.parametrize("workers", [1, 2])
def test_every_block_is_worked_once_and_reported(tmp_path, workers):
    told = []
    executor.run(bench(tmp_path), blocks(6), ["latent"], workers, told.append)
    assert sorted(r.block.config.latent_dim for r in told) == [1, 1, 2, 2, 3, 3]
    done = [path.name.split("-") for path in tmp_path.iterdir()]
    assert len(done) == 6
    assert (str(os.getpid()) in {pid for *_, pid in done}) == (workers == 1)


def test_what_was_done_before_an_error_is_kept_and_reported(tmp_path):
    told = []
    with pytest.raises(ValueError, match="latent 1"):
        executor.run(bench(tmp_path, fails=1), blocks(4), [], 1, told.append)
    assert len(told) == len(list(tmp_path.iterdir())) == 2  # the larger program came first
