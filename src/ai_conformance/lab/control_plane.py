"""etcd and Kubernetes' control plane: their flags, each with its reason where that is not its name."""

from __future__ import annotations

import secrets
from pathlib import Path

from ai_conformance.lab import pki
from ai_conformance.lab.addresses import Addresses
from ai_conformance.lab.files import write_atomically
from ai_conformance.lab.registry import LabRecord
from ai_conformance.lab.versions import KubernetesRelease

USERS = ("kube-controller-manager", "kube-scheduler", "kube-proxy")


def write_credentials(lab: LabRecord) -> None:
    """All certificates and kubeconfigs of a lab, the administrator's readable by the owner alone."""
    addresses, folder = lab.addresses, lab.pki
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    ca = pki.authority("ai-conformance-lab")
    front = pki.authority("ai-conformance-lab-front-proxy")
    write_atomically(folder / "ca.crt", ca.certificate_pem)
    write_atomically(folder / "ca.key", ca.key_pem, mode=0o600)
    write_atomically(folder / "front-ca.crt", front.certificate_pem)
    service = "kubernetes.default.svc"
    pki.issue(
        ca,
        common_name="kube-apiserver",
        dns_names=("kubernetes", "kubernetes.default", service, f"{service}.cluster.local", "localhost"),
        addresses=(addresses.control_plane, addresses.api_service),
    ).save(folder, "apiserver")
    pki.issue(ca, common_name="kube-apiserver-kubelet-client", organization="system:masters").save(
        folder, "kubelet-client"
    )
    pki.issue(front, common_name="front-proxy-client").save(folder, "front-client")
    pki.service_account_keys(folder)

    def kubeconfig(client: pki.Pair, *, user: str, path: Path) -> None:
        text = pki.kubeconfig(
            server=addresses.api_server,
            authority_pem=ca.certificate_pem,
            client=client,
            cluster=f"ai-conformance-lab-{lab.name}",
            user=user,
        )
        write_atomically(path, text, mode=0o600)

    for user in USERS:
        kubeconfig(pki.issue(ca, common_name=f"system:{user}"), user=user, path=folder / f"{user}.conf")
    for number, node in enumerate(lab.options.node_names, start=1):
        pair = pki.issue(
            ca,
            common_name=f"system:node:{node}",
            organization="system:nodes",
            dns_names=(node,),
            addresses=(addresses.node(number),),
        )
        pair.save(folder, node)
        kubeconfig(pair, user=node, path=folder / f"{node}.conf")
    admin = pki.issue(ca, common_name=f"lab-admin-{secrets.token_hex(3)}", organization="system:masters")
    kubeconfig(admin, user="lab-admin", path=lab.kubeconfig)


def feature_gates(version: KubernetesRelease) -> str:
    return ",".join(f"{gate}=true" for gate in version.feature_gates)


def etcd(addresses: Addresses, *, data: Path) -> list[str]:
    """etcd without fsync: the lab's data is thrown away, and disks are slow."""
    return [
        "etcd",
        f"--data-dir={data}",
        "--unsafe-no-fsync",
        f"--listen-client-urls={addresses.etcd}",
        f"--advertise-client-urls={addresses.etcd}",
        f"--listen-peer-urls={addresses.etcd_peer}",
        f"--initial-advertise-peer-urls={addresses.etcd_peer}",
        f"--initial-cluster=default={addresses.etcd_peer}",
    ]


def api_server(lab: LabRecord, *, binaries: Path, version: KubernetesRelease) -> list[str]:
    addresses, keys = lab.addresses, lab.pki
    return [
        str(binaries / "kube-apiserver"),
        f"--etcd-servers={addresses.etcd}",
        f"--bind-address={addresses.control_plane}",
        f"--advertise-address={addresses.control_plane}",
        "--secure-port=6443",
        f"--tls-cert-file={keys}/apiserver.crt",
        f"--tls-private-key-file={keys}/apiserver.key",
        f"--client-ca-file={keys}/ca.crt",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={keys}/sa.pub",
        f"--service-account-signing-key-file={keys}/sa.key",
        f"--service-cluster-ip-range={addresses.services}",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--allow-privileged=true",
        f"--kubelet-client-certificate={keys}/kubelet-client.crt",
        f"--kubelet-client-key={keys}/kubelet-client.key",
        f"--kubelet-certificate-authority={keys}/ca.crt",
        "--kubelet-preferred-address-types=InternalIP",
        f"--requestheader-client-ca-file={keys}/front-ca.crt",
        "--requestheader-allowed-names=front-proxy-client",
        "--requestheader-username-headers=X-Remote-User",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        f"--proxy-client-cert-file={keys}/front-client.crt",
        f"--proxy-client-key-file={keys}/front-client.key",
        # Webhooks and aggregated APIs may then be endpoints of a Service, without kube-proxy on the host.
        "--enable-aggregator-routing=true",
        f"--runtime-config={','.join(version.runtime_config)}",
        f"--feature-gates={feature_gates(version)}",
    ]


def _client(lab: LabRecord, name: str, *, version: KubernetesRelease) -> list[str]:
    config = lab.pki / f"{name}.conf"
    return [
        f"--kubeconfig={config}",
        f"--authentication-kubeconfig={config}",
        f"--authorization-kubeconfig={config}",
        "--leader-elect=false",
        f"--bind-address={lab.addresses.control_plane}",
        f"--feature-gates={feature_gates(version)}",
    ]


def controller_manager(lab: LabRecord, *, binaries: Path, version: KubernetesRelease) -> list[str]:
    keys = lab.pki
    return [
        str(binaries / "kube-controller-manager"),
        *_client(lab, "kube-controller-manager", version=version),
        f"--service-account-private-key-file={keys}/sa.key",
        f"--root-ca-file={keys}/ca.crt",
        f"--cluster-signing-cert-file={keys}/ca.crt",
        f"--cluster-signing-key-file={keys}/ca.key",
        "--use-service-account-credentials",
        "--allocate-node-cidrs=false",
        # Each controller asks for a token of its own at the start; at the default 20 a second that alone takes seconds.
        "--kube-api-qps=200",
        "--kube-api-burst=300",
        # By default an autoscaler looks every 15 s, and trusts a new pod's values after 30.
        "--horizontal-pod-autoscaler-sync-period=2s",
        "--horizontal-pod-autoscaler-initial-readiness-delay=2s",
    ]


def scheduler(lab: LabRecord, *, binaries: Path, version: KubernetesRelease) -> list[str]:
    return [str(binaries / "kube-scheduler"), *_client(lab, "kube-scheduler", version=version)]
