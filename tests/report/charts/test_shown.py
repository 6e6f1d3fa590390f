"""Which figure data are shown."""

from __future__ import annotations

from study.evidence.figure_data import Information
from study.evidence.store import Store
from study.report.charts.shown import by_run, in_order, stem


def row(data, context, weight=1.0):
    return Information(
        data=data, context=context, kl_weight=weight, latent_dim=2, rate=(), marginal_kl=(), mutual_information=()
    )


def test_the_first_backend_stands_for_the_others_and_contexts_in_order(tmp_path):
    store = Store(tmp_path)
    for backend in ("torch", "jax"):
        contexts = ("activation=relu, decoder_depth=2", "activation=tanh, decoder_depth=1")
        store.update_figure_data("quick", backend, [row("digits", one) for one in contexts])
    store.update_figure_data("standard", "torch", [row("mnist", "a"), row("digits", "a")])
    found = by_run(store, Information)
    assert [(run, backend) for run, (backend, _) in found.items()] == [
        (("quick", "digits"), "jax"), (("standard", "digits"), "torch"), (("standard", "mnist"), "torch"),
    ]  # fmt: skip
    assert [one.context[11:15] for one in found["quick", "digits"][1]] == ["tanh", "relu"]


def test_scales_stand_from_small_to_large():
    runs = [("full", "a"), ("odd", "a"), ("standard", "b"), ("standard", "a"), ("quick", "z")]
    assert in_order(runs) == [("quick", "z"), ("standard", "a"), ("standard", "b"), ("full", "a"), ("odd", "a")]


def test_a_name_is_a_file_name():
    assert stem("verdicts", "quick", "Our scans/../x") == "verdicts-quick-our_scans____x"
