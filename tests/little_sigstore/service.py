"""The little Sigstore over HTTP on loopback: what the library asks Fulcio and Rekor when it signs."""

from __future__ import annotations

import base64
import contextlib
import datetime
import functools
import http.server
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from little_sigstore.deployment import Deployment


class Refusing:
    """Which of the services refuses, and how; none at first."""

    def __init__(self) -> None:
        self.certificates: int = 0
        self.entries: int = 0
        self.timestamps: int = 0


@contextlib.contextmanager
def running(deployment: Deployment) -> Iterator[tuple[str, Refusing]]:
    """Where the services are, for as long as they run."""
    refusing = Refusing()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/api/v2/signingCert":
                self._answer(refusing.certificates, lambda: _certified(deployment, asked, self.headers))
            elif self.path == "/api/v1/log/entries":
                self._answer(refusing.entries, lambda: _logged(deployment, asked))
            else:
                assert self.path == "/api/v1/timestamp"
                assert deployment.timestamps
                self._answer(refusing.timestamps, functools.partial(deployment.timestamps.answer, asked))

        def _answer(self, refusal: int, answer: Callable[[], object]) -> None:
            said = {"code": refusal, "message": "not today"} if refusal else answer()
            body = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(refusal or 201)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the library's name
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        # The default of half a second would be the time that each test takes to end.
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", refusing
        finally:
            server.shutdown()
            thread.join()


def _certified(deployment: Deployment, asked: bytes, headers: Any) -> dict[str, Any]:
    request = x509.load_pem_x509_csr(base64.b64decode(json.loads(asked)["certificateSigningRequest"]))
    assert request.is_signature_valid
    encoded = headers["Authorization"].removeprefix("Bearer ").split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(f"{encoded}=="))
    # As certificates know of no fractions of a second.
    now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    issued = deployment.authority.issue(request.public_key(), identity=claims["sub"], issuer=claims["iss"], at=now)
    chain = [one.public_bytes(Encoding.PEM).decode() for one in (issued, deployment.authority.root)]
    return {"signedCertificateEmbeddedSct": {"chain": {"certificates": chain}}}


def _logged(deployment: Deployment, asked: bytes) -> dict[str, Any]:
    proposed = json.loads(asked)["spec"]["proposedContent"]
    certificate = x509.load_pem_x509_certificate(base64.b64decode(proposed["verifiers"][0]))
    now = datetime.datetime.now(datetime.UTC)
    return {"0" * 64: deployment.log.add(json.loads(proposed["envelope"]), certificate, at=now)}
