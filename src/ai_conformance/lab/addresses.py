"""Everything that has to differ between two labs on one machine, derived from one small number."""

from __future__ import annotations

import dataclasses
import ipaddress

MAX_INDEX = 40
FIRST_OCTET = 200
"""10.201.0.0/16 belongs to lab 1 and so on: high numbers are rarer in home, office and cloud networks than low ones."""


@dataclasses.dataclass(frozen=True)
class Addresses:
    """Names and networks of lab number ``index`` (1 to MAX_INDEX).

    Its /16 is shared out so: 10.X.0.0/24 the bridge, 10.X.64.0/18 pods (a /24 per node), 10.X.128.0/17 Services.
    Pods and
    bridge do not overlap because kube-proxy takes whatever is in the pods' network for local and does not rewrite it.
    """

    index: int

    @property
    def _prefix(self) -> str:
        return f"10.{FIRST_OCTET + self.index}"

    @property
    def network(self) -> ipaddress.IPv4Network:
        return ipaddress.IPv4Network(f"{self._prefix}.0.0/16")

    @property
    def bridge(self) -> str:
        return f"aic{self.index}"

    @property
    def cgroup(self) -> str:
        return f"ai-conformance-{self.index}"

    @property
    def control_plane(self) -> str:
        """Address of the bridge on the host: the API server, controller manager and scheduler listen only here."""
        return f"{self._prefix}.0.1"

    @property
    def loopback(self) -> str:
        """A loopback address of the lab's own for etcd: no pod can reach it and two labs need no two ports."""
        return f"127.0.{FIRST_OCTET + self.index}.1"

    @property
    def api_server(self) -> str:
        return f"https://{self.control_plane}:6443"

    @property
    def etcd(self) -> str:
        return f"http://{self.loopback}:2379"

    @property
    def etcd_peer(self) -> str:
        return f"http://{self.loopback}:2380"

    @property
    def services(self) -> str:
        return f"{self._prefix}.128.0/17"

    @property
    def api_service(self) -> str:
        """The first address of the Services' network: always the Service ``kubernetes``."""
        return f"{self._prefix}.128.1"

    @property
    def dns_service(self) -> str:
        return f"{self._prefix}.128.10"

    @property
    def pods(self) -> str:
        return f"{self._prefix}.64.0/18"

    def node(self, number: int) -> str:
        """Address of node ``number`` (from 1) on the bridge."""
        return f"{self._prefix}.0.{10 + number}"

    def node_pods(self, number: int) -> str:
        return f"{self._prefix}.{64 + number}.0/24"

    def node_link(self, number: int) -> str:
        """Host's end of the node's link; interface names have at most 15 characters."""
        return f"{self.bridge}n{number}"
