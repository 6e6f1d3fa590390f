"""The controls that the judge of a claim passed, named by the tests that plant them."""

from __future__ import annotations

import ast
from pathlib import Path

from study.errors import EvidenceError


def read(folder: Path, claim: str) -> list[str]:
    """Return what each control of a claim shows: the names of the tests in ``test_<claim>.py``, in words.

    Args:
        folder: Folder of the controls.
        claim: Claim id.

    Returns:
        In the order of the file; nothing where the claim has no such file.

    Raises:
        EvidenceError: The file is no Python.
    """
    path = folder / f"test_{claim}.py"
    if not path.is_file():
        return []
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, SyntaxError) as error:
        raise EvidenceError(f"{path}: expected a file of tests, received an error: {error}.") from error
    names = [one.name.removeprefix("test_") for one in tree.body if isinstance(one, ast.FunctionDef)
             and one.name.startswith("test_")]  # fmt: skip
    return [f"{name[:1].upper()}{name[1:]}".replace("_", " ") for name in names]
