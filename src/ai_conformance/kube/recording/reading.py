"""A recording's file, session by session: what was asked, what came, and when.

The file may come from others, and may end in the middle of a line where a run was killed. What does not fit together is
`Damaged`: nothing is judged by a recording that was changed by halves.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

from ai_conformance.kube.recording.parts import MissingPart, Unpacker
from ai_conformance.kube.recording.place import CaseName
from ai_conformance.kube.recording.recorder import FORMAT

_Value = TypeVar("_Value")


class Damaged(Exception):  # noqa: N818 - it says what the recording is
    """It is not what was recorded; the message has the line and what is wrong."""


class OtherFormat(Exception):  # noqa: N818 - as above
    """Another version of the tool wrote it."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Call:
    """A request, or a command in a container, and what came of it."""

    number: int
    actor: str
    method: str
    path: str
    params: Mapping[str, str]
    case: CaseName | None = None
    end: float
    """Seconds since the session's beginning."""
    sent: Any = None
    status: int = 0
    media_type: str = ""
    answer: Any = None
    """In parts; JSON, or a text."""
    is_text: bool = False
    trouble: Mapping[str, Any] | None = None
    abandoned: bool = False
    """Nobody waited for its answer."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Event:
    """What a watch told."""

    at: float
    type: str
    object: Any
    """In parts."""


@dataclasses.dataclass(kw_only=True)
class Watch:
    """A watch and all that it told."""

    number: int
    actor: str
    path: str
    params: Mapping[str, str]
    case: CaseName | None = None
    events: list[Event] = dataclasses.field(default_factory=list)
    end: float | None = None
    """None where it went on when the recording ended."""
    by_server: bool = False
    trouble: Mapping[str, Any] | None = None


@dataclasses.dataclass(kw_only=True)
class Session:
    """One process of the run."""

    at: datetime
    """UTC, when it began."""
    seed: str
    calls: list[Call] = dataclasses.field(default_factory=list)
    watches: dict[int, Watch] = dataclasses.field(default_factory=dict)
    notes: dict[str, tuple[float, Any]] = dataclasses.field(default_factory=dict)
    """What else was written down, and when; of several of one word the last."""
    interruptions: list[float] = dataclasses.field(default_factory=list)
    silences: dict[str, list[float]] = dataclasses.field(default_factory=dict)
    """What each actor was told of how long the server had not answered, in seconds, in the order of its questions."""
    parts: Unpacker = dataclasses.field(default_factory=Unpacker)
    last: float = 0.0
    """The last stamp."""
    is_full: bool = False
    """Whether it ends before the run did, because it was too long."""


def sessions(lines: Iterable[str]) -> list[Session]:
    """All of a file. Raises Damaged, OtherFormat."""
    found: list[Session] = []
    torn = 0
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        content = _content(line)
        if torn and (content is None or "session" not in content):
            raise Damaged(f"line {torn} is no line of a recording")
        if content is None:
            torn = number
            continue
        torn = 0
        try:
            if "session" in content:
                found.append(_session(content["session"]))
            elif not found:
                raise Damaged(f"line {number}: it does not begin as a recording does")
            elif "part" in content:
                found[-1].parts.add(_typed(content["part"], str), content["value"])
            else:
                _take(content, found[-1], parts=found[-1].parts)
        except MissingPart as error:
            raise Damaged(f"line {number}: {error}") from None
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise Damaged(f"line {number}: {type(error).__name__}: {error}") from None
    return found


def _content(line: str) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _session(content: Mapping[str, Any]) -> Session:
    if content.get("format") != FORMAT:
        raise OtherFormat(f"it has format {content.get('format')}, and this version reads {FORMAT}")
    at = datetime.fromisoformat(content["at"])
    if at.tzinfo is None:
        raise ValueError("a time without its zone")
    return Session(at=at, seed=_typed(content["seed"], str))


def _take(content: Mapping[str, Any], session: Session, *, parts: Unpacker) -> None:
    match content:
        case {"call": int()}:
            call = _call(content, parts=parts)
            session.calls.append(call)
            session.last = max(session.last, call.end)
        case {"watch": int(number)}:
            session.watches[number] = Watch(
                number=number,
                actor=_typed(content["actor"], str),
                path=_typed(content["path"], str),
                params=_params(content),
                case=_case(content),
            )
            session.last = max(session.last, _seconds(content["begin"]))
        case {"event": int(number)}:
            at = _seconds(content["at"])
            seen = Event(at=at, type=_typed(content["type"], str), object=parts.check(content["object"]))
            session.watches[number].events.append(seen)
            session.last = max(session.last, at)
        case {"end": int(number)}:
            watch = session.watches[number]
            watch.end = _seconds(content["at"])
            watch.by_server = content["by"] == "server"
            watch.trouble = parts.unpack(content["trouble"]) if "trouble" in content else None
            session.last = max(session.last, watch.end)
        case {"full": _}:
            session.is_full = True
        case {"silence": silence_s}:
            session.silences.setdefault(_typed(content["actor"], str), []).append(_seconds(silence_s))
            session.last = max(session.last, _seconds(content["at"]))
        case {"interrupted": _}:
            session.interruptions.append(_seconds(content["at"]))
        case _:
            at = _seconds(content["at"])
            session.last = max(session.last, at)
            session.notes |= {word: (at, said) for word, said in content.items() if word != "at"}


def _call(content: Mapping[str, Any], *, parts: Unpacker) -> Call:
    return Call(
        number=content["call"],
        actor=_typed(content["actor"], str),
        method=_typed(content["method"], str),
        path=_typed(content["path"], str),
        params=_params(content),
        case=_case(content),
        end=_seconds(content["end"]),
        sent=parts.unpack(content["sent"]) if "sent" in content else None,
        status=_typed(content.get("status", 0), int),
        media_type=_typed(content.get("type", ""), str),
        answer=parts.check(content.get("text", content.get("answer"))),
        is_text="text" in content,
        trouble=_typed(parts.unpack(content["trouble"]), dict) if "trouble" in content else None,
        abandoned=content.get("abandoned") is True,
    )


def _params(content: Mapping[str, Any]) -> Mapping[str, str]:
    return {str(key): str(value) for key, value in content.get("params", {}).items()}


def _case(content: Mapping[str, Any]) -> CaseName | None:
    if "case" not in content:
        return None
    name, variant = content["case"]
    return CaseName(name=_typed(name, str), variant=_typed(variant, str))


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        raise ValueError(f"{value!r} is no time of a recording")
    return float(value)


def _typed(value: Any, kind: type[_Value]) -> _Value:
    if not isinstance(value, kind):
        raise TypeError(f"{value!r:.60} is no {kind.__name__}")
    return value


def lines_of(chunks: Iterable[bytes]) -> Iterator[str]:
    """The lines of a file that is read piece by piece."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line.decode("utf-8", errors="replace")
    if rest:
        yield rest.decode("utf-8", errors="replace")
