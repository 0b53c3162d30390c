"""What the HTTP library and the server say of a failure, turned into `errors`: the one place that knows both."""

from __future__ import annotations

import contextlib
import json
import ssl
from collections.abc import Iterator
from http import HTTPStatus

import aiohttp

from ai_conformance.kube import errors


@contextlib.contextmanager
def translated(method: str, path: str, *, server: str) -> Iterator[None]:
    """No exception of the HTTP library leaves this block."""
    lost = errors.Unreachable if method in ("GET", "HEAD") else errors.AnswerLost
    try:
        yield
    except aiohttp.WSServerHandshakeError as trouble:
        # The library drops the body, and with it the server's own words.
        refused = "the server does not open this stream; is the pod there, and its container running?"
        if trouble.status == HTTPStatus.FORBIDDEN:
            # Since Kubernetes 1.35 it asks for both, before that for the first alone.
            refused = f"opening this stream takes the verbs get and create on pods/{path.rpartition('/')[2]}"
        raise errors.from_status(trouble.status, method=method, path=path, message=refused) from trouble
    except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError, ssl.SSLError) as trouble:
        raise errors.Unreachable(
            f"the certificate of {server} is not accepted, or ours is not: {_first_words(trouble)}",
            reason="Certificate",
            method=method,
            path=path,
        ) from trouble
    except (
        aiohttp.ClientConnectorError,
        aiohttp.ConnectionTimeoutError,
        aiohttp.ClientProxyConnectionError,
    ) as trouble:
        raise errors.Unreachable(
            f"{server} cannot be connected to: {_first_words(trouble)}", reason="NotSent", method=method, path=path
        ) from trouble
    except TimeoutError as trouble:
        raise lost(f"{server} did not answer in time", reason="Timeout", method=method, path=path) from trouble
    except aiohttp.InvalidURL as trouble:
        raise errors.ConfigurationError(f"{server} is no address of a server: {trouble}.") from trouble
    except (aiohttp.ClientError, OSError) as trouble:
        raise lost(
            f"{server} broke the connection: {_first_words(trouble)}", reason="Broken", method=method, path=path
        ) from trouble


def refusal(answer: aiohttp.ClientResponse, body: bytes, *, method: str, path: str) -> errors.ApiError:
    """The error that an answer outside of 2xx stands for, in the server's own words where it has some."""
    try:
        said = json.loads(body)
    except ValueError:
        said = None
    if not isinstance(said, dict) or said.get("kind") != "Status":
        said = {"message": body.decode("utf-8", errors="replace").strip()[:300], "reason": answer.reason or ""}
    details = dict(said.get("details") or {})
    patience = answer.headers.get("Retry-After", "")
    if patience.isdigit():  # the API sends seconds, never a date
        details["retryAfterSeconds"] = int(patience)
    return errors.from_status(
        answer.status,
        method=method,
        path=path,
        reason=str(said.get("reason") or ""),
        message=str(said.get("message") or ""),
        details=details,
    )


def _first_words(trouble: BaseException) -> str:
    return (str(trouble) or type(trouble).__name__).split("\n", 1)[0][:300]
