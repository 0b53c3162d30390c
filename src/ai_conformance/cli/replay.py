"""`ai-conformance replay`: every verdict of a run recomputed from what was observed in it; no cluster, no network."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ai_conformance import __version__
from ai_conformance.cli import failures, reading, recording
from ai_conformance.cli.bundle import common
from ai_conformance.model.verdicts import ExitCode
from ai_conformance.reports import escaping

if TYPE_CHECKING:
    from ai_conformance.checks.options import Options
    from ai_conformance.engine.agreement import Agreement, Compared, Pair
    from ai_conformance.model.records import RunRecord

# Where something was or was put: no part of what was tried, and not to be had elsewhere.
_LEFT_OUT = (
    "--output=",
    "--timeout=",
    "--redact-file=",
    "--prometheus-token-file=",
    "--prometheus-basic-auth-file=",
)


class ReplayCommand(reading.ReadingCommand, common.BundleCommand):
    """Errors of runs' folders and of bundles alike."""


@click.command(cls=ReplayCommand)
@click.argument("path", type=common.PATH, metavar="BUNDLE|RUN")
@common.format_option
def replay(path: Path, output_format: str) -> int:
    """Recompute every verdict of a run from what was observed in it, offline.

    BUNDLE is a file of `bundle create`, or what it was unpacked into, and is verified first; RUN is a run's folder. The
    checks of this version run against the answers that the cluster gave then (recording.jsonl), each at its moment.

    Exit codes: 0 every verdict is the same, 1 one differs, or something was altered, 2 usage, 3 something cannot be
    replayed.
    """
    with _opened(path) as found:
        agreement = _agreement(found)
        if output_format == "json":
            click.echo(json.dumps(_data(found.record, agreement), indent=2))
        else:
            common.say(found.notes)
            common.say(_text(found.record, agreement))
        return agreement.code


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Found:
    """A run and its recording."""

    record: RunRecord
    chunks: Iterable[bytes] | None
    """None where there is no recording."""
    notes: tuple[str, ...] = ()


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[_Found]:
    from ai_conformance.evidence.bundle import names  # noqa: PLC0415 - `--help` needs none of it

    is_bundle = not path.is_dir() or any((path / one).exists() for one in (names.MANIFEST, names.STATEMENT))
    if is_bundle:
        with _of_bundle(path) as found:
            yield found
    else:
        yield _of_folder(path)


@contextlib.contextmanager
def _of_bundle(path: Path) -> Iterator[_Found]:
    from ai_conformance.evidence.bundle import agreement, names, verifying  # noqa: PLC0415 - as above
    from ai_conformance.reports import writer  # noqa: PLC0415

    with verifying.opened(path) as contents:
        report = verifying.examine(contents, source=path)
        if report.code is ExitCode.NOT_CONFORMANT:
            common.say(str(one) for one in report.findings)
            raise failures.Failure(
                f"{path} is not what was packed: {common.counted(report.findings)}, see above. It is not replayed.",
                code=report.code,
            )
        try:
            record = agreement.record(contents.read(f"{names.RUN}{writer.RUN_JSON}"))
        except agreement.NoRecord as error:
            raise failures.not_evaluated(f"{path}: {error}.") from None
        name = f"{names.RUN}{recording.OBSERVATIONS}"
        there = name in contents.digests
        notes = tuple(f"note: {one}" for one in report.findings)
        yield _Found(record=record, chunks=contents.chunks(name) if there else None, notes=notes)


def _of_folder(path: Path) -> _Found:
    from ai_conformance.evidence.bundle import folder  # noqa: PLC0415 - as above
    from ai_conformance.reports import run_folder  # noqa: PLC0415

    record = run_folder.read(path)
    there = (path / recording.OBSERVATIONS).exists()
    return _Found(record=record, chunks=folder.pieces(path, recording.OBSERVATIONS) if there else None)


def _agreement(found: _Found) -> Agreement:
    from ai_conformance import catalog  # noqa: PLC0415 - as above
    from ai_conformance.engine import agreement  # noqa: PLC0415
    from ai_conformance.engine import replay as engine  # noqa: PLC0415
    from ai_conformance.kube.recording import reading as recordings  # noqa: PLC0415

    try:
        sessions = recordings.sessions(recordings.lines_of(found.chunks or ()))
    except recordings.Damaged as error:
        raise failures.Failure(
            f"{recording.OBSERVATIONS} is not what was recorded: {error}.", code=ExitCode.NOT_CONFORMANT
        ) from None
    except recordings.OtherFormat as error:
        raise failures.not_evaluated(f"{recording.OBSERVATIONS} cannot be read: {error}.") from None
    again = engine.again(found.record, sessions, catalog=catalog.load(), options=_options(found.record))
    return agreement.compare(found.record, again)


def _options(record: RunRecord) -> Options:
    """As the run had them, but for what only a cluster has to be told."""
    from ai_conformance.cli import options  # noqa: PLC0415 - as above

    @click.command()
    @options.target
    @options.selected
    def given(**parameters: Any) -> Options:
        return options.settings(**parameters).checks

    arguments = [one for one in record.command if not one.startswith(_LEFT_OUT)]
    try:
        found: Options = given.main(arguments, standalone_mode=False)
    except click.ClickException as error:
        raise failures.not_evaluated(
            f"this version does not read the options that the run had: {error.format_message()}"
        ) from error
    return found


def _text(record: RunRecord, agreement: Agreement) -> Iterator[str]:
    if record.tool_version != __version__:
        yield f"note: version {record.tool_version} made the run, and the checks are those of {__version__}"
    wide = max((len(one.requirement) for one in agreement.checks), default=0)
    yield f"{'check':{wide}}  {'recorded':14}  {'recomputed':14}"
    for check in agreement.checks:
        yield f"{check.requirement:{wide}}  {_shown(check.whole)}  {_remark(check)}".rstrip()
        for pair in () if check.trouble else (check.whole, *check.cases):
            yield from _told(pair)
    yield _conclusion(agreement)


def _shown(pair: Pair) -> str:
    return f"{pair.recorded or '-':14}  {pair.recomputed or '-':14}"


def _remark(check: Compared) -> str:
    if check.trouble:
        return f"cannot be replayed: {check.trouble}"
    if check.differences:
        return "DIFFERS"
    return f"{len(check.cases)} cases"


def _told(pair: Pair) -> Iterator[str]:
    name = pair.case or "the whole"
    if pair.differs and pair.case:
        yield f"    {name}: recorded {pair.recorded or 'nothing'}, recomputed {pair.recomputed or 'nothing'}"
    if pair.differs or pair.is_told_otherwise:
        yield f"    {name}: the run said: {escaping.one_line(pair.recorded_reason) or '-'}"
        yield f"    {name}: now it is:    {escaping.one_line(pair.recomputed_reason) or '-'}"


def _conclusion(agreement: Agreement) -> str:
    differing = sum(len(one.differences) for one in agreement.checks)
    unknown = sum(1 for one in agreement.checks if one.trouble)
    verdicts = sum(1 + len(one.cases) for one in agreement.checks if not one.trouble)
    beside = f", and {unknown} of {len(agreement.checks)} checks cannot be replayed" if unknown else ""
    if differing:
        return f"{differing} of {verdicts} verdicts differ{beside}."
    if not agreement.checks:
        return "No check was executed in this run: there is nothing to recompute."
    return f"{verdicts} verdicts are the same{beside}." if verdicts else f"Nothing could be recomputed{beside}."


def _data(record: RunRecord, agreement: Agreement) -> dict[str, Any]:
    return {
        "run_id": record.run_id,
        "tool_version": record.tool_version,
        "replayed_by": __version__,
        "same": agreement.code is ExitCode.OK,
        "exit_code": int(agreement.code),
        "checks": [
            {
                "requirement": one.requirement,
                "trouble": one.trouble,
                **_pair(one.whole),
                "cases": [{"case": pair.case, **_pair(pair)} for pair in one.cases],
            }
            for one in agreement.checks
        ],
    }


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "recorded": pair.recorded.value if pair.recorded else None,
        "recomputed": pair.recomputed.value if pair.recomputed else None,
        "recorded_reason": pair.recorded_reason,
        "recomputed_reason": pair.recomputed_reason,
    }
