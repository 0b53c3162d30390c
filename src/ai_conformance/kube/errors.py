"""Everything that can go wrong between us and a cluster, by type, so that nobody has to read a message to decide.

    KubeError
    ├── ConfigurationError        no kubeconfig, a context that does not exist, a broken file, a plugin that fails
    ├── ApiError                  the API server said no, or nothing
    │   ├── Unreachable           no answer (refused, no route, name or certificate wrong, reset, time-out)
    │   │   └── AnswerLost        the request was sent; whether it was carried out is not known
    │   ├── Unintelligible        an answer that is not what the API promises
    │   ├── Unauthorized          401
    │   ├── Forbidden             403
    │   │   └── Denied            admission does not want the object (a quota, a policy, a webhook), whatever the status
    │   ├── NotFound              404
    │   ├── Conflict              409
    │   │   └── AlreadyExists     409 with that reason
    │   ├── Gone                  410, a resource version that is too old
    │   ├── Invalid               400, 422
    │   ├── TooManyRequests       429
    │   └── ServerError           5xx, and any other status that is not a success
    ├── DiscoveryIncomplete       whether something is served is not known
    ├── TimedOut                  what was waited for did not come
    ├── ViewInterrupted           a window was watched with a gap that is too long to be sure of
    ├── ExecFailed                a command in a container could not be run, or its result is not known
    ├── MalformedResult           a probe printed something that is not a result
    └── LedgerError               the ledger cannot be written or read

No exception of a library leaves this room. ``str()`` of each is a sentence that says what to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ai_conformance.kube import admission


class KubeError(Exception):
    """Trouble between us and a cluster."""


class ConfigurationError(KubeError):
    """The kubeconfig, or what it names, cannot be used. The message names the file, the line and the remedy."""


class DiscoveryIncomplete(KubeError):
    """Part of the API does not answer: whether something is served is not known."""


class ApiError(KubeError):
    """The API server refused, or did not answer.

    ``status`` is the HTTP status, None where there was no answer; ``reason`` the machine-readable word of the Status
    object; ``details`` its details (name, kind, causes, retryAfterSeconds), empty where the server sent none.
    """

    remedy: ClassVar[str] = ""

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        reason: str = "",
        method: str = "",
        path: str = "",
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.reason = reason
        self.method = method
        self.path = path
        self.details: Mapping[str, Any] = dict(details or {})

    def __str__(self) -> str:
        answer = f"{self.status} {self.reason}".strip() if self.status is not None else (self.reason or "no answer")
        asked = f"{self.method} {self.path}".strip()
        sentence = f"{asked}: {answer}: {self.message}" if asked else f"{answer}: {self.message}"
        sentence = sentence.rstrip(". ")
        return f"{sentence}. {self.remedy}" if self.remedy else f"{sentence}."


class Unreachable(ApiError):
    """No answer; the request was not carried out, or it does not matter whether it was."""

    remedy = "Check that the server of this context is up and can be reached from here."


class AnswerLost(Unreachable):
    """A request that changes something was sent and its answer did not come: it may have been carried out."""

    remedy = "Whether it was carried out is not known; read the object back."


class Unintelligible(ApiError):
    """An answer that is not JSON, or not of the shape that the API promises."""

    remedy = "Something between here and the API server answers in its place, or the server is broken."


class Unauthorized(ApiError):
    """401: the credentials are missing, expired or unknown to the server."""

    remedy = "Log in again, or give a kubeconfig whose credentials are valid."


class Forbidden(ApiError):
    """403: known, but not allowed; or 422 where only a part of what is asked for is not."""

    remedy = "Ask for this permission; the plan lists every verb that a run needs."


class Denied(Forbidden):
    """Admission does not want the object; the message is the quota's, the policy's or the webhook's own."""

    remedy = "Change what denies it, or let it make an exception for the namespaces of this run."


class NotFound(ApiError):
    """404: no such object, or no such resource."""


class Conflict(ApiError):
    """409: the object is another than the one that was meant, or has changed."""


class AlreadyExists(Conflict):
    """409 AlreadyExists: the name is taken."""


class Gone(ApiError):
    """410: the resource version is older than what the server still knows; list again."""


class Invalid(ApiError):
    """400 or 422: the server does not accept the object or the request."""


class TooManyRequests(ApiError):
    """429: the server is busy; ``details['retryAfterSeconds']`` may say for how long."""

    remedy = "The server is overloaded or limits this user; try again later."


class ServerError(ApiError):
    """5xx: the server, or something that it depends on, is in trouble."""

    remedy = "See the API server's own log, and webhooks that it calls."


class TimedOut(KubeError):
    """Something did not come in time. ``last`` is what was seen instead, for people."""

    def __init__(self, waiting_for: str, *, after_s: float, last: object = None) -> None:
        super().__init__(waiting_for)
        self.waiting_for = waiting_for
        self.after_s = after_s
        self.last = last

    def __str__(self) -> str:
        seen = "nothing was seen" if self.last is None else f"last seen: {self.last}"
        return f"Waited {self.after_s:g} s for {self.waiting_for}; {seen}."


class ViewInterrupted(KubeError):
    """A window was being watched and the view was lost for longer than is tolerable: what happened is not known."""

    def __init__(self, watching_for: str, *, gap_s: float, tolerated_s: float) -> None:
        super().__init__(watching_for)
        self.watching_for = watching_for
        self.gap_s = gap_s
        self.tolerated_s = tolerated_s

    def __str__(self) -> str:
        return (
            f"While watching for {self.watching_for} the view of the cluster was lost for {self.gap_s:.1f} s "
            f"(tolerated: {self.tolerated_s:g} s), so what happened meanwhile is not known. Run it again."
        )


class ViewClosed(KubeError):
    """A view was closed while something was waited for in it."""


class ExecFailed(KubeError):
    """A command in a container was not run, or its result did not come: its output proves nothing."""


class MalformedResult(KubeError):
    """What a probe printed is not one ``RESULT: KEY=VALUE`` line for each key."""


class LedgerError(KubeError):
    """The ledger cannot be written or read; nothing may be created without it."""


_BY_STATUS: Mapping[int, type[ApiError]] = {
    400: Invalid,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Gone,
    422: Invalid,
    429: TooManyRequests,
}


def from_status(
    status: int,
    *,
    method: str = "",
    path: str = "",
    reason: str = "",
    message: str = "",
    details: Mapping[str, Any] | None = None,
) -> ApiError:
    """The error for an HTTP status and the words of the server's Status object."""
    denial = admission.read(message)
    kind = _BY_STATUS.get(status, ServerError)
    if denial is not None and denial.refuser in admission.DENIERS:
        kind = Denied
    if kind is Invalid and denial is not None and denial.refuser is admission.Refuser.PERMISSION:
        kind = Forbidden
    if kind is Conflict and reason == "AlreadyExists":
        kind = AlreadyExists
    return kind(
        message or "the server gave no reason", status=status, reason=reason, method=method, path=path, details=details
    )
