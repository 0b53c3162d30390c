"""Keeps the node's ResourceSlices as they should be, whoever else touches them.

A kubelet that starts deletes the slices of its drivers, at a moment of its own choosing; it does not do to write them
once. One thread compares and repairs; another watches and wakes it.
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable

from ai_conformance.lab.accelerators import slices
from ai_conformance.lab.accelerators.api import ApiError, Client
from ai_conformance.lab.accelerators.config import AcceleratorConfig
from ai_conformance.lab.accelerators.switches import Switch

_RETRY_S = 0.25
"""Between attempts while the API server or the Node object is not there yet: soon after both have come up."""
_WATCH_S = 300


class Publisher:
    """Publishes what the switches ask for, from the first registration on; before it the kubelet cleans up."""

    def __init__(
        self, config: AcceleratorConfig, *, api: Client, published: Callable[[frozenset[Switch]], None]
    ) -> None:
        self._config, self._api, self._published = config, api, published
        self._path = f"{slices.RESOURCE}?fieldSelector=spec.nodeName={config.node},spec.driver={config.flavour.driver}"
        self._wake = threading.Event()
        self._stopped = threading.Event()
        self._registered = False
        self._switches: frozenset[Switch] = frozenset()

    def start(self) -> None:
        """Start both threads; they end with the process."""
        threading.Thread(target=self._keep, name="publisher", daemon=True).start()
        threading.Thread(target=self._watch, name="slice-watch", daemon=True).start()

    def registered(self) -> None:
        """The kubelet has accepted the driver."""
        self._registered = True
        self._wake.set()

    def switch(self, switches: frozenset[Switch]) -> None:
        """Publish by these switches from now on."""
        self._switches = switches
        self._wake.set()

    def stop(self) -> None:
        """Start nothing new; what is under way ends with the process."""
        self._stopped.set()
        self._wake.set()

    def _keep(self) -> None:
        while not self._stopped.is_set():
            self._wake.wait()
            self._wake.clear()
            if not self._registered:
                continue
            switches = self._switches
            try:
                self._reconcile(switches)
            except (ApiError, OSError, http.client.HTTPException) as error:
                print(f"slices not published yet: {error}", flush=True)  # noqa: T201 - the process's log
                self._stopped.wait(_RETRY_S)
                self._wake.set()
            else:
                self._published(switches)

    def _reconcile(self, switches: frozenset[Switch]) -> None:
        node = self._api.request("GET", f"/api/v1/nodes/{self._config.node}")["metadata"]
        owner = {"apiVersion": "v1", "kind": "Node", "name": self._config.node, "uid": node["uid"]}
        found = self._api.request("GET", self._path)["items"]
        wanted = slices.desired(self._config, switches=switches)
        for change in slices.changes(wanted, found=found, owner=owner):
            path = slices.RESOURCE if change.verb is slices.Verb.CREATE else f"{slices.RESOURCE}/{change.name}"
            self._api.request(change.verb.value, path, body=change.body)
            print(f"slice {change.name}: {change.verb.name.lower()}", flush=True)  # noqa: T201 - the process's log

    def _watch(self) -> None:
        while not self._stopped.is_set():
            try:
                for event in self._api.watch(self._path, timeout_s=_WATCH_S):
                    if event["type"] == "DELETED":
                        self._wake.set()
            except (ApiError, OSError, http.client.HTTPException, ValueError):
                # The server is down or restarting; whatever was missed shows in the comparison.
                self._stopped.wait(_RETRY_S * 4)
                self._wake.set()
