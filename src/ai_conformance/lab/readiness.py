"""Whether a component that was started works yet: each says so in a way of its own, and none by an event."""

from __future__ import annotations

import contextlib
import http.client
import ssl
from collections.abc import Callable, Sequence
from pathlib import Path

from ai_conformance.lab.errors import LabError
from ai_conformance.lab.launcher import Launcher
from ai_conformance.lab.waiting import ProcessEndedError, WaitTimeoutError, poll_until

TIMEOUT_S = 60.0
REQUEST_TIMEOUT_S = 2.0
SECURE_PORTS = {"kube-apiserver": 6443, "kube-controller-manager": 10257, "kube-scheduler": 10259}
KUBELET_HEALTH_PORT = 10248
READY_LINE = b"ready\n"


def restart(launcher: Launcher, component: str, *, extra_args: Sequence[str] = ()) -> None:
    """Restart a component and wait until it works.

    Raises:
        LabError: it ended or did not answer; with what it logged last.
    """
    log = launcher.lab.log(component)
    launcher.record(component)
    offset = log.stat().st_size if log.exists() else 0
    record = launcher.restart(component, extra_args=extra_args)
    look = _look(launcher, component, log=log, offset=offset)
    try:
        poll_until(look, what=f"{component} to work", timeout_s=TIMEOUT_S, processes=[record.pid])
    except (ProcessEndedError, WaitTimeoutError) as error:
        raise LabError(
            f"{component} of lab {launcher.lab.name!r} did not come up again.",
            remedy=f"It logged last:\n{launcher.tail(component)}",
        ) from error


def _look(launcher: Launcher, component: str, *, log: Path, offset: int) -> Callable[[], bool | None]:
    addresses = launcher.lab.addresses
    node, _, name = component.rpartition("/")
    if component in SECURE_PORTS:
        return lambda: _answers(addresses.control_plane, port=SECURE_PORTS[component], secure=True)
    if name == "kubelet":
        number = launcher.lab.options.node_names.index(node) + 1
        return lambda: _answers(addresses.node(number), port=KUBELET_HEALTH_PORT, secure=False)
    if name == "accelerators":
        return lambda: READY_LINE in log.read_bytes()[offset:] or None
    if name == "containerd":
        return lambda: b"containerd successfully booted" in log.read_bytes()[offset:] or None
    return lambda: True


def _answers(host: str, *, port: int, secure: bool) -> bool | None:
    """Whether /healthz answers 200. Certificates are not verified: components make their own, and nothing is sent."""
    connection: http.client.HTTPConnection
    if secure:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        connection = http.client.HTTPSConnection(host, port, timeout=REQUEST_TIMEOUT_S, context=context)
    else:
        connection = http.client.HTTPConnection(host, port, timeout=REQUEST_TIMEOUT_S)
    with contextlib.closing(connection):
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == http.client.OK or None
        except (OSError, http.client.HTTPException):
            return None
