"""Errors of this room as data and back, so that a check that met one meets it again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ai_conformance.kube import errors


class UnknownTrouble(Exception):  # noqa: N818 - it says what is wrong
    """What is written down is none of our errors."""


def _kinds(of: type[errors.KubeError]) -> Iterator[type[errors.KubeError]]:
    yield of
    for one in of.__subclasses__():
        yield from _kinds(one)


_KINDS: Mapping[str, type[errors.KubeError]] = {kind.__name__: kind for kind in _kinds(errors.KubeError)}


def as_data(trouble: errors.KubeError) -> dict[str, Any]:
    """As it is written down."""
    made: dict[str, Any] = {"kind": type(trouble).__name__}
    match trouble:
        case errors.ApiError():
            made |= {
                "message": trouble.message,
                "status": trouble.status,
                "reason": trouble.reason,
                "method": trouble.method,
                "path": trouble.path,
                "details": dict(trouble.details),
            }
        case errors.TimedOut():
            last = None if trouble.last is None else str(trouble.last)
            made |= {"message": trouble.waiting_for, "after_s": trouble.after_s, "last": last}
        case errors.ViewInterrupted():
            made |= {"message": trouble.watching_for, "gap_s": trouble.gap_s, "tolerated_s": trouble.tolerated_s}
        case _:
            made["message"] = str(trouble)
    return made


def of_data(data: Mapping[str, Any]) -> errors.KubeError:
    """The error that was written down. Raises UnknownTrouble."""
    kind = _KINDS.get(str(data.get("kind")))
    message = str(data.get("message") or "")
    if kind is None:
        raise UnknownTrouble(f"there is no error {data.get('kind')!r}")
    if issubclass(kind, errors.ApiError):
        status = data.get("status")
        return kind(
            message,
            status=status if isinstance(status, int) else None,
            reason=str(data.get("reason") or ""),
            method=str(data.get("method") or ""),
            path=str(data.get("path") or ""),
            details=data.get("details") or {},
        )
    if issubclass(kind, errors.TimedOut):
        return kind(message, after_s=float(data.get("after_s") or 0), last=data.get("last"))
    if issubclass(kind, errors.ViewInterrupted):
        return kind(message, gap_s=float(data.get("gap_s") or 0), tolerated_s=float(data.get("tolerated_s") or 0))
    return kind(message)
