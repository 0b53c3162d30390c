"""`ai-conformance submission check`: what a reviewer and the program's validator would say, before they do."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ai_conformance.cli import failures
from ai_conformance.cli.submission import common
from ai_conformance.model.verdicts import ExitCode

if TYPE_CHECKING:
    from ai_conformance.submission.findings import Finding, Report
    from ai_conformance.submission.folders import ProductFolder
    from ai_conformance.submission.judging import Judge
    from ai_conformance.submission.program_copy import ProgramCopy

_RULE_SETS = ("strict", "upstream", "upstream-2026-08", "upstream-next")


class Format(enum.StrEnum):
    """How the findings are printed."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


@click.command(cls=common.SubmissionCommand)
@click.argument("paths", nargs=-1, type=common.FOLDER, metavar="PATH...")
@common.program_option(required=False)
@click.option(
    "--rules",
    "rule_sets",
    multiple=True,
    type=click.Choice(_RULE_SETS),
    help="The rules to judge by; repeatable.  [default: strict]",
)
@click.option(
    "--output-format",
    type=click.Choice([one.value for one in Format]),
    default=Format.TEXT.value,
    show_default=True,
    help="For a person, a program, a code host (SARIF 2.1.0), or GitHub Actions.",
)
@click.option("--online", is_flag=True, help="Ask whether links can be opened; by default nothing is asked.")
@common.landscape_option(required=False)
@click.option("--fix", is_flag=True, help="Make the corrections that are safe, in PRODUCT.yaml, and check again.")
@click.option("--explain", metavar="RULE", help="Tell what a rule demands, why, and who says so.")
def check(
    *,
    paths: tuple[Path, ...],
    program: str | None,
    rule_sets: tuple[str, ...],
    output_format: str,
    online: bool,
    landscape: Path | None,
    fix: bool,
    explain: str | None,
) -> int:
    """Judge the folders at PATH: a product's folder, its PRODUCT.yaml, a release's folder, or a whole checkout.

    \b
    strict            the program's rules and stricter ones of our own
    upstream          the program's validator, verdict for verdict
    upstream-2026-08  the same before hybrid verification
    upstream-next     the same with a change that is under review

    Exit codes: 0 all conform, 1 any does not, 2 usage, 3 any could not be judged.
    """
    if explain is not None:
        click.echo(_explanation(explain))
        return ExitCode.OK
    if not paths:
        raise failures.usage("name a folder to check: ai-conformance submission check v1.37/acme")
    from ai_conformance.submission import findings, judging  # noqa: PLC0415 - `--help` needs none of it

    found = judging.targets(paths)
    copy = _program(program, found)
    names = tuple(dict.fromkeys(rule_sets)) or _RULE_SETS[:1]
    judge = judging.Judge(program=copy, members=_members(landscape) if landscape else None)
    if fix:
        _fix(found, judge)
    more = _ask(found, judge) if online else {}
    reports = [judge.judge(folder, rules=name, more=more.get(folder.path, ())) for name in names for folder in found]
    click.echo(_printed(reports, output=Format(output_format), names=names), nl=False)
    return findings.exit_code(reports)


def _program(program: str | None, found: Sequence[ProductFolder]) -> ProgramCopy:
    from ai_conformance.submission import judging  # noqa: PLC0415 - as above

    if program:
        return common.open_program(program)
    copy = judging.copy_beside(found)
    if copy is None:
        raise failures.usage(
            f"{found[0].path} is in no checkout of the program, so its checklist is not at hand; name one: "
            "--program DIR, or --program https://github.com/cncf/k8s-ai-conformance"
        )
    return copy


def _members(landscape: Path) -> frozenset[str]:
    from ai_conformance.submission.landscape import members  # noqa: PLC0415 - as above

    return members.members(common.read_landscape(landscape))


def _fix(found: Sequence[ProductFolder], judge: Judge) -> None:
    from ai_conformance.reports import escaping  # noqa: PLC0415 - as above
    from ai_conformance.submission.strict import fixing  # noqa: PLC0415 - as above

    for folder in found:
        done = fixing.fix(folder, judge.judge(folder, rules="strict").findings)
        for finding in done.made:
            click.echo(escaping.one_line(f"fixed: {finding.place}: {finding.message} [{finding.rule}]"), err=True)
        for finding, why in done.refused:
            line = f"not fixed: {finding.place}: {finding.message} [{finding.rule}]: {why}"
            click.echo(escaping.one_line(line), err=True)


def _ask(found: Sequence[ProductFolder], judge: Judge) -> dict[Path, list[Finding]]:
    """What is wrong with links, by folder; from then on the judge knows which addresses can be reached."""
    from ai_conformance.submission import program_copy  # noqa: PLC0415 - as above
    from ai_conformance.submission.links import cache, checking  # noqa: PLC0415 - as above

    links = {folder.path: list(checking.links_in(folder)) for folder in found}
    every = [one for some in links.values() for one in some]
    click.echo(f"Asking for {len({one.url for one in every})} addresses ...", err=True)
    kept = cache.Cache(path=program_copy.cache_root() / "links.json")
    answers = checking.answers(every, cache=kept)
    judge.reachable = lambda url: checking.reachable(answers, url)
    return {path: list(checking.findings(some, answers)) for path, some in links.items()}


def _printed(reports: Sequence[Report], *, output: Format, names: Sequence[str]) -> str:
    from ai_conformance.submission import judging  # noqa: PLC0415 - as above
    from ai_conformance.submission.outputs import data, github, sarif, text  # noqa: PLC0415 - as above

    match output:
        case Format.TEXT:
            return text.text(reports)
        case Format.JSON:
            return data.data(reports)
        case Format.SARIF:
            return sarif.sarif(reports, rules=judging.rules_of(names), base=Path.cwd())
        case Format.GITHUB:
            return github.github(reports, base=Path.cwd())


def _explanation(name: str) -> str:
    import textwrap  # noqa: PLC0415 - as above

    from ai_conformance.submission import judging  # noqa: PLC0415 - as above

    rules = judging.rules_of(_RULE_SETS)
    if name not in rules:
        raise failures.usage(failures.unknown("rule", name, known=rules))
    rule = rules[name]
    rows = [
        ("Demands", rule.title),
        ("Severity", f"{rule.severity}{'; --fix corrects it where that is safe' if rule.fixable else ''}"),
        ("Why", rule.explanation),
        ("Source", rule.source),
        ("Remedy", rule.remedy),
    ]
    lines = [rule.id]
    for label, content in rows:
        lines += textwrap.wrap(content, width=100, initial_indent=f"{label}:".ljust(12), subsequent_indent=" " * 12)
    return "\n".join(lines)
