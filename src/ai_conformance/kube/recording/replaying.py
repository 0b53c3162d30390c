"""The wire that answers from a recording: to the same question what was said then, at the moment at which it was said.

Nothing here opens a connection. What the recording does not have is kept in `ReplayingWire.missing`, by actor: whoever
asked for it cannot be judged by this recording.
"""

from __future__ import annotations

import asyncio
import collections
import json
import re
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

from ai_conformance.kube import poll
from ai_conformance.kube.chance import Chance
from ai_conformance.kube.kubeconfig import Connection
from ai_conformance.kube.log_streams import LogLine
from ai_conformance.kube.recording import place, troubles
from ai_conformance.kube.recording.reading import Call, Session, Watch
from ai_conformance.kube.recording.recorder import Redaction, fingerprint
from ai_conformance.kube.streams import ExecResult
from ai_conformance.kube.transcript import Transcript
from ai_conformance.kube.transport import Answer
from ai_conformance.kube.watching import EventType, WatchEvent

_OF_ALL = frozenset({"/version", "/api", "/apis"})
"""Asked once for a whole connection, in the name of whoever came first."""

_CUT = re.compile(r"\[redacted: [^\]]*\]")
"""What stands in a recording for what nobody may keep. By a user's own rule that may be a word of ours."""

_LOOKS = frozenset({"GET", "EXEC"})
_ONCE_MORE_S = 2.0
"""So soon after its last look somebody who polls may look again, where a run that was held up had no time left for it:
that look sees what the last one saw."""

_Key = tuple[str, str, str, str, str]
"""Actor, case, method, path, parameters: several cases of a check may ask the same side by side."""
_Kept = TypeVar("_Kept", Call, Watch)


class NotRecorded(Exception):  # noqa: N818 - it says what is wrong
    """The recording does not have what was asked."""


class ReplayingWire:
    """One session of a recording. Its times are those of the running loop, which begins with 0 (`virtual_time`)."""

    def __init__(self, session: Session, *, redaction: Redaction) -> None:
        self._session = session
        self._redaction = redaction
        self.connection = Connection(server="(recorded)", context="(recorded)")
        self.transcript = Transcript()
        self.chance = Chance(session.seed)
        self.missing: dict[str, list[str]] = {}
        """By actor, what was asked and is not there."""
        self._calls: dict[_Key, list[Call]] = collections.defaultdict(list)
        for call in sorted(session.calls, key=lambda one: one.number):
            self._calls[self._key(call.actor, call.method, call.path, call.params, case=call.case)].append(call)
        self._watches: dict[_Key, list[Watch]] = collections.defaultdict(list)
        for watch in sorted(session.watches.values(), key=lambda one: one.number):
            self._watches[self._key(watch.actor, "WATCH", watch.path, watch.params, case=watch.case)].append(watch)
        self._silences = {actor: list(told) for actor, told in session.silences.items()}
        self._prints: dict[int, str] = {}
        self._seen: dict[tuple[_Key, str], Call] = {}
        self._cut_keys = [key for key in (*self._calls, *self._watches) if any(_CUT.search(part) for part in key)]

    def fingerprint(self, data: Any) -> str:
        """The same for the same JSON data, in a run and in its replay."""
        return fingerprint(data, redaction=self._redaction)

    async def request(
        self,
        method: str,
        path: str,
        *,
        actor: str,
        headers: Mapping[str, str],
        params: Mapping[str, str],
        body: bytes | None,
        timeout_s: float | None,
        repeatable: bool = False,
    ) -> Answer:
        """See `Actor.request`."""
        del headers, timeout_s, repeatable
        sent = None if body is None else json.loads(body)
        return await self._answer(self._take(method, path, actor=actor, params=params, sent=sent))

    async def elsewhere(self, url: str, *, actor: str, headers: Mapping[str, str], params: Mapping[str, str]) -> Answer:
        """See `web.get`."""
        del headers
        return await self._answer(self._take("GET", url, actor=actor, params=params, sent=None))

    async def execute(
        self,
        path: str,
        *,
        actor: str,
        headers: Mapping[str, str],
        container: str,
        command: tuple[str, ...],
        timeout_s: float,
        stdout_to: Callable[[bytes], object] | None = None,
    ) -> ExecResult:
        """See `Session.exec`."""
        del headers, timeout_s, stdout_to
        sent = {"container": container, "command": list(command)}
        call = self._take("EXEC", path, actor=actor, params={}, sent=sent)
        await self._come(call)
        said = self._session.parts.unpack(call.answer)
        return ExecResult(stdout=str(said["stdout"]), stderr=str(said["stderr"]), exit_code=int(said["exit_code"]))

    async def events(
        self, path: str, *, actor: str, headers: Mapping[str, str], params: Mapping[str, str]
    ) -> AsyncGenerator[WatchEvent, None]:
        """See `watching.events`."""
        del headers
        watch = self._next(
            self._watches, self._key(actor, "WATCH", path, params, case=place.case()), fits=lambda _watch: True
        )
        if watch is None:
            raise self._not_there("WATCH", path, actor=actor)
        for event in watch.events:
            await _until(event.at)
            yield WatchEvent(type=EventType(event.type), object=self._session.parts.unpack(event.object))
        if watch.end is None or not (watch.by_server or watch.trouble):
            await _forever()
        else:
            await _until(watch.end)
            if watch.trouble is not None:
                raise troubles.of_data(watch.trouble)

    def forward(
        self, path: str, *, actor: str, headers: Mapping[str, str], port: int
    ) -> AbstractAsyncContextManager[tuple[str, int]]:
        """See `Session.port_forward`."""
        raise self._not_there("FORWARD", path, actor=actor)

    def log_lines(
        self, path: str, *, actor: str, headers: Mapping[str, str], params: Mapping[str, str], since: str
    ) -> AsyncGenerator[LogLine, None]:
        """See `Session.log_lines`."""
        raise self._not_there("GET", path, actor=actor)

    def silence_s(self, *, actor: str, since: float) -> float:
        """See `Actor.silence_s`."""
        del since
        told = self._silences.get(actor)
        return told.pop(0) if told else 0.0

    async def close(self) -> None:
        """Nothing is open."""

    def _take(self, method: str, path: str, *, actor: str, params: Mapping[str, str], sent: Any) -> Call:
        """The first call that is the same; else the first that sends an object of the same name there."""
        key, mine, name = self._key(actor, method, path, params, case=place.case()), self.fingerprint(sent), _name(sent)
        call = self._next(self._calls, key, fits=lambda one: self._print(one) == mine)
        if call is None and name:
            call = self._next(self._calls, key, fits=lambda one: _is_alike(_name(one.sent), name))
        if call is None and method in _LOOKS:
            call = self._once_more(key, mine)
        if call is not None:
            self._seen[key, mine] = call
            return call
        if self._is_about_to_be_interrupted():
            return Call(number=0, actor=actor, method=method, path=path, params=params, end=0.0, abandoned=True)
        raise self._not_there(method, path, actor=actor, sent=sent)

    def _is_about_to_be_interrupted(self) -> bool:
        """Whether the run, which was slower, did not come to asking any more."""
        now = asyncio.get_running_loop().time()
        return any(now <= moment <= now + _ONCE_MORE_S for moment in self._session.interruptions)

    def _once_more(self, key: _Key, mine: str) -> Call | None:
        last = self._seen.get((key, mine))
        is_soon = last is not None and asyncio.get_running_loop().time() - last.end <= _ONCE_MORE_S
        return last if is_soon else None

    def _print(self, call: Call) -> str:
        if call.number not in self._prints:
            self._prints[call.number] = self.fingerprint(call.sent)
        return self._prints[call.number]

    def _next(self, of: dict[_Key, list[_Kept]], key: _Key, *, fits: Callable[[_Kept], bool]) -> _Kept | None:
        """The first that is left under a key and that fits."""
        # What was answered then already has in it what was cut; what we say ourselves has not.
        is_cut = any(_CUT.search(part) for part in key)
        cut: list[_Key] = [] if is_cut else [one for one in self._cut_keys if _fits(one, key)]
        for known in (key, *cut):
            kept = of.get(known, [])
            for number, one in enumerate(kept):
                if fits(one):
                    return kept.pop(number)
        return None

    def _key(
        self, actor: str, method: str, path: str, params: Mapping[str, str], *, case: place.CaseName | None
    ) -> _Key:
        who, what = ("", None) if path in _OF_ALL else (actor, case)
        # An address was given by the user: of it the record has no marks.
        where = path if path.startswith("/") else self._redaction.nameless(path)
        return (
            who,
            f"{what.name}/{what.variant}" if what else "",
            method,
            where,
            json.dumps(dict(params), sort_keys=True),
        )

    def _not_there(self, method: str, path: str, *, actor: str, sent: Any = None) -> NotRecorded:
        name = _name(sent)
        what = f"{method} {path}" + (f" of {name}" if name else "")
        self.missing.setdefault(actor, []).append(what)
        return NotRecorded(f"the recording has no (further) answer to {what}, asked by {actor}")

    async def _come(self, call: Call) -> None:
        if call.abandoned:
            await _forever()
        await _until(call.end)
        if call.trouble is not None:
            raise troubles.of_data(call.trouble)

    async def _answer(self, call: Call) -> Answer:
        await self._come(call)
        said = self._session.parts.unpack(call.answer)
        body = said if call.is_text else json.dumps(said)
        return Answer(
            status=call.status,
            headers={"Content-Type": call.media_type},
            body=body.encode("utf-8", "surrogatepass"),
            method=call.method,
            path=call.path,
        )


def _fits(known: _Key, asked: _Key) -> bool:
    return all(_is_alike(one, other) for one, other in zip(known, asked, strict=True))


def _is_alike(kept: str, asked: str) -> bool:
    """Whether a text may have been kept as the other one, in which something was cut."""
    if kept == asked:
        return True
    pieces = _CUT.split(kept)
    return len(pieces) > 1 and re.fullmatch(".+".join(map(re.escape, pieces)), asked) is not None


def _name(sent: Any) -> str:
    metadata = sent.get("metadata") if isinstance(sent, Mapping) else None
    return str(metadata.get("name") or "") if isinstance(metadata, Mapping) else ""


async def _until(moment: float) -> None:
    left_s = moment - asyncio.get_running_loop().time()
    if left_s > 0:
        await poll.pause(left_s)


async def _forever() -> None:
    await asyncio.get_running_loop().create_future()
