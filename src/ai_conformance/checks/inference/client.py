"""The client pod: it sends many requests at one command and tells what came back, counted."""

from __future__ import annotations

import dataclasses
import ipaddress
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from ai_conformance.kube import pods

CONTAINER = "client"
_FILE = "/tmp/client.sh"  # noqa: S108 - of a pod of our own
WORKERS = 4
_ANSWER_S = 10
"""How long one request may take."""
# Some builds of wget know no time-out of their own.
_FUNCTIONS = r"""
one() {
  said=$(timeout ANSWER wget -q -O - "$@" 2>&1); code=$?
  case "$code:$said" in
    0:MARK*) echo "backend ${said#MARK}" ;;
    0:*) echo stranger ;;
    *"server returned error: HTTP/"*) set -- ${said##*HTTP/}; echo "status $2" ;;
    143:*|124:*) echo "trouble none within ANSWER s" ;;
    *) echo trouble ${said##*wget: } ;;
  esac
}
ask() {
  label=$1 share=$2; shift 2
  {
    for worker in $(seq WORKERS); do
      ( i=0; while [ $i -lt $share ]; do one "$@"; i=$((i + 1)); done ) &
    done
    wait
  } | sort | uniq -c | while read -r count what; do echo "TALLY $label $count $what"; done
}
stream() {
  timeout LIMIT wget -q -O - "$@" | while IFS= read -r line; do
    read -r now rest < /proc/uptime
    echo "EVENT $now $line"
  done
}
"""
_STREAM_S = 60


@dataclasses.dataclass(frozen=True, kw_only=True)
class Request:
    """Requests of one kind, to one path of one host."""

    label: str
    count: int
    """A multiple of `WORKERS`."""
    host: str
    path: str
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def arguments(self, address: str, *, port: int) -> list[str]:
        """For wget."""
        headers = {"Host": self.host, **self.headers}
        return [*(f"--header={name}: {value}" for name, value in headers.items()), url(address, port, self.path)]


def url(address: str, port: int, path: str) -> str:
    """The address as it is asked; IPv6 in brackets."""
    try:
        literal = ipaddress.ip_address(address)
    except ValueError:
        return f"http://{address}:{port}{path}"  # a host name
    return f"http://[{literal}]:{port}{path}" if literal.version == 6 else f"http://{literal}:{port}{path}"


def send(requests: Sequence[Request], *, address: str, port: int) -> list[str]:
    """The command that sends requests, kind after kind."""
    lines = [
        shlex.join(["ask", one.label, str(one.count // WORKERS), *one.arguments(address, port=port)])
        for one in requests
    ]
    return ["sh", "-c", f". {_FILE}; " + "; ".join(lines)]


def stream(request: Request, *, address: str, port: int) -> list[str]:
    """The command that follows one streamed answer."""
    return ["sh", "-c", f". {_FILE}; " + shlex.join(["stream", *request.arguments(address, port=port)])]


def pod(name: str, namespace: str, *, image: str, mark: str) -> dict[str, Any]:
    """The pod; answers of our backends begin with ``mark``."""
    functions = _FUNCTIONS
    for word, value in (
        ("ANSWER", str(_ANSWER_S)),
        ("LIMIT", str(_STREAM_S)),
        ("WORKERS", str(WORKERS)),
        ("MARK", mark),
    ):
        functions = functions.replace(word, value)
    container = pods.Container(
        name=CONTAINER,
        image=image,
        script=f"cat > {_FILE} <<'END'\n{functions}END\n{pods.HOLD}",
        extra={
            "readinessProbe": {"exec": {"command": ["test", "-s", _FILE]}, "periodSeconds": 1},
            "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}},
        },
    )
    return pods.probe_pod(name, namespace=namespace, containers=[container], lifetime_s=3600)
