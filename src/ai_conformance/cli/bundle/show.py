"""`ai-conformance bundle show`: whose run is in a bundle, what came of it, and who signed."""

from __future__ import annotations

import collections
import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ai_conformance.cli.bundle import common
from ai_conformance.cli.bundle.common import PATH, BundleCommand
from ai_conformance.model.verdicts import ExitCode

if TYPE_CHECKING:
    from ai_conformance.evidence.bundle.statement import Predicate, Run
    from ai_conformance.evidence.bundle.verifying import Report


@click.command(cls=BundleCommand)
@click.argument("bundle", type=PATH, metavar="BUNDLE|FOLDER")
@common.identity_options
@common.format_option
def show(
    bundle: Path,
    *,
    output_format: str,
    certificate_identity: str | None,
    certificate_oidc_issuer: str | None,
    trust_config: Path | None,
) -> int:
    """Show what a bundle says of its run: identity, verdicts, the ids of the keys that signed, and who else claims to.

    It is verified first, and the answer begins with what came of that. Exit codes: those of `verify`.
    """
    from ai_conformance.evidence.bundle import verifying  # noqa: PLC0415 - `--help` needs none of it
    from ai_conformance.evidence.bundle.errors import Unreadable  # noqa: PLC0415 - as above

    judge = common.judge(certificate_identity, certificate_oidc_issuer, trust_config)
    report = verifying.verify(bundle, judge=judge)
    if report.statement is None:
        raise Unreadable(f"{bundle} does not tell whose run it is: {report.findings[0]}")
    said = report.statement.predicate
    if output_format == "json":
        click.echo(json.dumps(_data(report, said), indent=2))
    else:
        common.say(_text(report, said))
    return report.code


def _data(report: Report, said: Predicate) -> dict[str, object]:
    plain = dataclasses.asdict(said)
    return {
        "unaltered": report.code is ExitCode.OK,
        "findings": [{"kind": one.kind.value, "path": one.path, "sentence": one.sentence} for one in report.findings],
        "files": report.files,
        "missing_evidence": list(report.missing_evidence),
        "signers": list(report.signers),
        "sigstore": [
            {"identity": one.identity, "issuer": one.issuer, "verified": one.verified, "path": one.path}
            for one in report.claims
        ],
        "counts": _counts(said),
        **plain,
    }


def _counts(said: Predicate) -> dict[str, int]:
    return dict(sorted(collections.Counter(one.verdict for one in said.verdicts).items()))


def _plan(run: Run) -> str:
    actions = collections.Counter(one.action for one in run.plan)
    return ", ".join(f"{count} {action}" for action, count in actions.items()) or "not told"


def _text(report: Report, said: Predicate) -> Iterator[str]:
    run = said.run
    if report.code is ExitCode.OK:
        yield "Nothing was altered since it was packed."
    else:
        state = "NOT what was packed" if report.code is ExitCode.NOT_CONFORMANT else "It cannot be judged"
        yield f"{state}, {common.counted(report.findings)}: see `ai-conformance bundle verify`."
    rows = [
        ("run", f"{run.run_id}{' (interrupted)' if run.interrupted else ''}"),
        ("release", run.release),
        ("tool", run.tool_version),
        ("catalog", run.catalog_version or "not told"),
        ("time", f"{run.started_at} to {run.ended_at}"),
        ("cluster", f"{run.cluster.uid}, {run.cluster.server_version}, {run.cluster.nodes} nodes"),
        *(("accelerators", one) for one in run.cluster.accelerators),
        ("profile", run.profile),
        ("options", " ".join(run.command) or "none"),
        ("plan", _plan(run)),
        ("files", f"{report.files} of the run"),
    ]
    yield from (f"{name + ':':14}{value}" for name, value in rows)
    yield from common.missing_evidence(report.missing_evidence)
    yield ""
    wide = max((len(one.requirement) for one in said.verdicts), default=0)
    for one in said.verdicts:
        cases = ", ".join(f"{count} {verdict}" for verdict, count in one.cases.items())
        yield f"{one.requirement:{wide}}  {one.level:6}  {one.verdict:14}  {cases}".rstrip()
    yield ", ".join(f"{count} {verdict}" for verdict, count in _counts(said).items()) or "No requirement was judged."
    yield ""
    yield from common.standing(report)
