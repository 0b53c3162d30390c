"""The meddler's process: `python -m ai_conformance.lab.meddling --way WAY`."""

from __future__ import annotations

import argparse
import http.client
import http.server
import time
import urllib.parse

from ai_conformance.lab.meddling import BEHIND, PORT, Meddling
from ai_conformance.lab.meddling.answers import Memory, constant

_TIMEOUT_S = 10
_QUERY = "/api/v1/query"


def handler(meddling: Meddling) -> type[http.server.BaseHTTPRequestHandler]:
    """The class that passes requests on, and changes answers to queries."""
    memory = Memory(meddling)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """Pass on; an answer to a query is changed."""
            address = urllib.parse.urlsplit(self.path)
            if meddling is Meddling.CONSTANT and address.path == _QUERY:
                self._answer(200, constant(time.time()))
                return
            connection = http.client.HTTPConnection("127.0.0.1", BEHIND, timeout=_TIMEOUT_S)
            try:
                connection.request("GET", self.path)
                said = connection.getresponse()
                body = said.read()
            except (OSError, http.client.HTTPException) as error:
                self._answer(503, f"not yet: {error}\n".encode())
                return
            finally:
                connection.close()
            if address.path == _QUERY and said.status == 200:
                body = memory.changed(body, query=urllib.parse.parse_qs(address.query).get("query", [""])[0])
            self._answer(said.status, body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Queries are not worth a line each."""

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json" if status == 200 else "text/plain")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="python -m ai_conformance.lab.meddling", description=__doc__)
    parser.add_argument("--way", type=Meddling, choices=list(Meddling), required=True)
    way = parser.parse_args().way
    http.server.ThreadingHTTPServer(("", PORT), handler(way)).serve_forever()


if __name__ == "__main__":
    main()
