"""What a person sees while a run goes on: which check does what, what it waits for and since when.

`Live` redraws a table on a terminal; `Lines` prints one line for each thing that happened, for pipes and logs. Both are
listeners of the engine's events and neither lets through characters that an API object or a container chose.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Self

from ai_conformance.engine import events
from ai_conformance.model.verdicts import Verdict
from ai_conformance.reports import escaping

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

STYLES = {
    Verdict.PASS: "bold green",
    Verdict.FAIL: "bold red",
    Verdict.ERROR: "bold magenta",
    Verdict.BLOCKED: "bold yellow",
    Verdict.NOT_TESTED: "yellow",
    Verdict.NOT_APPLICABLE: "cyan",
    Verdict.SKIPPED: "dim",
}


@dataclasses.dataclass(kw_only=True)
class _Row:
    """One check as it goes on."""

    started: float | None = None
    cases: list[Verdict] = dataclasses.field(default_factory=list)
    waits: list[tuple[str, float]] = dataclasses.field(default_factory=list)
    verdict: Verdict | None = None
    reason: str = ""
    took_s: float = 0.0


class Progress:
    """The state of all checks, from the engine's events."""

    def __init__(self, requirements: Sequence[str], *, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.rows = {name: _Row() for name in requirements}

    def take(self, event: events.Event) -> None:
        """Apply one event."""
        match event:
            case events.CheckStarted(requirement=name):
                self.rows[name].started = self.clock()
            case events.CaseFinished(requirement=name, record=case):
                self.rows[name].cases.append(case.verdict)
            case events.CheckFinished(record=check):
                row = self.rows[check.requirement]
                row.verdict, row.reason, row.took_s = check.verdict, check.reason, check.duration_s
                row.waits.clear()
            case events.Waiting(requirement=name, what=what, since_s=since_s, over=over):
                waits = self.rows[name].waits
                if not over:
                    waits.append((what, since_s))
                elif (what, since_s) in waits:
                    waits.remove((what, since_s))

    def doing(self, name: str) -> str:
        """What a check does now, in a few words."""
        row = self.rows[name]
        if row.verdict is not None:
            return escaping.one_line(row.reason)
        if row.started is None:
            return "to come"
        waits = list(row.waits)  # the table is drawn in a thread of its own
        if not waits:
            return "at work"
        what, since_s = min(waits, key=lambda wait: wait[1])
        more = f" (and {len(waits) - 1} more)" if len(waits) > 1 else ""
        return f"waits for {escaping.one_line(what)} since {self.clock() - since_s:.0f} s{more}"

    def cases(self, name: str) -> str:
        """How many cases have ended, and how many of them without passing."""
        done = self.rows[name].cases
        other = sum(verdict is not Verdict.PASS for verdict in done)
        return f"{len(done)}, {other} not passed" if other else str(len(done))

    def seconds(self, name: str) -> float | None:
        """How long a check took or takes so far."""
        row = self.rows[name]
        if row.started is None:
            return None
        return row.took_s if row.verdict is not None else self.clock() - row.started


class Lines:
    """One line for each thing that happened, with the seconds since the beginning."""

    # A wait that is shorter is no news in a log.
    WORTH_TELLING_S = 10.0

    def __init__(
        self, requirements: Sequence[str], *, echo: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._progress = Progress(requirements, clock=clock)
        self._echo = echo
        self._begun = clock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def note(self, text: str) -> None:
        """Say something that is no event."""
        self._echo(f"[{self._progress.clock() - self._begun:7.1f} s] {text}")

    def __call__(self, event: events.Event) -> None:
        self._progress.take(event)
        for text in self._told(event):
            self.note(text)

    def _told(self, event: events.Event) -> Iterator[str]:
        match event:
            case events.CheckStarted(requirement=name):
                yield f"{name}: begins"
            case events.CaseFinished(requirement=name, record=case):
                variant = f" ({escaping.one_line(case.variant)})" if case.variant else ""
                reason = "" if case.verdict is Verdict.PASS else f": {escaping.one_line(case.reason)}"
                yield f"{name}: {case.name}{variant}: {case.verdict} in {case.duration_s:.1f} s{reason}"
            case events.CheckFinished(record=check):
                yield (
                    f"{check.requirement}: {check.verdict} in {check.duration_s:.1f} s: "
                    f"{escaping.one_line(check.reason)}"
                )
            case events.Waiting(requirement=name, what=what, since_s=since_s, over=True):
                waited_s = self._progress.clock() - since_s
                if waited_s >= self.WORTH_TELLING_S:
                    yield f"{name}: waited {waited_s:.0f} s for {escaping.one_line(what)}"


class Live:
    """A table on a terminal that is redrawn while the run goes on."""

    def __init__(self, requirements: Sequence[str], *, console: Console) -> None:
        from rich.live import Live as RichLive  # noqa: PLC0415 - only a terminal pays for it

        self._progress = Progress(requirements)
        self._console = console
        # Redrawn by time, not by event: a wait's age grows without one.
        self._live = RichLive(console=console, get_renderable=self._table, refresh_per_second=4, transient=True)

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.__exit__(None, None, None)

    def note(self, text: str) -> None:
        """Say something that is no event, above the table."""
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    def __call__(self, event: events.Event) -> None:
        self._progress.take(event)

    def _table(self) -> RenderableType:
        from rich.spinner import Spinner  # noqa: PLC0415
        from rich.table import Table  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for name in ("check", "state", "cases", "time", "now"):
            table.add_column(
                name, header_style="dim", no_wrap=name != "now", justify="right" if name == "time" else "left"
            )
        for name, row in list(self._progress.rows.items()):
            if row.verdict is not None:
                state: RenderableType = Text(row.verdict.value, style=STYLES[row.verdict])
            else:
                state = Text("-", style="dim") if row.started is None else Spinner("dots", text="runs")
            seconds = self._progress.seconds(name)
            took = "" if seconds is None else f"{seconds:.0f} s"
            doing = Text(self._progress.doing(name), style="" if row.started else "dim")
            table.add_row(Text(name), state, Text(self._progress.cases(name)), Text(took), doing)
        return table
