"""Findings for a person: one line each that an editor can jump to, the remedy below it, and a line per product.

Whatever a file says is escaped: a submission that is checked cannot colour the terminal or forge a line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from ai_conformance.reports import escaping
from ai_conformance.submission.findings import Finding, Report, Severity, Verdict

_LEFT_OUT: Final = 4
"""Sentences about what was not looked at; of a whole checkout there is one for each product."""


def text(reports: Sequence[Report], *, remedies: bool = True) -> str:
    """All reports, the findings of each first, then its verdict; one line per set of rules and product at the end."""
    blocks = ["\n".join(_report(one, remedies=remedies)) for one in reports]
    if len(reports) > 1:
        blocks.append("\n".join(_sums(reports)))
    left_out = dict.fromkeys(sentence for one in reports for sentence in one.left_out)
    if left_out:
        shown = [f"  {escaping.one_line(one)}" for one in list(left_out)[:_LEFT_OUT]]
        more = [f"  and {len(left_out) - _LEFT_OUT} more of the kind"] if len(left_out) > _LEFT_OUT else []
        blocks.append("\n".join(["Not looked at:", *shown, *more]))
    return "\n\n".join(blocks) + "\n" if blocks else ""


def _report(report: Report, *, remedies: bool) -> Iterator[str]:
    for one in report.findings:
        yield from _finding(one, remedies=remedies)
    if report.obstacle:
        yield f"{escaping.one_line(str(report.folder))}: could not be judged: {escaping.one_line(report.obstacle)}"
    yield _verdict(report)


def _finding(finding: Finding, *, remedies: bool) -> Iterator[str]:
    message = escaping.one_line(finding.sentence)
    yield f"{escaping.one_line(finding.place)}: {finding.severity}: {message} [{finding.rule}]"
    if remedies and finding.remedy:
        fix = " (--fix does this)" if finding.fixable else ""
        yield f"    {escaping.one_line(finding.remedy)}{fix}"


def _verdict(report: Report) -> str:
    counts = ", ".join(
        f"{number} {severity}{'' if number == 1 else 's'}"
        for severity in Severity
        if (number := report.count(severity))
    )
    name = escaping.one_line(str(report.folder))
    return f"{name}: {report.verdict} (rules: {report.rules}{f'; {counts}' if counts else ''})"


def _sums(reports: Sequence[Report]) -> Iterator[str]:
    for rules in dict.fromkeys(one.rules for one in reports):
        verdicts = [one.verdict for one in reports if one.rules == rules]
        parts = [f"{number} {verdict.plural}" for verdict in Verdict if (number := verdicts.count(verdict))]
        yield f"Rules {rules}: {len(verdicts)} products, {', '.join(parts)}."
