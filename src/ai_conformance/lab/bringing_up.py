"""``lab up``: everything that can run side by side does; nothing starts before what it needs answers."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import http.client
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol

from ai_conformance.lab import binaries, control_plane, images, network, packages, registry, taking_down, watches
from ai_conformance.lab.accelerators.api import Client
from ai_conformance.lab.accelerators.flavours import Mechanism, device_classes, flavour_of
from ai_conformance.lab.errors import LabError
from ai_conformance.lab.launcher import Launcher
from ai_conformance.lab.node import Node
from ai_conformance.lab.options import LabOptions
from ai_conformance.lab.paths import cache_root
from ai_conformance.lab.processes import ProcessRecord, load_records
from ai_conformance.lab.registry import LabRecord, Phase
from ai_conformance.lab.versions import release
from ai_conformance.lab.waiting import ProcessEndedError, WaitTimeoutError, poll_until

API_TIMEOUT_S = 90.0
WATCH_TIMEOUT_S = 90


class Progress(Protocol):
    """Who hears how far a command has come."""

    def __call__(self, step: str) -> None:
        """``step`` is done."""


def silent(step: str) -> None:
    """A Progress that says nothing."""
    del step


def up(options: LabOptions, *, state: Path | None = None, progress: Progress = silent) -> tuple[LabRecord, bool]:
    """Bring a lab up, or find it up; give it back and whether it was up already.

    A lab that is half up or broken, or has other options, is taken down first.

    Raises:
        LabError: it could not be done; what there is of the lab stays, for its logs, until ``down`` or the next ``up``.
    """
    prepared = prepare(options, progress=progress)
    with registry.working_on(options.name):
        existing = registry.find(options.name)
        if existing is not None:
            if state is not None and state.absolute() != existing.state:
                raise LabError(
                    f"Lab {options.name!r} is up in {existing.state}.",
                    remedy="Take it down first, or choose another --name.",
                )
            if existing.options == options and healthy(existing):
                return existing, True
            state = existing.state
            taking_down.take_down(existing)
            progress("what was left of it taken down")
        watches.require(options.nodes)
        record = registry.claim(options, state=state)
        record = dataclasses.replace(record, kubernetes=prepared.binaries.release.patch)
        record.save()
        try:
            _start(record, prepared, progress=progress)
        except KeyboardInterrupt:
            taking_down.take_down(record)
            raise
        record = dataclasses.replace(record, phase=Phase.RUNNING)
        record.save()
        return record, False


def healthy(record: LabRecord) -> bool:
    """Whether the lab was up and every process of it still runs."""
    records = load_records(record.pids) if record.pids.exists() else []
    return record.phase is Phase.RUNNING and bool(records) and all(process.running for process in records)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Prepared:
    """What comes from the cache."""

    packages: packages.Packages
    binaries: binaries.Binaries
    images: Path


def prepare(options: LabOptions, *, progress: Progress = silent) -> Prepared:
    """Fetch and build what the cache lacks: packages, images, Kubernetes."""
    cache = cache_root()
    unpacked = packages.ensure(cache)
    progress("packages at hand")
    archive = images.ensure(cache, busybox=unpacked.busybox)
    if options.kubernetes_binaries is None and not binaries.cached(cache, version=release(options.kubernetes)):
        progress(f"building Kubernetes {options.kubernetes}: once, for about ten minutes on two cores")
    built = binaries.ensure(cache, options=options, progress=progress)
    progress(f"Kubernetes {built.release.patch} at hand")
    return Prepared(packages=unpacked, binaries=built, images=archive)


def nodes_of(launcher: Launcher, prepared: Prepared) -> list[Node]:
    return [
        Node(
            launcher=launcher,
            number=number,
            name=name,
            packages=prepared.packages,
            binaries=prepared.binaries.folder,
            version=prepared.binaries.release,
        )
        for number, name in enumerate(launcher.lab.options.node_names, start=1)
    ]


def _start(record: LabRecord, prepared: Prepared, *, progress: Progress) -> None:
    launcher = Launcher(record, search_path=prepared.packages.search_path)
    folder, version = prepared.binaries.folder, prepared.binaries.release
    nodes = nodes_of(launcher, prepared)
    network.create_bridge(record.addresses)
    etcd = launcher.start("etcd", control_plane.etcd(record.addresses, data=record.state / "etcd"))
    control_plane.write_credentials(record)
    command = control_plane.api_server(record, binaries=folder, version=version)
    server = launcher.start("kube-apiserver", command)
    progress("certificates made, API server started")
    with concurrent.futures.ThreadPoolExecutor(max_workers=2 * len(nodes)) as pool:
        creating = [pool.submit(node.create, images=prepared.images) for node in nodes]
        for node in nodes:
            node.create_devices()
        api = Client.with_kubeconfig(record.kubeconfig)
        _named(launcher, [etcd, server], lambda: _wait_ready(api, [etcd, server]))
        progress("API server ready")
        wait_all(creating)
        progress("containerd running, images imported")
        manager = control_plane.controller_manager(record, binaries=folder, version=version)
        started = [launcher.start("kube-controller-manager", manager)]
        wait_all([pool.submit(node.start_kubelet) for node in nodes])
        scheduler = control_plane.scheduler(record, binaries=folder, version=version)
        started.append(launcher.start("kube-scheduler", scheduler))
        _create_objects(api, record)
        wait_all([pool.submit(node.start_proxy) for node in nodes])
        if record.options.accelerators:
            drivers = [node.start_accelerators() for node in nodes]
            _named(
                launcher,
                drivers,
                lambda: wait_all(
                    [pool.submit(node.wait_accelerators, driver) for node, driver in zip(nodes, drivers, strict=True)]
                ),
            )
            progress("devices registered and published")
        wait_usable(api, record, progress=progress)


def wait_all(futures: Iterable[concurrent.futures.Future[Any]]) -> None:
    """Wait for all and raise the first error."""
    for future in concurrent.futures.as_completed(list(futures)):
        future.result()


def _named(launcher: Launcher, records: list[ProcessRecord], wait: Callable[[], None]) -> None:
    """Wait; if it fails, say which component it was and what that logged last."""
    try:
        wait()
    except (ProcessEndedError, WaitTimeoutError) as error:
        ended = [record.component for record in records if not record.running]
        blamed = ended or [record.component for record in records]
        tails = "\n".join(f"  {name} logged last:\n{launcher.tail(name)}" for name in blamed)
        what = f"{', '.join(ended)} ended." if ended else error.what
        raise LabError(
            what,
            remedy=f"{tails}\n`ai-conformance lab logs {blamed[0]} --name {launcher.lab.name}` shows all; "
            f"`ai-conformance lab down --name {launcher.lab.name}` removes what there is.",
        ) from error


def _wait_ready(api: Client, records: list[ProcessRecord]) -> None:
    """Wait until the API server is ready. Not earlier: during its RBAC set-up the controller manager would exit."""

    def ready() -> bool | None:
        try:
            return api.probe("/readyz") or None
        except (OSError, http.client.HTTPException):
            return None

    poll_until(ready, what="the API server", timeout_s=API_TIMEOUT_S, processes=[record.pid for record in records])


def _create_objects(api: Client, record: LabRecord) -> None:
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "lab:kube-proxy"},
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "ClusterRole",
            "name": "system:node-proxier",
        },
        "subjects": [{"kind": "User", "name": "system:kube-proxy"}],
    }
    api.request("POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", body=binding)
    options = record.options
    if options.accelerators:
        for device_class in device_classes(options.vendor, mechanism=options.mechanism):
            api.request("POST", "/apis/resource.k8s.io/v1/deviceclasses", body=device_class)


def wait_usable(api: Client, record: LabRecord, *, progress: Progress = silent) -> None:
    """Wait until pods are accepted: nodes ready, devices in the API, and the service account that every pod needs."""
    options = record.options
    names = set(options.node_names)
    plugin = options.accelerators and Mechanism.DEVICE_PLUGIN in options.mechanism.singles
    resource = flavour_of(options.vendor).extended_resource

    def node_ready(node: dict[str, Any]) -> bool:
        status = node.get("status", {})
        ready = any(c["type"] == "Ready" and c["status"] == "True" for c in status.get("conditions", []))
        offered = status.get("allocatable", {}).get(resource, "0")
        return ready and (not plugin or offered == str(options.accelerators))

    watch_until(
        api,
        "/api/v1/nodes",
        lambda items: {name for name, node in items.items() if node_ready(node)} >= names,
        what="the nodes to be ready",
    )
    progress("nodes ready with their devices")
    if options.accelerators and Mechanism.DRA in options.mechanism.singles:
        watch_until(
            api,
            "/apis/resource.k8s.io/v1/resourceslices",
            lambda items: {slice_["spec"].get("nodeName") for slice_ in items.values()} >= names,
            what="the devices of every node to be published",
        )
    watch_until(
        api,
        "/api/v1/namespaces/default/serviceaccounts",
        lambda items: "default" in items,
        what="the default service account",
    )
    progress("usable")


def watch_until(api: Client, path: str, done: Callable[[dict[str, dict[str, Any]]], bool], *, what: str) -> None:
    """Follow a collection until ``done`` of its objects by name.

    Raises:
        LabError: not within WATCH_TIMEOUT_S.
    """
    listing = api.request("GET", path)
    items: dict[str, dict[str, Any]] = {item["metadata"]["name"]: item for item in listing["items"]}
    if done(items):
        return
    version = listing["metadata"]["resourceVersion"]
    for event in api.watch(f"{path}?resourceVersion={version}", timeout_s=WATCH_TIMEOUT_S):
        name = event["object"]["metadata"]["name"]
        if event["type"] == "DELETED":
            items.pop(name, None)
        else:
            items[name] = event["object"]
        if done(items):
            return
    raise LabError(
        f"Waited {WATCH_TIMEOUT_S} s in vain for {what}.",
        remedy="`ai-conformance lab status` shows the components, `ai-conformance lab logs COMPONENT` what they say.",
    )
