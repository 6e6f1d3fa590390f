"""Every registered measure keeps the contract; each test file of a measure exports PLANTED and LOSES."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from study.measures._registry import names
from study.testing import check_measure

HERE = Path(__file__).parent


@pytest.mark.parametrize("name", names())
def test_every_measure_keeps_the_contract(name):
    exports = runpy.run_path(str(HERE / f"test_{name}.py"))
    check_measure(name, exports["PLANTED"], exports["LOSES"])
