"""The README answers in its first screen, and what it answers is what the evidence says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from study.evidence.store import Store

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FLAT = " ".join(README.split())
LITTLE = [{"row": f"little-w1-D{latents}"} for latents in (2, 4, 8)]
SAYS = [  # the beginning of what is said; claim, rows by their parameters, of digits unless MNIST is named
    ("The posterior of a single image", "per_sample_posterior_differs", [{}]),
    ("The mixture comes within", "aggregate_close_to_prior", [{"row": f"each-w1-D{d}"} for d in (2, 4, 8)]),
    ("training brings it closer", "mixture_is_closer_than_its_parts", [{"row": f"trained-w1-D{d}"} for d in (2, 4)]),
    (
        "its decoded draws cover",
        "prior_samples_cover_classes",
        [{"measure": "coverage_ratio", "vae": f"w1-D{latents}"} for latents in (2, 4, 8)],
    ),
    (
        "the best sampler that was tried gains",
        "sampling_the_prior_costs_little",
        LITTLE,
    ),
    (
        "More latents bring the dimensions",
        "aggregate_posterior_approaches_prior",
        [{"row": "latents_per_dimension"}],
    ),
    ("the whole mixture farther", "aggregate_posterior_approaches_prior", [{"row": "latents_in_total"}]),
    ("A wider encoder", "aggregate_posterior_approaches_prior", [{"row": f"held_encoder_width_D{d}"} for d in (2, 8)]),
    ("where both are trained together", "aggregate_posterior_approaches_prior", [{"row": "encoder_width"}]),
    ("On MNIST, with one recipe", "sampling_the_prior_costs_little", LITTLE),
]


@pytest.fixture(scope="module")
def recorded():
    """Every row that is recorded, whatever the backend."""
    return list(Store(ROOT / "results").rows())


def words(recorded, claim, rows, data):
    """Words of some rows, on all backends and at all scales."""
    of = [row for row in recorded if (row.claim, row.data) == (claim, data)]
    found = [{row.verdict for row in of if dict(row.parameters) == one} for one in rows]
    assert all(found), f"nothing is recorded of {claim}, {rows}"
    return set.union(*found)


@pytest.mark.parametrize(("beginning", "claim", "rows"), SAYS, ids=[said for said, _, _ in SAYS])
def test_what_it_says_is_what_is_recorded(recorded, beginning, claim, rows):
    (rest,) = FLAT.split(beginning)[1:]
    (said,) = re.findall(r"^[^*]*\*\*([A-Z]+)\*\*", rest)
    assert words(recorded, claim, rows, "mnist" if beginning.startswith("On MNIST") else "digits") == {said}


def test_every_word_in_bold_is_one_of_those():
    assert len(re.findall(r"\*\*[A-Z]{3,}\*\*", README)) == len(SAYS)


def test_data_that_are_said_to_be_open_are_not_recorded():
    others = {row.data for row in Store(ROOT / "results").rows()} - {"digits"}
    assert ("On MNIST some rows have been judged" in FLAT) == ("mnist" in others)
    assert "Fashion-MNIST has not been" in FLAT
    assert "fashion_mnist" not in others


def test_the_answer_and_its_picture_stand_on_the_first_screen():
    lines = README.splitlines()
    first = "\n".join(lines[:30])
    assert len(lines) <= 100
    assert max(map(len, lines)) <= 120
    assert re.search(r"!\[[^]]{20,}\]\(results/figures/\S+\.svg\)", first)
    assert first.index("**What holds") < first.index("![") < README.index("## Run it")
