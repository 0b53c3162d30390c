"""The exporter's process: `python -m ai_conformance.lab.exporter --folder FOLDER`, with FOLDER/devices.json."""

from __future__ import annotations

import argparse
import http.server
import sys
import threading
import time
from pathlib import Path

import grpc
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from ai_conformance.lab.accelerators.config import AcceleratorConfig
from ai_conformance.lab.exporter import DEVICES, FAULTS, PORT, distortions, pages
from ai_conformance.lab.exporter.distortions import Distortion
from ai_conformance.lab.exporter.gauges import Sampler
from ai_conformance.lab.exporter.holders import Kubelet
from ai_conformance.lab.exporter.pages import Page, Series


class Exporter:
    """Answers a scrape."""

    def __init__(self, config: AcceleratorConfig, *, kubelet: Kubelet, sampler: Sampler, faults: Path) -> None:
        self._config, self._kubelet, self._sampler, self._faults = config, kubelet, sampler, faults
        self._lock = threading.Lock()
        self._frozen: bytes | None = None

    def page(self) -> bytes:
        """The page now. Raises grpc.RpcError where the kubelet does not answer."""
        faults = distortions.active(self._faults)
        with self._lock:
            if Distortion.STALE not in faults:
                self._frozen = None
            elif self._frozen is not None:
                return self._frozen
        text = pages.render(self._collector(faults))
        with self._lock:
            if Distortion.STALE in faults:
                self._frozen = text
        return text

    def _collector(self, faults: frozenset[Distortion]) -> Collector:
        if Distortion.STATIC_PAGE in faults:
            return distortions.StaticPage()
        holders = self._kubelet.holders()
        readings = self._sampler.readings(holders={index: len(held) for index, held in holders.items()})
        stamp = time.time() if Distortion.STALE in faults else None
        series = [
            Series(
                device=one, reading=readings[one.index], holder=next(iter(holders.get(one.index, ())), None), at_s=stamp
            )
            for one in self._config.devices
        ]
        without = pages.COPY_ONLY if Distortion.COPY_ENGINE_ONLY in faults else frozenset()
        return Page(self._config, distortions.distorted(series, faults=faults), without=without)


def handler(exporter: Exporter) -> type[http.server.BaseHTTPRequestHandler]:
    """The class that answers requests for an exporter."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """Answer ``/metrics``; ``/healthz`` tells that the kubelet answers too."""
            if self.path.split("?")[0] not in ("/metrics", "/healthz"):
                self._answer(404, b"there is only /metrics\n")
                return
            try:
                self._answer(200, exporter.page())
            except grpc.RpcError as error:
                self._answer(503, f"the kubelet's pod-resources API does not answer: {error.code()}\n".encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Scrapes are not worth a line each."""

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", CONTENT_TYPE_PLAIN_0_0_4 if status == 200 else "text/plain")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="python -m ai_conformance.lab.exporter", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    folder = parser.parse_args().folder
    try:
        config = AcceleratorConfig.read(folder / DEVICES)
        sampler = Sampler(config.devices, memory_bytes=config.flavour.model(config.node_index).memory_bytes)
        sampler.start()
    except (OSError, KeyError, ValueError, IndexError) as error:
        sys.exit(f"the devices cannot be read: {error!r}")
    exporter = Exporter(config, kubelet=Kubelet(config), sampler=sampler, faults=folder / FAULTS)
    server = http.server.ThreadingHTTPServer(("", PORT), handler(exporter))
    print(f"{len(config.devices)} devices of {config.node} on port {PORT}", flush=True)  # noqa: T201 - the log
    server.serve_forever()


if __name__ == "__main__":
    main()
