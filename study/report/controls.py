"""The controls that the judge of a claim passed, named by the tests that plant them."""

from __future__ import annotations

import ast
import re
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
    tree = _parsed(folder / f"test_{claim}.py")
    if tree is None:
        return []
    names = [one.name.removeprefix("test_") for one in tree.body if isinstance(one, ast.FunctionDef)
             and one.name.startswith("test_")]  # fmt: skip
    return [f"{name[:1].upper()}{name[1:]}".replace("_", " ") for name in names]


def threshold(folder: Path, claim: str) -> str:
    """Return what the docstring of a claim's file says of its threshold, without the full stop; "" where it is silent.

    Args:
        folder: Folder of the claims.
        claim: Claim id.

    Raises:
        EvidenceError: The file is no Python.
    """
    tree = _parsed(folder / f"test_{claim}.py")
    said = (tree and ast.get_docstring(tree)) or ""
    found = re.search(r"^Threshold:(.*(?:\n[ \t].*)*)", said, re.MULTILINE)
    return " ".join(found[1].split()).rstrip(".") if found else ""


def _parsed(path: Path) -> ast.Module | None:
    if not path.is_file():
        return None
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, SyntaxError) as error:
        raise EvidenceError(f"{path}: expected a file of tests, received an error: {error}.") from error
