"""`run --contexts a,b` and `--all-contexts`: the same run on several clusters side by side, a folder each, one summary.

Each cluster has a process of its own, so that no cluster's trouble is another's. Signals go on to them one by one: each
cleans up what it made.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ai_conformance.cli import connection, failures, options, pull_secret, recording
from ai_conformance.model.verdicts import ExitCode
from ai_conformance.reports import escaping

if TYPE_CHECKING:
    from ai_conformance.cli.options import Target

SUMMARY = "summary.json"
_AT_ONCE = 8
"""A run waits most of the time, and still takes a process of some 100 MB."""
_RANKED = (ExitCode.NOT_CONFORMANT, ExitCode.BUG, ExitCode.INTERRUPTED, ExitCode.NOT_EVALUATED)
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def chosen(target: Target, *, names: str | None, every: bool) -> tuple[str, ...]:
    """The contexts that were asked for, in their order. Raises `failures.Failure`."""
    from ai_conformance.kube import kubeconfig  # noqa: PLC0415 - help does without

    if target.context is not None or (names is not None and every):
        raise failures.usage("choose one of --context, --contexts and --all-contexts")
    with connection.explained():
        known = kubeconfig.contexts(target.kubeconfig)
    if every:
        return known
    wanted = tuple(dict.fromkeys(filter(None, (part.strip() for part in (names or "").split(",")))))
    unknown = [name for name in wanted if name not in known]
    if unknown or not wanted:
        what = f"there is no context {', '.join(map(repr, unknown))}" if unknown else "--contexts names none"
        raise failures.usage(f"{what}; there are {', '.join(known) or 'none'}")
    return wanted


def run(contexts: Sequence[str], *, folder: Path, target: Target, parameters: dict[str, Any]) -> ExitCode:
    """Run on each context with the options of ``parameters``; the folders are ``folder/<context>``."""
    from ai_conformance.evidence.recorder import safe_name  # noqa: PLC0415 - as above

    recording.refuse_used(folder)
    same = [one for one in options.in_force(parameters) if not one.startswith(("--output=", "--contexts="))]
    same = [one for one in same if one != "--all-contexts"]
    if target.kubeconfig is not None:
        same.append(f"--kubeconfig={target.kubeconfig}")
    if parameters.get("image_pull_secret") is not None:
        same.append(f"{pull_secret.NAME}={parameters['image_pull_secret']}")
    members = [_Member(name, folder=folder / safe_name(name), arguments=same) for name in contexts]
    asyncio.run(_side_by_side(members))
    return _summarise(members, folder=folder)


class _Member:
    """One cluster's run."""

    def __init__(self, context: str, *, folder: Path, arguments: Sequence[str]) -> None:
        self.context, self.folder = context, folder
        self._arguments = arguments
        self._process: asyncio.subprocess.Process | None = None
        self.code = int(ExitCode.INTERRUPTED)
        """As long as it has not begun."""

    async def run(self) -> None:
        """Run it, and show each of its lines under the context's name."""
        command = [sys.executable, "-m", "ai_conformance", "run", *self._arguments]
        self._process = await asyncio.create_subprocess_exec(
            *command,
            f"--context={self.context}",
            f"--output={self.folder}",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            # A terminal sends Ctrl-C to all of a session; here it would come twice.
            start_new_session=True,
        )
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            said = line.decode(errors="replace").rstrip()
            click.echo(f"{escaping.one_line(self.context)} | {escaping.one_line(said)}")
        self.code = await self._process.wait()

    def signal(self, number: int) -> None:
        """Hand a signal on."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)

    def verdicts(self) -> dict[str, str]:
        """By requirement; empty where the run left no record."""
        from ai_conformance.reports import run_json, writer  # noqa: PLC0415 - as above

        try:
            record = run_json.read_run((self.folder / writer.RUN_JSON).read_bytes())
        except (OSError, run_json.UnreadableRun):
            return {}
        return {check.requirement: check.verdict.value for check in record.checks}


async def _side_by_side(members: Sequence[_Member]) -> None:
    room = asyncio.Semaphore(_AT_ONCE)
    stopped = False

    def stop(number: int) -> None:
        nonlocal stopped
        stopped = True
        for one in members:
            one.signal(number)

    async def in_turn(member: _Member) -> None:
        async with room:
            if not stopped:
                await member.run()

    with _handling(stop):
        await asyncio.gather(*(in_turn(one) for one in members))


@contextlib.contextmanager
def _handling(stop: Any) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, stop, number)
    try:
        yield
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)


def _summarise(members: Sequence[_Member], *, folder: Path) -> ExitCode:
    rows = []
    click.echo("")
    width = max(len(escaping.one_line(one.context)) for one in members)
    for one in members:
        verdicts = one.verdicts()
        counted = ", ".join(f"{count} {name}" for name, count in Counter(verdicts.values()).most_common())
        click.echo(
            f"{escaping.one_line(one.context):<{width}}  exit code {one.code}: {counted or 'no verdicts'}; {one.folder}"
        )
        rows.append({"context": one.context, "folder": one.folder.name, "exit_code": one.code, "verdicts": verdicts})
    with contextlib.suppress(FileNotFoundError):  # no run came so far as to make its folder
        (folder / SUMMARY).write_text(json.dumps({"format_version": 1, "runs": rows}, indent=2) + "\n")
    return worst(one.code for one in members)


def worst(codes: Iterable[int]) -> ExitCode:
    """The exit code of all: what was seen to be wrong on one cluster outranks what could not be seen on another."""
    other = set(codes) - {ExitCode.OK}
    if not other:
        return ExitCode.OK
    return next((code for code in _RANKED if code in other), ExitCode.NOT_EVALUATED)
