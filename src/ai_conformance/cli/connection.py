"""The way to the cluster for each command that needs one; trouble on it becomes one sentence and an exit code."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING

from ai_conformance import __version__
from ai_conformance.cli import failures
from ai_conformance.kube import errors

if TYPE_CHECKING:
    from ai_conformance.cli.options import Target
    from ai_conformance.kube.session import Session
    from ai_conformance.kube.transcript import Transcript
    from ai_conformance.kube.wire import Wire


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Turn what the cluster or its configuration refuses into a `failures.Failure`."""
    try:
        yield
    except errors.ConfigurationError as error:
        raise failures.usage(str(error)) from error
    except errors.KubeError as error:
        raise failures.not_evaluated(str(error)) from error


@contextlib.asynccontextmanager
async def connected(
    target: Target,
    *,
    actor: str,
    transcript: Transcript | None = None,
    kept: Callable[[Wire], Wire] = lambda wire: wire,
) -> AsyncIterator[Session]:
    """A session with the cluster that the options name; ``kept`` may listen in. Raises `errors.KubeError`."""
    from ai_conformance.kube.session import Session  # noqa: PLC0415 - the client library takes a while to import
    from ai_conformance.kube.wire import LiveWire  # noqa: PLC0415 - as above

    session = await Session.connect(
        kubeconfig=target.kubeconfig,
        context=target.context,
        user_agent=f"ai-conformance/{__version__}",
        transcript=transcript,
        actor=actor,
        wired=lambda transport: kept(LiveWire(transport)),
    )
    async with session:
        yield session
