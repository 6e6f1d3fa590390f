"""What may stand beside or over what is recorded: settings and designs unmixed, registered rows bound, never fewer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from study.errors import EvidenceError, InvalidValue
from study.evidence.admission import Standing, check_enough
from study.evidence.fingerprint import Registration
from study.evidence.records import ClaimWords, Evidence
from study.evidence.store import Store

ONE = Registration(kind="most", threshold="1.0", declared=2, contexts=("a", "b"), asked={"a": "rate", "b": "rate"})
DATE = "2026-12-01"
BOUND = {"registered": DATE, "fingerprint": ONE.fingerprint, "registration": ONE}


@pytest.fixture
def standing(tmp_path, make_row):
    """What stands at scale quick on JAX, after a row is recorded; what is not said is planted."""

    def make(design=("a", "b"), **changes):
        row, store = make_row(**changes), Store(tmp_path)
        store.update(Evidence.gather(ClaimWords(claim=row.claim), row, [], design=design))
        return Standing.of(store, "quick", "jax")

    return make


@pytest.fixture
def identity(make_row):
    return make_row().identity


def test_seed_roots_are_not_mixed(standing, tmp_path):
    found = standing(seed_root="first")
    found.check_unmixed(seed_root="first", precision="float32")
    found.check_unmixed("another claim", seed_root="second")
    Standing.of(Store(tmp_path), "quick", "another backend").check_unmixed(seed_root="second")
    with pytest.raises(InvalidValue, match=r"--study-precision: expected 'float32', .* received 'tf32'"):
        found.check_unmixed(seed_root="first", precision="tf32")
    with pytest.raises(
        InvalidValue, match=r"--study-seed-root: expected 'first', .*another folder .*received 'second'"
    ):
        found.check_unmixed("kl_pull", seed_root="second")


def test_designs_are_not_mixed(standing, identity):
    """A row may replace what rests on another design only if no other row goes on resting on it."""
    found = standing()
    found.check_design("kl_pull", ["a", "b"], [])
    found.check_design("kl_pull", ["another"], [identity])
    found.check_design("never_recorded", ["another"], [])
    with pytest.raises(InvalidValue, match=r"^design of .*, on which 1 other rows in .* rest; or run all rows"):
        found.check_design("kl_pull", ["another"], [])


def replaced(found, identity, registration=ONE, *, registered=DATE, looks=(8,), scratch=False):
    found.check_row(identity, registration, registered=registered, looks=looks, scratch=scratch)


MOVED = {
    "threshold": ("0.5", r"the threshold was 1\.0, and is 0\.5 now"),
    "kind": ("every", "the kind was most, and is every now"),
    "declared": (3, "the number of declared rows was 2, and is 3 now"),
    "contexts": (("a",), r"the list of contexts was \['a', 'b'\], and is \['a'\] now"),
    "asked": ({"a": "rate", "b": "coverage"}, "the estimand in b was rate, and is coverage now"),
}


@pytest.mark.parametrize(("field", "value", "said"), [(k, *v) for k, v in MOVED.items()], ids=list(MOVED))
def test_what_is_recorded_of_a_registered_row_binds_it(standing, identity, field, value, said):
    moved = replace(ONE, **{field: value})
    found = standing(**BOUND)
    replaced(found, identity)
    with pytest.raises(
        EvidenceError, match=rf"kl_pull.*@digits: {said}.*register the claim anew.*study judge .*--retire kl_pull"
    ):
        replaced(found, identity, moved)
    replaced(found, identity, moved, scratch=True)  # a local run is refused by nothing
    replaced(found, ("kl_pull", (("axis", "another"),), "digits"), moved)  # of which nothing was seen yet


def test_the_rows_of_a_draft_overwrite_each_other_and_nothing_else(standing, identity):
    draft = {**BOUND, "registered": ""}
    replaced(standing(**draft), identity, replace(ONE, threshold="0.5"), registered="")
    with pytest.raises(EvidenceError, match=r"expected a registered row, as that in .*; received a draft, a claim"):
        replaced(standing(**BOUND), identity, registered="")


def test_a_date_stands_while_rows_of_it_stand(standing):
    found = standing(**BOUND)
    found.check_date("kl_pull", DATE)
    found.check_date("never_recorded", "2027-01-01")
    for date in ("2027-01-01", ""):
        with pytest.raises(EvidenceError, match=f"registered '{DATE}' when .* seen, and is registered '{date}' now"):
            found.check_date("kl_pull", date)


@pytest.mark.parametrize("scratch", [True, False])
def test_fewer_replicas_never_replace_more(standing, identity, scratch):
    found = standing(looks=(8, 16))
    replaced(found, identity, looks=(8, 16, 32), scratch=scratch)
    with pytest.raises(InvalidValue, match=r"^replicas of kl_pull.*: expected at least 16, as fewer .*, received 8"):
        replaced(found, identity, looks=(8,), scratch=scratch)


@pytest.mark.parametrize(
    ("kind", "contexts", "declared", "least"),
    [("most", 3, 1, 2), ("most", 1, 7, 8), ("most", 2, 5, 4), ("every", 3, 1, 8), ("search", 0, 9, 8)],
)
def test_a_row_that_nothing_can_decide_is_refused(kind, contexts, declared, least):
    """All of N on one side have probability 2^-N: below its level a row can be decided, and no earlier."""
    row = replace(ONE, kind=kind, contexts=tuple("abc"[:contexts]), declared=declared)
    if kind == "most":
        assert 0.5 ** (contexts * least) <= 0.05 / declared < 0.5 ** (contexts * (least - 1))
    check_enough("row", row, (least,))
    with pytest.raises(InvalidValue, match=f"^replicas of row: expected at least {least} in .*, received {least - 1}"):
        check_enough("row", row, (least - 1,))
    check_enough("identity", replace(ONE, kind="exact"), (1,))
