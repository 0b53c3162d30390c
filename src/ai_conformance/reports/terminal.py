"""What is shown when a run has ended: the verdict matrix, why, where everything is, and what to do next.

`summary` is for a terminal, `plain` for a pipe. Neither lets through what a container printed: no colour codes, no
markup, no line that begins where it likes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ai_conformance.model.records import CaseRecord, CheckRecord, RunRecord
from ai_conformance.model.verdicts import Verdict
from ai_conformance.reports import escaping

if TYPE_CHECKING:
    from rich.console import RenderableType

_STYLE: Final = {
    Verdict.PASS: "bold green",
    Verdict.FAIL: "bold red",
    Verdict.ERROR: "bold magenta",
    Verdict.BLOCKED: "bold yellow",
    Verdict.NOT_TESTED: "yellow",
    Verdict.NOT_APPLICABLE: "cyan",
    Verdict.SKIPPED: "dim",
}
_NEEDS_WORK: Final = (Verdict.FAIL, Verdict.ERROR, Verdict.BLOCKED)


def summary(run: RunRecord, *, folder: Path) -> RenderableType:
    """The end of a run for a terminal."""
    from rich.console import Group  # noqa: PLC0415 - only a terminal pays for it
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    matrix = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("requirement", "level", "verdict", "time", "reason"):
        matrix.add_column(name, header_style="dim", justify="right" if name == "time" else "left")
    for check in run.checks:
        matrix.add_row(
            Text(escaping.one_line(check.requirement)),
            Text(escaping.one_line(check.level)),
            Text(check.verdict.value, style=_STYLE[check.verdict]),
            Text(_took(check)),
            Text(escaping.one_line(check.reason)),
        )
    rest = [Text(line) for line in (*_trouble(run), *_closing(run, folder=folder))]
    return Group(matrix, Text(), *rest)


def plain(run: RunRecord, *, folder: Path) -> str:
    """The end of a run as text: one line for each requirement, then the same as on a terminal."""
    rows = [
        (escaping.one_line(c.requirement), escaping.one_line(c.level), c.verdict.value, _took(c)) for c in run.checks
    ]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(4)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        + f"  {escaping.one_line(check.reason)}".rstrip()
        for row, check in zip(rows, run.checks, strict=True)
    ]
    return "\n".join((*lines, "", *_trouble(run), *_closing(run, folder=folder))) + "\n"


def _trouble(run: RunRecord) -> Iterator[str]:
    for check in run.checks:
        if check.verdict not in _NEEDS_WORK:
            continue
        yield f"{check.verdict} {escaping.one_line(check.requirement)}: {escaping.one_line(check.reason)}"
        for case in check.cases:
            if case.verdict in _NEEDS_WORK:
                yield f"  {case.verdict} {_named(case)}: {escaping.one_line(case.reason)}"
        if check.next_step:
            yield f"  next: {escaping.one_line(check.next_step)}"
        yield f"  more: ai-conformance explain {escaping.one_line(check.requirement)}"
        yield ""


def _closing(run: RunRecord, *, folder: Path) -> Iterator[str]:
    musts = [check for check in run.checks if check.level == "MUST"]
    satisfied = sum(check.verdict is Verdict.PASS for check in musts)
    yield f"{satisfied} of {len(musts)} MUST requirements of Kubernetes {escaping.one_line(run.release)} are satisfied."
    if run.interrupted:
        yield "The run was interrupted."
    shown = escaping.escape(str(folder))
    page = escaping.escape(str(folder / "report.html"))
    yield f"Everything is in {shown}; begin with {page} (report.md has the same as text)."


def _named(case: CaseRecord) -> str:
    return escaping.one_line(f"{case.name} ({case.variant})" if case.variant else case.name)


def _took(check: CheckRecord) -> str:
    return f"{check.duration_s:.1f} s" if check.automated else "-"
