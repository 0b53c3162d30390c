"""The pages of docs/requirements: one for each automated check, and an index of all requirements.

Made from what `explanation` tells, so there is no text here but headings; `scripts/docs` writes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ai_conformance.checks import registry
from ai_conformance.cli import explanation

if TYPE_CHECKING:
    from ai_conformance.catalog import Catalog
    from ai_conformance.cli.explanation import Explanation, Field

INDEX = "README.md"
_ANNOUNCED = "\\*"
_MADE = "Written by `scripts/docs`; do not edit."


def all_of(facts: Catalog) -> dict[str, str]:
    """Every page by its file's name."""
    pages = {
        f"{entry.id}.md": "\n".join(lines(explanation.of(entry, facts=facts)))
        for entry in facts.all_requirements
        if registry.get(entry.id) is not None
    }
    return {INDEX: "\n".join(_index(facts)), **pages}


def write(facts: Catalog, *, folder: Path) -> list[Path]:
    """Write what differs and remove what is no page any more; the paths that changed. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = all_of(facts)
    changed = []
    for path in folder.glob("*.md"):
        if path.name not in wanted:
            path.unlink()
            changed.append(path)
    for name, text in wanted.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed


def lines(told: Explanation) -> Iterator[str]:
    """A requirement as Markdown."""
    yield f"# {told.id}: {told.title}"
    yield ""
    yield told.summary
    yield ""
    yield from _list(told.facts)
    if not told.parts:
        yield from (explanation.BY_HAND, "")
    for part in told.parts:
        yield from (f"## {part.title}", "")
        if isinstance(part, explanation.Table):
            yield from _table(part.columns, _cells(part))
        else:
            yield from _list(part.fields)
    yield from (f"{_MADE} [All requirements]({INDEX})", "")


def _list(fields: Sequence[Field]) -> Iterator[str]:
    for one in fields:
        yield f"- **{one.name}**: {_escaped(one.text)}"
    yield ""


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table of cells that are Markdown already."""
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""


def _cells(table: explanation.Table) -> Iterator[list[str]]:
    for row in table.rows:
        yield [f"`{cell}`" if at in table.codes else _escaped(cell) for at, cell in enumerate(row)]


def _escaped(text: str) -> str:
    """A text in which nothing is taken for markup."""
    for mark in "\\`*<|":
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split())


def _index(facts: Catalog) -> Iterator[str]:
    releases = (*facts.releases, *facts.announced_releases)
    yield "# The requirements, and which of them are tried"
    yield ""
    yield "The level of each requirement in each release of Kubernetes; * is announced, its checklist is not out yet."
    yield "A name leads to what its check proves, how, and what to do about its verdict, which `ai-conformance explain`"
    yield "tells as well. What has no check yet is NOT_TESTED in every run."
    yield ""
    names = [str(release) + ("" if release in facts.releases else _ANNOUNCED) for release in releases]
    rows = []
    for entry in facts.all_requirements:
        check = registry.get(entry.id)
        levels = (entry.level_in(release) for release in releases)
        rows.append(
            [
                f"[{_escaped(entry.id)}]({entry.id}.md)" if check else _escaped(entry.id),
                _escaped(entry.summary) + (f" Only if {_escaped(entry.condition)}." if entry.condition else ""),
                *(level.value if level else "-" for level in levels),
                f"{len(check.cases)} cases" if check else "no",
            ]
        )
    yield from _table(["requirement", "what a platform has to do", *names, "automated"], rows)
    yield from (_MADE, "")
