"""The configuration files of a node's components, each value with its reason where that is not its name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ai_conformance.lab.addresses import Addresses
from ai_conformance.lab.images import PAUSE
from ai_conformance.lab.versions import KubernetesRelease


def containerd(*, runc: Path, plugins: Path, networks: Path) -> str:
    """containerd 2's configuration. ``restrict_oom_score_adj``: without CAP_SYS_RESOURCE no sandbox starts
    otherwise."""
    return f"""version = 3
root = "/var/lib/containerd"
state = "/run/containerd"
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "{PAUSE}"
[plugins."io.containerd.cri.v1.runtime"]
  enable_cdi = true
  cdi_spec_dirs = ["/var/run/cdi"]
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.cri.v1.runtime".cni]
    bin_dirs = ["{plugins}"]
    conf_dir = "{networks}"
  [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
      BinaryName = "{runc}"
      SystemdCgroup = false
"""


def cni_network(addresses: Addresses, *, number: int) -> dict[str, Any]:
    """Pods are routed (``ptp``), not bridged: Services then work between pods of one node without br_netfilter."""
    return {
        "cniVersion": "1.0.0",
        "name": "lab",
        "plugins": [
            {
                "type": "ptp",
                "ipMasq": False,
                "ipam": {
                    "type": "host-local",
                    "ranges": [[{"subnet": addresses.node_pods(number)}]],
                    "routes": [{"dst": "0.0.0.0/0"}],
                },
            },
            {"type": "portmap", "backend": "nftables", "capabilities": {"portMappings": True}},
        ],
    }


def kubelet(
    addresses: Addresses,
    *,
    number: int,
    node: str,
    folder: Path,
    pki: Path,
    version: KubernetesRelease,
    reserved_bytes: int,
) -> dict[str, Any]:
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        # Hosts with the old hierarchy are supported by the kubelet up to 1.37, if told so.
        "failCgroupV1": False,
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{addresses.cgroup}/{node}",
        "containerRuntimeEndpoint": "unix:///run/containerd/containerd.sock",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": f"{pki}/ca.crt"},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": f"{pki}/{node}.crt",
        "tlsPrivateKeyFile": f"{pki}/{node}.key",
        # Seen from the host, which asks for it after a restart; the node's own loopback is not.
        "healthzBindAddress": addresses.node(number),
        "clusterDNS": [addresses.dns_service],
        # What a device plugin offers reaches the API with the next look at the node's status: look every second, but
        # report only what has changed.
        "nodeStatusUpdateFrequency": "1s",
        "nodeStatusReportFrequency": "5m",
        # A claim that is asked for before the API server's node authorizer knows of the pod is refused, and the kubelet
        # tries again only with the next look at all pods: by default after a minute.
        "syncFrequency": "5s",
        "clusterDomain": "cluster.local",
        "resolvConf": f"{folder}/resolv.conf",
        "failSwapOn": False,
        # Nodes share the host's disk and memory: evict late, never collect images, which cannot be pulled again.
        "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
        "imageGCHighThresholdPercent": 100,
        "imageGCLowThresholdPercent": 99,
        "systemReserved": {"memory": str(reserved_bytes)},
        "volumePluginDir": "/var/lib/kubelet/volumeplugins",
        "featureGates": dict.fromkeys(version.feature_gates, True),
    }


def kube_proxy(addresses: Addresses, *, node: str, pki: Path) -> dict[str, Any]:
    """kube-proxy over nftables. Zeros for conntrack mean: leave the host's limits, which are not ours to set."""
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "nftables",
        "hostnameOverride": node,
        "clusterCIDR": addresses.pods,
        "clientConnection": {"kubeconfig": f"{pki}/kube-proxy.conf"},
        "conntrack": {"maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
    }
