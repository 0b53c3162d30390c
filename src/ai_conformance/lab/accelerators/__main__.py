"""The accelerator process of one node: `python -m ai_conformance.lab.accelerators --config FILE`.

One process for both mechanisms, because most of its memory is the interpreter and gRPC. It prints `ready` once the
kubelet knows everything that it offers and the API server has the slices; it goes on until SIGTERM.
"""

from __future__ import annotations

import argparse
import os
import select
import signal
import sys
import threading
from pathlib import Path

import grpc

from ai_conformance.lab.accelerators import inotify, plugin
from ai_conformance.lab.accelerators import switches as switchboard
from ai_conformance.lab.accelerators.api import Client
from ai_conformance.lab.accelerators.config import AcceleratorConfig
from ai_conformance.lab.accelerators.dra import DraDriver
from ai_conformance.lab.accelerators.flavours import Mechanism
from ai_conformance.lab.accelerators.publisher import Publisher
from ai_conformance.lab.accelerators.switches import Switch


class AcceleratorProcess:
    """Starts the mechanisms, follows the switches and the kubelet, and says what has taken effect."""

    def __init__(self, config: AcceleratorConfig) -> None:
        self._config = config
        self._folder = config.faults_dir
        self._folder.mkdir(parents=True, exist_ok=True)
        self._switches = switchboard.active(self._folder)
        self._lock = threading.Lock()
        self._waiting = set(config.mechanism.singles)
        self._publisher: Publisher | None = None
        self._driver: DraDriver | None = None
        self._plugin: plugin.DevicePlugin | None = None
        singles = config.mechanism.singles
        if Mechanism.DRA in singles:
            api = Client.with_files(
                config.server,
                ca_file=config.ca_file,
                certificate_file=config.certificate_file,
                key_file=config.key_file,
            )
            self._publisher = Publisher(config, api=api, published=self._published)
            self._driver = DraDriver(
                config, api=api, switches=lambda: self._switches, registered=self._publisher.registered
            )
        if Mechanism.DEVICE_PLUGIN in singles:
            self._plugin = plugin.DevicePlugin(
                config, switches=lambda: self._switches, listed=lambda: self._done(Mechanism.DEVICE_PLUGIN)
            )

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT."""
        stop_read, stop_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(stop_write)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)  # the wake-up descriptor ends the loop
        with inotify.Watch() as watch:
            watch.add(self._folder)
            if self._publisher is None:
                switchboard.acknowledge(self._folder, switches=self._switches)
            if self._publisher is not None and self._driver is not None:
                self._publisher.switch(self._switches)
                self._publisher.start()
                self._driver.start()
            if self._plugin is not None:
                plugin.FOLDER.mkdir(parents=True, exist_ok=True)
                watch.add(plugin.FOLDER)
                self._register()
            poller = select.poll()
            poller.register(stop_read, select.POLLIN)
            poller.register(watch, select.POLLIN)
            while all(descriptor != stop_read for descriptor, _ in poller.poll()):
                paths = watch.read()
                if plugin.KUBELET_SOCKET in paths:
                    self._register()
                if any(path.parent == self._folder for path in paths):
                    self._follow()
        if self._publisher is not None:
            self._publisher.stop()
        if self._plugin is not None:
            self._plugin.stop()
        if self._driver is not None:
            self._driver.stop()

    def _register(self) -> None:
        if self._plugin is None or not plugin.KUBELET_SOCKET.exists():
            return
        try:
            self._plugin.register()
        except grpc.RpcError as error:
            print(f"device plugin: the kubelet does not answer ({error}); waiting for the next", flush=True)  # noqa: T201

    def _follow(self) -> None:
        self._switches = switchboard.active(self._folder)
        if self._plugin is not None:
            self._plugin.refresh()
        if self._publisher is not None:
            self._publisher.switch(self._switches)
        else:
            switchboard.acknowledge(self._folder, switches=self._switches)

    def _published(self, switches: frozenset[Switch]) -> None:
        switchboard.acknowledge(self._folder, switches=switches)
        self._done(Mechanism.DRA)

    def _done(self, mechanism: Mechanism) -> None:
        """Cross off a mechanism; the last one makes the process ready."""
        with self._lock:
            if mechanism not in self._waiting:
                return
            self._waiting.remove(mechanism)
            if not self._waiting:
                print("ready", flush=True)  # noqa: T201 - the agreed sign for whoever started us


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="python -m ai_conformance.lab.accelerators", description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    try:
        config = AcceleratorConfig.read(parser.parse_args().config)
    except (OSError, KeyError, ValueError) as error:
        sys.exit(f"the configuration cannot be read: {error!r}")
    try:
        AcceleratorProcess(config).run()
    except OSError as error:
        sys.exit(f"the accelerators of {config.node} cannot be served: {error}")


if __name__ == "__main__":
    main()
