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
_LIMIT_S = 60
"""How long a batch of requests, or a streamed answer, may take."""
_BATCH = 25
# One process sends a batch, each request over a connection of its own: to start one for each takes most of the time.
# It ends at the first error answer, and then the next one goes on with the rest.
# Some builds of wget know no time-out of their own.
_FUNCTIONS = r"""
set -f
NEWLINE='
'
send() {
  left=$1 url=$2; shift 2
  while [ $left -gt 0 ]; do
    take=$left seen=0; [ $take -gt BATCH ] && take=BATCH
    said=$(
      number=1
      while [ $number -lt $take ]; do set -- "$@" "$url"; number=$((number + 1)); done
      timeout LIMIT wget -q -O - "$@" "$url" 2>&1
    ); code=$?
    failed="trouble none within LIMIT s"
    IFS=$NEWLINE
    for line in $said; do
      case "$line" in
        MARK*) echo "backend ${line#MARK}"; seen=$((seen + 1)) ;;
        *"server returned error: HTTP/"*) line=${line##*HTTP/}; line=${line#* }; failed="status ${line%% *}" ;;
        "wget: "*) failed="trouble ${line#wget: }" ;;
      esac
    done
    unset IFS
    if [ $code -ne 0 ]; then
      echo "$failed"; seen=$((seen + 1))
    else
      while [ $seen -lt $take ]; do echo stranger; seen=$((seen + 1)); done
    fi
    left=$((left - seen))
  done
}
ask() {
  label=$1 share=$2; shift 2
  {
    for worker in $(seq WORKERS); do send $share "$@" & done
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
        """The address, and options of wget."""
        headers = {"Host": self.host, **self.headers}
        return [url(address, port, self.path), *(f"--header={name}: {value}" for name, value in headers.items())]


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
        ("LIMIT", str(_LIMIT_S)),
        ("BATCH", str(_BATCH)),
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
        },
        # It starts a process for each request, and what it is held up by would look like the gateway's doing.
        most_cpu_millis=2000,
        most_memory_mib=128,
    )
    return pods.probe_pod(name, namespace=namespace, containers=[container], lifetime_s=3600)
