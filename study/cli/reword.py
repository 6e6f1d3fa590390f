"""``study judge --reword``: recorded evidence gets the words that its claims say of themselves now."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING

from study.cli.output import echo

if TYPE_CHECKING:
    from study.design.claim import Claim


def reword(results: Path, folder: Path) -> None:
    """Put statement, source, chapter, question, quotation and words of claims into the evidence on them.

    Nothing that was measured or judged changes; evidence on other claims stays as it is.

    Args:
        results: Folder of the evidence.
        folder: Folder of the claims, whose files are run.

    Raises:
        InvalidValue: There is no claim, or a file cannot be run.
        EvidenceError: The evidence is damaged.
    """
    from dataclasses import replace

    from study.errors import InvalidValue
    from study.evidence.records import ClaimWords
    from study.evidence.store import Store
    from study.report import text

    words = {claim.id: ClaimWords.of(claim) for claim in _claims(folder)}
    if not words:
        raise InvalidValue("--reword", str(folder), "a folder of claims, in files test_*.py")
    store, names = Store(results), list(ClaimWords.__dataclass_fields__)
    changed = []
    for evidence in store.evidence():
        now = words.get(evidence.claim)
        own = {name: getattr(now, name) for name in names} if now else {}
        if any(getattr(evidence, name) != value for name, value in own.items()):
            changed.append(store.update(replace(evidence, **own)))
    for path in changed:
        echo(path)
    echo(f"new words in {text.plural(len(changed), 'file')}")


def _claims(folder: Path) -> Iterator[Claim]:
    from study.design.claim import Claim
    from study.errors import InvalidValue

    for path in sorted(folder.glob("test_*.py")):
        spec = spec_from_file_location(path.stem, path)
        if spec is None or spec.loader is None:
            continue
        module = module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except Exception as error:  # of whatever kind: the file is anybody's
            raise InvalidValue("--reword", str(path), f"a file that can be run, not {error!r}") from error
        yield from (found for found in vars(module).values() if isinstance(found, Claim))
