"""The wire that keeps what it brings: every answer, every event of a watch, and when each came.

Nothing is written that `Redaction` has not seen; headers are never kept, but for the media type of an answer, by which
a check reads it. A line is on its way to the disk before the answer goes on to whoever asked.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ai_conformance.kube import clock, errors
from ai_conformance.kube.kubeconfig import Connection
from ai_conformance.kube.log_streams import LogLine
from ai_conformance.kube.recording import place, troubles
from ai_conformance.kube.recording.brief import brief, named
from ai_conformance.kube.recording.recorder import Exchange, Recorder, fingerprint
from ai_conformance.kube.streams import ExecResult
from ai_conformance.kube.transcript import Transcript, shown
from ai_conformance.kube.transport import Answer
from ai_conformance.kube.watching import WatchEvent
from ai_conformance.kube.wire import Wire


@dataclass(kw_only=True)
class _Call:
    """Something that was asked."""

    number: int
    begun: float
    at: datetime
    line: dict[str, Any]
    exchange: dict[str, Any]


class RecordingWire:
    """Another wire, and every answer is kept."""

    def __init__(self, wire: Wire, *, recorder: Recorder) -> None:
        self._wire = wire
        self._recorder = recorder
        self.chance = recorder.chance

    @property
    def connection(self) -> Connection:
        """Where it leads."""
        return self._wire.connection

    @property
    def transcript(self) -> Transcript:
        """The record of all requests."""
        return self._wire.transcript

    def fingerprint(self, data: Any) -> str:
        """The same for the same JSON data, in a run and in its replay."""
        return fingerprint(data, redaction=self._recorder.redaction)

    def note(self, word: str, content: Any) -> None:
        """Write down something that is no answer, and that a replay has to know."""
        self._recorder.note(word, content)

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
        sent = None if body is None else self._recorder.redaction.cut(_data(body))
        call = self._begin(method, path, actor=actor, params=params, sent=sent)
        with self._troubled(call):
            answer = await self._wire.request(
                method,
                path,
                actor=actor,
                headers=headers,
                params=params,
                body=body,
                timeout_s=timeout_s,
                repeatable=repeatable,
            )
        self._answered(call, answer)
        return answer

    async def elsewhere(self, url: str, *, actor: str, headers: Mapping[str, str], params: Mapping[str, str]) -> Answer:
        """See `web.get`."""
        call = self._begin("GET", url, actor=actor, params=params)
        with self._troubled(call):
            answer = await self._wire.elsewhere(url, actor=actor, headers=headers, params=params)
        self._answered(call, answer)
        return answer

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
        """See `Session.exec`. Output that goes elsewhere as it comes is not kept: no check uses that."""
        sent = self._recorder.redaction.cut({"container": container, "command": list(command)})
        call = self._begin("EXEC", path, actor=actor, params={}, sent=sent)
        with self._troubled(call):
            result = await self._wire.execute(
                path,
                actor=actor,
                headers=headers,
                container=container,
                command=command,
                timeout_s=timeout_s,
                stdout_to=stdout_to,
            )
        said = {"stdout": result.stdout, "stderr": result.stderr, "exit_code": result.exit_code}
        cut = self._recorder.redaction.cut(said)
        self._end(call, {}, packed={"answer": cut}, read=brief(cut))
        return result

    async def events(
        self, path: str, *, actor: str, headers: Mapping[str, str], params: Mapping[str, str]
    ) -> AsyncGenerator[WatchEvent, None]:
        """See `watching.events`."""
        call = self._begin("WATCH", path, actor=actor, params=params)
        self._recorder.tell({"watch": call.number, **call.line, "begin": call.begun}, packed={})
        count, by, trouble = 0, "reader", None
        feed = self._wire.events(path, actor=actor, headers=headers, params=params)
        try:
            async with contextlib.aclosing(feed):
                async for event in feed:
                    count += 1
                    self._event(call, event)
                    yield event
            by = "server"
        except errors.KubeError as error:
            by, trouble = "trouble", error
            raise
        finally:
            ended = {"end": call.number, "at": self._recorder.stamp(), "by": by}
            packed = {} if trouble is None else {"trouble": self._cut_trouble(trouble)}
            self._recorder.tell(ended, packed=packed)
            name = type(trouble).__name__ if trouble else ""
            self._observe(call, read={"events": count, "ended_by": by}, trouble=name)

    def forward(
        self, path: str, *, actor: str, headers: Mapping[str, str], port: int
    ) -> AbstractAsyncContextManager[tuple[str, int]]:
        """See `Session.port_forward`. What goes through it is not kept: no check uses it."""
        return self._wire.forward(path, actor=actor, headers=headers, port=port)

    def log_lines(
        self, path: str, *, actor: str, headers: Mapping[str, str], params: Mapping[str, str], since: str
    ) -> AsyncGenerator[LogLine, None]:
        """See `Session.log_lines`. They are not kept: no check reads them so."""
        return self._wire.log_lines(path, actor=actor, headers=headers, params=params, since=since)

    def silence_s(self, *, actor: str, since: float) -> float:
        """See `Actor.silence_s`. What is repeated within a request is not kept, so a replay could not tell."""
        found = self._wire.silence_s(actor=actor, since=since)
        self._recorder.tell({"silence": found, "actor": actor, "at": self._recorder.stamp()})
        return found

    async def close(self) -> None:
        """End it."""
        await self._wire.close()

    def _begin(self, method: str, path: str, *, actor: str, params: Mapping[str, str], sent: Any = None) -> _Call:
        cut = self._recorder.redaction.cut
        case = place.case()
        line: dict[str, Any] = {"actor": actor, "method": method, "path": cut(path)}
        if params:
            line["params"] = cut(dict(params))
        if case is not None:
            line["case"] = [case.name, case.variant]
        exchange = {"actor": actor, "case": case, "method": method, "path": cut(shown(path, params)), "sent": sent}
        recorder = self._recorder
        return _Call(number=recorder.number(), begun=recorder.stamp(), at=clock.now(), line=line, exchange=exchange)

    @contextlib.contextmanager
    def _troubled(self, call: _Call) -> Any:
        """Keep what is raised in place of an answer, and that somebody did not wait for it."""
        try:
            yield
        except errors.KubeError as error:
            status = getattr(error, "status", None)
            cut = self._cut_trouble(error)
            self._end(call, {}, packed={"trouble": cut}, status=status, trouble=type(error).__name__, read=cut)
            raise
        except BaseException:  # mostly a cancellation: a replay has to know of it; it is raised on
            self._end(call, {"abandoned": True}, packed={}, trouble="abandoned")
            raise

    def _cut_trouble(self, error: errors.KubeError) -> Any:
        return self._recorder.redaction.cut(troubles.as_data(error))

    def _answered(self, call: _Call, answer: Answer) -> None:
        content, in_short = self._recorder.answered(answer)
        self._end(call, content, packed={}, status=answer.status, read=in_short)

    def _end(
        self,
        call: _Call,
        line: Mapping[str, Any],
        *,
        packed: Mapping[str, Any],
        status: int | None = None,
        read: Any = None,
        trouble: str = "",
    ) -> None:
        sent = {} if call.exchange["sent"] is None else {"sent": call.exchange["sent"]}
        whole = {"call": call.number, **call.line, "begin": call.begun, "end": self._recorder.stamp(), **line}
        self._recorder.tell(whole, packed={**sent, **packed})
        self._observe(call, status=status, read=read, trouble=trouble)

    def _event(self, call: _Call, event: WatchEvent) -> None:
        at = self._recorder.stamp()
        cut = self._recorder.redaction.cut_answer(event.object)
        self._recorder.tell({"event": call.number, "at": at, "type": event.type.value}, packed={"object": cut})
        version = str((cut.get("metadata") or {}).get("resourceVersion") or "")
        seen = {"type": event.type.value, "object": f"{cut.get('kind', '')} {named(cut)}".strip(), "version": version}
        self._recorder.observe(
            Exchange(**{**call.exchange, "method": "EVENT"}, at=clock.now(), duration_s=0.0, read=seen)
        )

    def _observe(self, call: _Call, *, status: int | None = None, read: Any = None, trouble: str = "") -> None:
        duration_s = max(0.0, (clock.now() - call.at).total_seconds())
        said = {**call.exchange, "sent": brief(call.exchange["sent"])}
        self._recorder.observe(
            Exchange(**said, at=call.at, duration_s=duration_s, status=status, read=read, trouble=trouble)
        )


def _data(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", errors="replace")
