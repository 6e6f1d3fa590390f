"""The contexts of a claim are listed, whatever its id, and Hypothesis visits all of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings

from study.design.claim import Claim, Estimand, Scope
from study.design.contexts import LISTED, Context, grid_contexts
from study.design.grids import VAE_GRID
from study.design.profile import load_profile
from study.errors import InvalidValue


def claim(name: str = "example", **changes: object) -> Claim:
    return Claim(
        **{
            "id": name,
            "statement": "",
            "source": "",
            "chapter": "",
            "parameters": {},
            "estimand": lambda: Estimand(0, "nats"),
        }
        | changes
    )


@pytest.fixture
def profile() -> Iterator[str]:
    yield load_profile()
    settings.load_profile("study-unit")


def test_a_renamed_claim_has_the_same_contexts() -> None:
    assert claim().design == claim("another").design == LISTED
    assert claim().places == tuple(map(str, LISTED))


def test_a_claim_lists_others_in_its_file() -> None:
    others = (Context.of(activation="gelu"), Context.of(activation="gelu", decoder_depth=0))
    assert claim(design=others).places == ("activation=gelu", "activation=gelu, decoder_depth=0")
    for design in ((), (LISTED[0], LISTED[1], LISTED[0])):
        with pytest.raises(InvalidValue, match=r"^design: expected at least one context, each listed once, received"):
            claim(design=design)


DATE = r"an ISO date, e.g. '2026-12-01', or nothing, received "


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"threshold": "3"}, "^threshold: expected a finite number, received '3'"),
        ({"threshold": True}, "^threshold: expected a finite number, received True"),
        ({"threshold": float("nan")}, "^threshold: expected a finite number"),
        ({"predicted": "PROVEN"}, "^predicted: expected one of SUPPORTED, .*received 'PROVEN'"),
        (
            {"predicted": "SUPPORTED", "basis": "hope"},
            "^basis: expected one of pilot, theory, or nothing, received 'ho",
        ),
        ({"dated": "20261201"}, f"^dated: expected {DATE}'20261201'"),
        ({"dated": 20261201}, f"^dated: expected {DATE}20261201"),
    ],
)
def test_an_estimand_that_nobody_can_register_is_refused(wrong: dict, message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        Estimand(**{"threshold": 0.5, "unit": "nats"} | wrong)


@pytest.mark.parametrize("date", ["soon", "2026-13-01", "2026-12-1", "20261201", None])
def test_a_claim_is_registered_at_a_date_or_a_draft(date: object) -> None:
    assert (claim().registered, claim(registered="2026-12-01").registered) == ("", "2026-12-01")
    with pytest.raises(InvalidValue, match=f"^registered: expected {DATE}"):
        claim(registered=date)


@pytest.mark.parametrize("design", [LISTED[:1], LISTED, grid_contexts(VAE_GRID)])
def test_hypothesis_visits_every_context(profile: str, design: tuple[Context, ...]) -> None:
    seen = []

    @settings(settings.get_profile(profile))
    @given(claim(design=design).contexts())
    def visit(context: Context) -> None:
        seen.append(context)

    visit()
    assert set(seen) == set(design)


def test_nothing_about_the_profile_depends_on_time_or_chance(profile: str) -> None:
    loaded = settings.get_profile(profile)
    assert (loaded.deadline, loaded.database, loaded.derandomize) == (None, None, True)
    assert settings.default.max_examples == loaded.max_examples == 200


def test_rows_are_declared_and_not_counted() -> None:
    parameters = {"axis": ("a", "b"), "measure": ("x", "y", "z")}

    def of(axis: str, measure: str) -> Estimand:
        return Estimand(0, "nats")

    rows = claim(parameters=parameters).whole.rows
    assert (len(rows), rows[0], rows[-1]) == (6, {"axis": "a", "measure": "x"}, {"axis": "b", "measure": "z"})
    assert claim(parameters=parameters, estimand=of).declared("digits") == 6
    assert claim(parameters=parameters, estimand=of, search=Estimand(0, "nats")).declared("digits") == 6
    assert claim().declared("digits") == 1


def test_neither_identities_nor_a_search_take_any_of_the_level() -> None:
    def of(row: str) -> Estimand:
        return Estimand(0, "nats", kind="exact" if row == "identity" else "most")

    mixed = claim(parameters={"row": ("identity", "a", "b")}, estimand=of, search=Estimand(0, "nats"))
    assert (mixed.declared("digits"), mixed.of({"row": "identity"}).kind) == (2, "exact")
    assert claim(parameters={"row": ("identity",)}, estimand=of).declared("digits") == 1  # a share of a whole


def test_a_scope_is_a_part_of_the_claim_on_some_images() -> None:
    about = claim(
        parameters={"row": ("a", "b", "c")},
        search=Estimand(0, "nats"),
        scopes={"mnist": Scope(parameters={"row": ("c",)}, design=LISTED[:2])},
    )
    digits, mnist = about.on("digits"), about.on("mnist")
    assert (len(digits.rows), digits.places, digits.search) == (3, about.places, True)
    assert (len(mnist.rows), mnist.places, mnist.search) == (1, about.places[:2], False)
    assert about.on("fashion_mnist") == mnist
    assert [mnist.has({"row": row}) for row in "abc"] == [False, False, True]
    assert not mnist.has({})
    assert not digits.has({"row": "c", "more": "d"})


@pytest.mark.parametrize(
    ("scope", "message"),
    [
        ({"letters": {}}, r"^scopes: expected one of \['digits', 'mnist'\], received 'letters'"),
        ({"mnist": {"parameters": {"row": ("d",)}}}, r"^scope on mnist: expected some of the claim's own"),
        ({"mnist": {"parameters": {"row": ()}}}, r"^scope on mnist: expected some of the claim's own"),
        ({"mnist": {"parameters": {}}}, r"^scope on mnist: expected some of the claim's own"),
        ({"mnist": {"design": ()}}, r"^scope on mnist: expected some of the claim's own"),
        ({"mnist": {"design": (Context.of(activation="gelu"),)}}, r"^scope on mnist: expected .*'activation=gelu'"),
        ({"mnist": {"search": True}}, r"^scope on mnist: expected some of the claim's own"),
    ],
)
def test_a_scope_that_is_no_part_of_its_claim_is_refused(scope: dict, message: str) -> None:
    parameters = {"row": ("a", "b")}
    scopes = {
        images: Scope(**{"parameters": parameters, "design": LISTED} | changes) for images, changes in scope.items()
    }
    with pytest.raises(InvalidValue, match=message):
        claim(parameters=parameters, scopes=scopes)


def test_what_is_given_has_no_scope() -> None:
    scopes = {"mnist": Scope(parameters={}, design=LISTED)}
    with pytest.raises(InvalidValue, match=r"^scopes: expected no scope, where models or numbers are given"):
        claim(subjects=(Model("one"),), scopes=scopes)


def test_words_are_of_values_that_a_parameter_has() -> None:
    parameters = {"axis": ("width", "depth")}
    assert claim(parameters=parameters, words={"width": "wider"}).words == {"width": "wider"}
    with pytest.raises(InvalidValue, match=r"^words: expected words for one of 'depth', 'width', received 'widht'"):
        claim(parameters=parameters, words={"widht": "wider"})


def test_meanings_are_of_rows_and_verdicts() -> None:
    """Of a value, of the claim as it stands, of its search if it has one; for a verdict or a reason."""
    said = {"SUPPORTED": "it holds", "opposite": "it is the other way"}
    parameters = {"axis": ["width", "depth"]}
    assert claim(parameters=parameters, means={"width": said, "": said}).means["width"] == said
    assert claim(search=Estimand(0.9, "ratio"), means={"every VAE": said}).means
    with pytest.raises(InvalidValue, match=r"^means: expected a meaning of one of .*, received 'every VAE'"):
        claim(parameters=parameters, means={"every VAE": said})
    with pytest.raises(InvalidValue, match=r"^means: expected one of SUPPORTED, .*opposite.*, received 'YES'"):
        claim(means={"": {"YES": "it holds"}})


class Model:
    def __init__(self, name: str, data: str = "digits") -> None:
        self.id, self.data = name, data


def test_subjects_stand_in_place_of_contexts(profile: str) -> None:
    one, two = Model("one"), Model("two")
    about, seen = claim(subjects=(one, two)), []

    @settings(settings.get_profile(profile))
    @given(about.contexts())
    def visit(subject: Model) -> None:
        seen.append(subject)

    visit()
    assert set(seen) == {one, two}
    assert (about.places, about.about) == (("one", "two"), "digits")
    assert (claim().places, claim().about) == (tuple(map(str, claim().design)), "")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"search": Estimand(0, "nats")}, "^search: expected none: what the study did not train has no fresh seeds"),
        (
            {"subjects": (Model("a"), Model("a"))},
            r"^subjects: expected subjects of one data set, each with an id of its",
        ),
        ({"subjects": (Model("a"), Model("b", "mnist"))}, "^subjects: expected subjects of one data set"),
    ],
)
def test_subjects_that_cannot_be_judged_are_refused(fields: dict, message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        claim(**{"subjects": (Model("a"),)} | fields)


@pytest.mark.parametrize("kind", ["every", "exact"])
def test_rows_about_given_models_are_of_most(kind: str) -> None:
    about = claim(subjects=(Model("a"),), estimand=lambda: Estimand(0, "nats", kind=kind))
    with pytest.raises(InvalidValue, match=f"^kind of .*: expected 'most': .* no fresh seeds.*, received '{kind}'"):
        about.of({})


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(InvalidValue, match=r"^kind: expected one of 'most', 'every', 'exact', received 'mean'"):
        Estimand(0, "nats", kind="mean")


def test_an_error_that_is_allowed_is_no_negative_number() -> None:
    assert Estimand(0.0, "nats", kind="exact").threshold == 0
    with pytest.raises(InvalidValue, match=r"^threshold: expected an error ≥ 0, of an identity, received -1"):
        Estimand(-1.0, "nats", kind="exact")


@pytest.mark.parametrize("zero", ["REFUTED", float("nan"), float("inf")])
def test_the_value_of_no_effect_is_a_number_or_nothing(zero: object) -> None:
    assert (Estimand(0.5, "nats").zero, Estimand(0.5, "nats", zero=None).zero) == (0.0, None)
    with pytest.raises(InvalidValue, match=r"^zero: expected a finite number, or None for a margin"):
        Estimand(0.5, "nats", zero=zero)
