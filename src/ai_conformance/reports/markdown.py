"""``report.md``: the run for a person, as GitHub and any CommonMark reader with tables shows it.

Text that was not written by us is put in so that it stays text: no link, no HTML, no table cell, no heading can come
from it. Logs are in code fences that are longer than any row of backticks within.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final

from ai_conformance.model.records import CaseRecord, CheckRecord, RunRecord
from ai_conformance.model.verdicts import Verdict
from ai_conformance.reports import escaping

# Whatever begins a construct within a line; ":" and "." keep readers from making links of bare addresses.
_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>|~&#!:@$]|(?<=www)\.)")


def report_text(run: RunRecord) -> str:
    """The content of ``report.md``."""
    parts = (_title(run), _verdicts(run), _environment(run), _checks(run), _reproduction(run))
    return "\n".join(line for part in parts for line in part) + "\n"


def text(value: str) -> str:
    """Anything as plain text within a line or a table's cell."""
    return _SPECIAL.sub(r"\\\1", escaping.one_line(value)) or "-"


def fence(lines: Iterable[str]) -> Iterator[str]:
    """Escaped lines as a code block that they cannot end."""
    content = list(lines)
    longest = max((len(row) for line in content for row in re.findall(r"`+", line)), default=0)
    marks = "`" * max(3, longest + 1)
    yield f"{marks}text"
    yield from content
    yield marks


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """A table; cells that are not our own words have to come from `text`."""
    names = list(header)
    yield f"| {' | '.join(names)} |"
    yield f"|{' --- |' * len(names)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _title(run: RunRecord) -> Iterator[str]:
    yield f"# Kubernetes AI Conformance {text(run.release)}: report of run {text(run.run_id)}"
    yield ""
    if run.interrupted:
        yield "**This run was interrupted**: what had not ended has no verdict of its own."
        yield ""
    counts = {verdict: sum(check.verdict is verdict for check in run.checks) for verdict in Verdict}
    yield ", ".join(f"{count} {text(verdict)}" for verdict, count in counts.items() if count) or "No requirement."
    yield ""
    yield "A MUST is satisfied by PASS alone. This report is not a certification and is not affiliated with the CNCF."
    yield ""


def _verdicts(run: RunRecord) -> Iterator[str]:
    yield "## Verdicts"
    yield ""
    yield from table(
        ("Requirement", "Level", "Verdict", "Reason", "Seconds"),
        (
            (text(check.requirement), text(check.level), f"**{text(check.verdict)}**", text(check.reason), _took(check))
            for check in run.checks
        ),
    )
    yield ""


def _environment(run: RunRecord) -> Iterator[str]:
    facts = (
        ("Cluster (UID of kube\\-system)", run.cluster.uid),
        ("Server", run.cluster.server_version),
        ("Nodes", str(run.cluster.nodes)),
        *(("Accelerators", line) for line in run.cluster.accelerators),
        ("Tool", f"ai-conformance {run.tool_version}"),
        *((("Catalog", run.catalog_version),) if run.catalog_version else ()),
        ("Profile", run.profile),
        ("Started", _moment(run.started_at)),
        ("Ended", _moment(run.ended_at)),
        ("Redacted", ", ".join(f"{rule}: {count}" for rule, count in run.redacted.items()) or "nothing"),
    )
    yield "## Environment"
    yield ""
    yield from table(("Fact", "Value"), ((name, text(value)) for name, value in facts))
    yield ""


def _checks(run: RunRecord) -> Iterator[str]:
    for check in run.checks:
        if not check.automated:
            continue
        yield f"## {text(check.requirement)}: {text(check.verdict)}"
        yield ""
        yield f"{text(check.title)} ({text(check.level)})"
        yield ""
        yield f"- Reason: {text(check.reason)}"
        if check.next_step:
            yield f"- Next step: {text(check.next_step)}"
        yield f"- API requests: {check.api_requests}"
        for name, seconds in sorted(check.waits_s.items()):
            yield f"- Waited: {text(name)}, {seconds:.2f} s"
        yield ""
        yield from table(("Case", "Kind", "Verdict", "Reason", "Seconds"), (_row(case) for case in check.cases))
        yield ""
        for case in check.cases:
            yield from _case(case)


def _row(case: CaseRecord) -> tuple[str, ...]:
    return _named(case), text(case.kind), text(case.verdict), text(case.reason), f"{case.duration_s:.2f}"


def _named(case: CaseRecord) -> str:
    return text(f"{case.name} ({case.variant})" if case.variant else case.name)


def _case(case: CaseRecord) -> Iterator[str]:
    yield f"### {_named(case)}: {text(case.verdict)}"
    yield ""
    yield f"- Expected: {text(case.expected)}"
    yield from (f"- Observed: {text(seen)}" for seen in case.observed)
    yield from (f"- Evidence: {text(path)}" for path in case.evidence)
    yield ""
    if case.log:
        yield from fence(_moment(line.at) + "  " + part for line in case.log for part in escaping.lines(line.text))
        yield ""


def _reproduction(run: RunRecord) -> Iterator[str]:
    yield "## How to reproduce"
    yield ""
    yield f"With ai-conformance {text(run.tool_version)} and a kubeconfig of the same cluster:"
    yield ""
    command = run.command if run.command[:1] == ("ai-conformance",) else ("ai-conformance", "run", *run.command)
    yield from fence([escaping.escape(shlex.join(command))])


def _took(check: CheckRecord) -> str:
    return f"{check.duration_s:.2f}" if check.automated else "-"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
