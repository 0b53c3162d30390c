"""Small servers that say who they are, as models behind an OpenAI-style API would be reached."""

from __future__ import annotations

from typing import Any

from ai_conformance.kube import pods

Object = dict[str, Any]
PORT = 8080
CHAT, MODELS, STREAM = "/v1/chat/completions", "/v1/models", "/cgi-bin/stream"
EVENTS = 5
APART_S = 0.4
"""Between two events; a backend may be slower, and is never faster."""
APP = "aic-backend"
# Load balancers of clouds look for an answer at / before they send anything.
_SERVER = r"""
mkdir -p /tmp/www/v1/chat /tmp/www/cgi-bin && cd /tmp/www
for file in index.html v1/models v1/chat/completions; do printf '%s\n' "$SAYS" > $file; done
cat > cgi-bin/stream <<'END'
#!/bin/sh
printf 'Content-Type: text/event-stream\r\nCache-Control: no-cache\r\n\r\n'
for event in $(seq EVENTS); do
  printf 'data: %s\n\n' $event
  sleep APART
done
END
chmod +x cgi-bin/stream
httpd -f -p PORT -h /tmp/www & wait $!
"""


def pod(name: str, namespace: str, *, image: str, mark: str) -> Object:
    """A backend; what it says is ``mark`` and its name."""
    container = pods.Container(
        name="server",
        image=image,
        script=_SERVER.replace("EVENTS", str(EVENTS)).replace("APART", str(APART_S)).replace("PORT", str(PORT)),
        env={"SAYS": f"{mark}{name}"},
        extra={
            "ports": [{"name": "http", "containerPort": PORT}],
            "readinessProbe": {"httpGet": {"path": "/", "port": PORT}, "periodSeconds": 1},
        },
        most_cpu_millis=1000,
    )
    return pods.probe_pod(name, namespace=namespace, containers=[container], labels={APP: name}, lifetime_s=3600)


def service(name: str, namespace: str) -> Object:
    """The Service of one backend, under the same name."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"selector": {APP: name}, "ports": [{"name": "http", "port": PORT, "targetPort": PORT}]},
    }
