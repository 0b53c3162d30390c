"""The adapter's process: `python -m ai_conformance.lab.custom_metrics --keys DIR --way WAY`."""

from __future__ import annotations

import argparse
import datetime
import http.client
import http.server
import json
import os
import ssl
import urllib.parse
from pathlib import Path
from typing import Any

from ai_conformance.lab.custom_metrics import PORT, Way, answers

_TIMEOUT_S = 5
_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_ALL = 'count by (__name__) ({pod!="",namespace!=""})'


class Sources:
    """The API server, and each Prometheus that it knows of."""

    def __init__(self) -> None:
        self._tls = ssl.create_default_context(cafile=_ACCOUNT / "ca.crt")

    def query(self, expression: str) -> list[dict[str, Any]]:
        """An instant vector, of all systems together. Raises OSError or ValueError."""
        systems = answers.prometheuses(self._list("/api/v1/pods", selector=answers.PROMETHEUS))
        if not systems:
            raise OSError(f"no pod with the label {answers.PROMETHEUS} is ready")
        return [one for system in systems for one in self._ask(system, expression)]

    def _ask(self, system: str, expression: str) -> list[dict[str, Any]]:
        connection = http.client.HTTPConnection(system, timeout=_TIMEOUT_S)
        try:
            connection.request("GET", "/api/v1/query?" + urllib.parse.urlencode({"query": expression}))
            result: list[dict[str, Any]] = json.loads(connection.getresponse().read())["data"]["result"]
        finally:
            connection.close()
        return result

    def pods(self, namespace: str, *, selector: str) -> list[str]:
        """Names of the pods that a label selector chooses. Raises OSError or ValueError."""
        found = self._list(f"/api/v1/namespaces/{namespace}/pods", selector=selector)
        return [str(one["metadata"]["name"]) for one in found]

    def _list(self, path: str, *, selector: str) -> list[dict[str, Any]]:
        server = f"{os.environ['KUBERNETES_SERVICE_HOST']}:{os.environ['KUBERNETES_SERVICE_PORT']}"
        connection = http.client.HTTPSConnection(server, timeout=_TIMEOUT_S, context=self._tls)
        try:
            query = urllib.parse.urlencode({"labelSelector": selector})
            token = (_ACCOUNT / "token").read_text()
            connection.request("GET", f"{path}?{query}", headers={"Authorization": f"Bearer {token}"})
            items: list[dict[str, Any]] = json.loads(connection.getresponse().read())["items"]
        finally:
            connection.close()
        return items


def handler(sources: Sources, *, way: Way) -> type[http.server.BaseHTTPRequestHandler]:
    """The class that answers the API server."""
    highest: dict[tuple[str, str], float] = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """Discovery and values; anything else is not found."""
            address = urllib.parse.urlsplit(self.path)
            path = urllib.parse.unquote(address.path)  # the autoscaler asks for pods/%2A
            try:
                if path == answers.ROOT:
                    self._answer(200, answers.resources(one["metric"]["__name__"] for one in sources.query(_ALL)))
                    return
                asked = answers.asked(path)
                if asked is None:
                    self._answer(404, answers.status(404, "NotFound", "there is no such path"))
                    return
                self._values(*asked, selector=urllib.parse.parse_qs(address.query).get("labelSelector", [""])[0])
            except (OSError, ValueError, KeyError, http.client.HTTPException) as error:
                self._answer(503, answers.status(503, "ServiceUnavailable", f"a source does not answer: {error!r}"))

        def _values(self, namespace: str, pod: str, metric: str, *, selector: str) -> None:
            pods = sources.pods(namespace, selector=selector) if pod == "*" else [pod]
            seen = answers.samples(sources.query(metric))
            told = answers.distorted(seen, way=way, namespace=namespace, pods=pods, highest=highest)
            now = datetime.datetime.now(tz=datetime.UTC)
            found = answers.values(metric, namespace=namespace, pods=pods, samples=told, now=now)
            if found is None:
                message = f"no pod of {namespace} that was asked for has the metric {metric}"
                self._answer(404, answers.status(404, "NotFound", message))
            else:
                self._answer(200, found)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Requests are not worth a line each."""

        def _answer(self, status: int, value: dict[str, Any]) -> None:
            body = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="python -m ai_conformance.lab.custom_metrics", description=__doc__)
    parser.add_argument("--keys", type=Path, required=True)
    parser.add_argument("--way", type=Way, choices=list(Way), default=Way.SOUND)
    given = parser.parse_args()
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=given.keys / "client-ca.crt")
    tls.verify_mode = ssl.CERT_REQUIRED  # nobody but the API server's aggregator
    tls.load_cert_chain(given.keys / "tls.crt", given.keys / "tls.key")
    server = http.server.ThreadingHTTPServer(("", PORT), handler(Sources(), way=given.way))
    # The handshake in the thread of the connection: a probe that says nothing must not keep the others waiting.
    server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.serve_forever()


if __name__ == "__main__":
    main()
