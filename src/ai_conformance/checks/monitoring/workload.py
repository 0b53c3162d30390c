"""A workload with metrics: a small server that counts what it serves and tells so in the standard format."""

from __future__ import annotations

from typing import Any

from ai_conformance.kube import pods

Object = dict[str, Any]

PORT = 8080
PATH = "/cgi-bin/metrics"
REQUESTS = "aic_inference_requests_total"
DURATION = "aic_inference_request_duration_seconds"
QUEUE = "aic_inference_queue_length"
RUN_LABEL = "run"
"""The label by which each of our workloads is told from any other, ever."""
CONTAINER = "server"
DECLARED = "aic-declared"
"""Label of the pods that monitors choose."""

# A line is appended for each request, which is one write: nothing is lost between two requests.
_SERVER = r"""
mkdir -p /tmp/www/cgi-bin && cd /tmp/www && : > /tmp/served && echo 0 > /tmp/queue
cat > cgi-bin/work <<'END'
#!/bin/sh
echo served >> /tmp/served
printf 'Content-Type: text/plain\r\n\r\nok\n'
END
cat > cgi-bin/metrics <<'END'
#!/bin/sh
n=$(wc -l < /tmp/served)
printf 'Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n\r\n'
cat <<PAGE
# HELP REQUESTS Requests served.
# TYPE REQUESTS counter
REQUESTS{run="$RUN"} $n
# HELP DURATION Time to serve a request.
# TYPE DURATION histogram
DURATION_bucket{run="$RUN",le="0.1"} $((n / 2))
DURATION_bucket{run="$RUN",le="1"} $n
DURATION_bucket{run="$RUN",le="+Inf"} $n
DURATION_sum{run="$RUN"} $((n / 5)).5
DURATION_count{run="$RUN"} $n
# HELP QUEUE Requests that wait.
# TYPE QUEUE gauge
QUEUE{run="$RUN"} $(cat /tmp/queue)
PAGE
END
chmod +x cgi-bin/*
httpd -f -p PORT -h /tmp/www & wait $!
"""
_SEND = """
i=0
while [ $i -lt {count} ]; do
  wget -q -O /dev/null http://127.0.0.1:{port}/cgi-bin/work || exit 1
  i=$((i + 1))
done
echo "RESULT: SERVED=$(wc -l < /tmp/served)"
"""


def pod(name: str, namespace: str, *, image: str, run: str, declared: bool) -> Object:
    """The server's pod; only a declared one asks to be scraped."""
    script = _SERVER
    for word, value in (("REQUESTS", REQUESTS), ("DURATION", DURATION), ("QUEUE", QUEUE), ("PORT", str(PORT))):
        script = script.replace(word, value)
    annotations = {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": str(PORT),
        "prometheus.io/path": PATH,
        "prometheus.io/scheme": "http",
    }
    container = pods.Container(
        name=CONTAINER,
        image=image,
        script=script,
        env={"RUN": run},
        extra={
            "ports": [{"name": "metrics" if declared else "web", "containerPort": PORT}],
            "readinessProbe": {"tcpSocket": {"port": PORT}, "periodSeconds": 1},
        },
    )
    return pods.probe_pod(
        name,
        namespace=namespace,
        containers=[container],
        labels={DECLARED: run} if declared else None,
        annotations=annotations if declared else None,
        lifetime_s=3600,
    )


def send(count: int) -> list[str]:
    """The command that sends requests, one after the other, and tells how many the server has served in all."""
    return ["sh", "-c", _SEND.format(count=count, port=PORT)]


def set_queue(length: int) -> list[str]:
    """The command that sets the gauge."""
    return ["sh", "-c", f"echo {length} > /tmp/queue"]
