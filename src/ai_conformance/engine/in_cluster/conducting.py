"""The first process of the pod: it starts the run, passes signals on, packs what was left, and waits for who takes it.

The run is a process of its own, so that its end, whatever it is, is only seen here.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ai_conformance.engine.in_cluster import packing
from ai_conformance.engine.in_cluster.layout import Outcome, Results
from ai_conformance.kube import poll
from ai_conformance.model import durations
from ai_conformance.model.verdicts import ExitCode

_FAREWELL_S = 1.0
"""Whoever says that the results were fetched is a process of this container, and ends with it: it may answer first."""
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
Say = Callable[[str], None]


class NobodyWaits(Exception):  # noqa: N818 - it says what is
    """The pod does not wait for anybody: its run goes on, or it has ended."""


async def conduct(
    options: Sequence[str], *, results: Results, hold_s: float, say: Say, tool: Sequence[str] = ()
) -> int:
    """Run with these options, leave the results, wait until they are taken; the run's exit code.

    A signal ends the run as Ctrl-C does, or the waiting. Raises OSError where the disk fails.
    """
    program = tool or (sys.executable, "-m", "ai_conformance")
    with _Stop().taken() as stop, contextlib.ExitStack() as gates:
        taken = gates.enter_context(_gate(results.release))
        outcome = await _executed(
            [*program, "run", "--output", str(results.run), *options], results=results, stop=stop, say=say
        )
        if hold_s > 0 and not stop.asked.is_set():
            await _hold(taken, stop.asked, hold_s=hold_s, say=say)
    return outcome.exit_code


def release(results: Results) -> None:
    """Tell the pod that it may end. Raises `NobodyWaits`."""
    try:
        descriptor = os.open(results.release, os.O_WRONLY | os.O_NONBLOCK)
    except OSError as error:
        raise NobodyWaits(f"nobody waits at {results.release}: {error.strerror}") from error
    with os.fdopen(descriptor, "wb") as pipe:
        pipe.write(b"\n")


async def _executed(command: Sequence[str], *, results: Results, stop: _Stop, say: Say) -> Outcome:
    process = await asyncio.create_subprocess_exec(*command)
    with stop.passing_on(process):
        code = await process.wait()
    trouble = ""
    if code < 0:
        trouble, code = (
            f"it was killed by signal {-code}, and may have left objects in the cluster",
            ExitCode.NOT_EVALUATED,
        )
    outcome = packing.leave(results, exit_code=code, trouble=trouble)
    if outcome.trouble:
        say(f"The run ended with exit code {code} and left no results: {outcome.trouble}")
    else:
        say(f"The run ended with exit code {code}. Its results: {results.bundle}, {outcome.size_bytes} bytes.")
    return outcome


async def _hold(taken: asyncio.Event, stopped: asyncio.Event, *, hold_s: float, say: Say) -> None:
    say(f"Waits {durations.render(hold_s)} for: ai-conformance fetch --output DIR")
    waits = [asyncio.create_task(event.wait()) for event in (taken, stopped)]
    done, rest = await asyncio.wait(waits, timeout=hold_s, return_when=asyncio.FIRST_COMPLETED)
    for task in rest:
        task.cancel()
    if waits[0] in done:
        await poll.pause(_FAREWELL_S)
    say("Fetched." if waits[0] in done else "Nobody has fetched them; they end with this pod.")


@contextlib.contextmanager
def _gate(path: Path) -> Iterator[asyncio.Event]:
    """A pipe by that name, and the event that somebody has written to it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    # Open for writing too, so that there is no end of it when the first writer closes his.
    descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    loop, event = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(descriptor, event.set)
    try:
        yield event
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)
        path.unlink(missing_ok=True)


class _Stop:
    """The signals by which a pod is told to end."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None

    @contextlib.contextmanager
    def taken(self) -> Iterator[_Stop]:
        """Take the signals for the time of a block: the first process of a container ignores what it does not take."""
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self._ask)
        try:
            yield self
        finally:
            for number in _SIGNALS:
                loop.remove_signal_handler(number)

    @contextlib.contextmanager
    def passing_on(self, process: asyncio.subprocess.Process) -> Iterator[None]:
        """Pass them on to this process while it is there."""
        self._process = process
        if self.asked.is_set():
            self._ask()
        try:
            yield
        finally:
            self._process = None

    def _ask(self) -> None:
        self.asked.set()
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):  # it has just ended by itself
                self._process.terminate()
