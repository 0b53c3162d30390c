"""A comparison as text for a terminal, as Markdown for a pull request, and as JSON for programs.

Text that a platform chose cannot move a cursor, begin a line or make Markdown, as in all reports.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import TYPE_CHECKING, Any, Final

from ai_conformance.model.records import RunRecord
from ai_conformance.reports import escaping, markdown
from ai_conformance.reports.comparison import sections
from ai_conformance.reports.comparison.findings import Comparison, Tendency

if TYPE_CHECKING:
    from rich.console import RenderableType

SCHEMA_VERSION: Final = 1

_STYLES: Final[Mapping[Tendency | None, str]] = {
    Tendency.WORSE: "bold red",
    Tendency.UNKNOWN: "bold yellow",
    Tendency.BETTER: "bold green",
}


def text(comparison: Comparison) -> str:
    """For a person: what is not alike, then the worst first, and the verdict as the last line."""
    lines = [*_beginning(comparison)]
    for section in sections.sections(comparison):
        lines += ["", section.title, *(f"  {line}" for line in _aligned(section.rows))]
    return "\n".join([*lines, *_end(comparison)]) + "\n"


def terminal(comparison: Comparison) -> RenderableType:
    """The same where lines can be wrapped within their column and words can have a colour."""
    from rich.console import Group  # noqa: PLC0415 - only a terminal pays for it
    from rich.padding import Padding  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    parts: list[RenderableType] = [Text(line) for line in _beginning(comparison)]
    for section in sections.sections(comparison):
        style = _STYLES.get(section.tendency, "bold")
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
        for column in section.columns:
            table.add_column(style=style if column == "verdict" else "", no_wrap=column in ("level", "verdict"))
        for row in section.rows:
            table.add_row(*(Text(escaping.one_line(cell)) for cell in row))
        parts += [Text(), Text(section.title, style=style), Padding(table, (0, 0, 0, 2))]
    return Group(*parts, *(Text(line) for line in _end(comparison)))


def markdown_text(comparison: Comparison) -> str:
    """The same for a comment or a summary."""
    return "\n".join(_markdown(comparison)) + "\n"


def json_text(comparison: Comparison) -> str:
    """The same as data, ASCII only."""
    return json.dumps(_data(comparison), indent=2, allow_nan=False) + "\n"


def _beginning(comparison: Comparison) -> Iterator[str]:
    yield f"before  {escaping.one_line(sections.described(comparison.before))}"
    yield f"after   {escaping.one_line(sections.described(comparison.after))}"
    yield from (escaping.one_line(one) for one in sections.remarks(comparison))


def _end(comparison: Comparison) -> Iterator[str]:
    if comparison.untimed:
        yield from ("", f"Durations are not compared: {escaping.one_line(comparison.untimed)}.")
    yield from ("", sections.counts(comparison), sections.verdict(comparison))


def _aligned(rows: tuple[tuple[str, ...], ...]) -> Iterator[str]:
    """Columns under each other, but for the last, which is as long as it is."""
    cells = [[escaping.one_line(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]) - 1)]
    for row in cells:
        yield "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]).rstrip()


def _markdown(comparison: Comparison) -> Iterator[str]:
    yield f"# {markdown.text(sections.title(comparison))}"
    yield ""
    yield f"**{sections.verdict(comparison)}** {sections.counts(comparison)}"
    yield ""
    yield f"- Before: {markdown.text(sections.described(comparison.before))}"
    yield f"- After: {markdown.text(sections.described(comparison.after))}"
    yield from (f"- {markdown.text(one)}" for one in sections.remarks(comparison))
    if comparison.untimed:
        yield f"- Durations are not compared: {markdown.text(comparison.untimed)}."
    for section in sections.sections(comparison):
        yield ""
        yield f"## {section.title}"
        yield ""
        rows = ([markdown.text(cell) for cell in row] for row in section.rows)
        yield from markdown.table((one.capitalize() for one in section.columns), rows)


def _data(comparison: Comparison) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "verdict": sections.verdict(comparison),
        "exit_code": int(comparison.exit_code),
        "before": _run(comparison.before),
        "after": _run(comparison.after),
        "remarks": [_clean(one) for one in sections.remarks(comparison)],
        "circumstances": [_plain(one) for one in comparison.circumstances],
        "changes": [_plain(one) for one in comparison.changes],
        "levels": [_plain(one) for one in comparison.levels],
        "renamings": [_plain(one) for one in comparison.renamings],
        "durations": [_plain(one) for one in comparison.timings],
        "durations_left_out": _clean(comparison.untimed),
        "same": comparison.same,
    }


def _run(run: RunRecord) -> dict[str, str]:
    return {
        "run_id": _clean(run.run_id),
        "started_at": run.started_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "release": _clean(run.release),
        "tool_version": _clean(run.tool_version),
        "cluster": _clean(run.cluster.uid),
        "server_version": _clean(run.cluster.server_version),
    }


def _plain(record: Any) -> dict[str, Any]:
    """A finding as data; what it is about stands beside what is said of it."""
    flat: dict[str, Any] = {}
    for name, value in dataclasses.asdict(record).items():
        for key, item in value.items() if isinstance(value, dict) else ((name, value),):
            flat[key] = _clean(item) if isinstance(item, str) else item
    return flat


def _clean(text: str) -> str:
    """As it was recorded, but for lone surrogates, which no strict reader of JSON takes."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
