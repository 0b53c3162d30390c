"""The faults of a container runtime, as changes to a container's OCI configuration just before runc creates it.

Called by the wrapper of `runtime.py` with runc's own arguments. The functions that decide are pure; what they need to
know of the pod comes from the API, asked as the node, and only by the switches that depend on it.
"""

from __future__ import annotations

import argparse
import dataclasses
import enum
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ai_conformance.lab.accelerators import switches as switchboard
from ai_conformance.lab.accelerators.api import Client
from ai_conformance.lab.accelerators.config import AcceleratorConfig
from ai_conformance.lab.accelerators.devices import FakeDevice
from ai_conformance.lab.accelerators.flavours import Flavour, Vendor, flavour_of
from ai_conformance.lab.accelerators.switches import Switch

_TYPE = "io.kubernetes.cri.container-type"
_NAME = "io.kubernetes.cri.container-name"
_SANDBOX = "io.kubernetes.cri.sandbox-id"
_POD_NAME = "io.kubernetes.cri.sandbox-name"
_POD_NAMESPACE = "io.kubernetes.cri.sandbox-namespace"

_ASK_THE_API = frozenset(
    {
        Switch.RUNTIME_SIBLING,
        Switch.RUNTIME_INIT_CONTAINER,
        Switch.RUNTIME_EPHEMERAL_CONTAINER,
        Switch.RUNTIME_ANNOTATION,
    }
)


class Role(enum.Enum):
    """What a container is in its pod."""

    REGULAR = enum.auto()
    INIT = enum.auto()
    EPHEMERAL = enum.auto()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What the container's own configuration does not say."""

    role: Role = Role.REGULAR
    pod_requests: bool = False
    """Some container of the pod asks for an accelerator."""
    annotations: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """The pod's annotations."""
    pod_devices: tuple[FakeDevice, ...] = ()
    """What other containers of the pod hold now."""


def edit(
    config: dict[str, Any],
    *,
    switches: frozenset[Switch],
    devices: Sequence[FakeDevice],
    flavour: Flavour,
    around: Surroundings,
) -> dict[str, Any]:
    """The configuration as the misconfigured runtime would have written it; the given one is changed."""
    if config.get("annotations", {}).get(_TYPE) == "sandbox":
        return config
    held = holds(config, devices=devices)
    extra: list[FakeDevice] = []
    if Switch.RUNTIME_EVERY_CONTAINER in switches:
        extra.extend(devices)
    if not held and around.pod_requests:
        leaking = {
            Role.REGULAR: Switch.RUNTIME_SIBLING,
            Role.INIT: Switch.RUNTIME_INIT_CONTAINER,
            Role.EPHEMERAL: Switch.RUNTIME_EPHEMERAL_CONTAINER,
        }
        if leaking[around.role] in switches:
            extra.extend(around.pod_devices or devices[:1])
    if Switch.RUNTIME_ENVIRONMENT in switches:
        for value in _visible_variables(config):
            extra.extend(named(value, devices=devices))
    if Switch.RUNTIME_VOLUME in switches:
        for value in _visible_mounts(config):
            extra.extend(named(value, devices=devices))
    # A vendor's runtime names whole devices in CDI as its extended resource; its DRA driver has a kind of its own.
    kinds = (f"{flavour.cdi_kind}=", f"{flavour.extended_resource}=")
    if Switch.RUNTIME_ANNOTATION in switches and any(
        key.startswith("cdi.k8s.io/") and value.startswith(kinds) for key, value in around.annotations.items()
    ):
        extra.extend(devices)
    for device in extra:
        _add(config, device, path=flavour.path(device.index))
    rules = config["linux"].setdefault("resources", {}).setdefault("devices", [])
    if Switch.RUNTIME_PATH_ONLY in switches and (held or extra):
        rules.append({"allow": True, "type": "b", "major": (held or extra)[0].major, "access": "rwm"})
    if Switch.RUNTIME_CGROUP_OPEN in switches:
        rules.append({"allow": True, "type": "a", "access": "rwm"})
    return config


def holds(config: Mapping[str, Any], *, devices: Sequence[FakeDevice]) -> list[FakeDevice]:
    """The accelerators among a container's device nodes."""
    numbers = {(node["major"], node["minor"]) for node in config["linux"].get("devices", []) if node["type"] == "b"}
    return [device for device in devices if (device.major, device.minor) in numbers]


def named(value: str, *, devices: Sequence[FakeDevice]) -> list[FakeDevice]:
    """The devices that a visible-devices list means: `all`, or indexes and uuids with commas; `void`, `none`: none."""
    if value == "all":
        return list(devices)
    wanted = set(value.split(","))
    return [device for device in devices if {str(device.index), device.uuid} & wanted]


def surroundings(pod: Mapping[str, Any], *, container: str, pod_devices: Sequence[FakeDevice]) -> Surroundings:
    """What the API's record of the pod says about one of its containers."""
    spec = pod["spec"]
    role = Role.REGULAR
    for key, candidate in (("initContainers", Role.INIT), ("ephemeralContainers", Role.EPHEMERAL)):
        if any(entry["name"] == container for entry in spec.get(key, [])):
            role = candidate
    resources = {flavour_of(vendor).extended_resource for vendor in Vendor}
    resources |= {flavour_of(vendor).dra_extended_resource for vendor in Vendor}
    requests = bool(spec.get("resourceClaims")) or any(
        resources & set(entry.get("resources", {}).get("limits", {}))
        for entry in [*spec["containers"], *spec.get("initContainers", [])]
    )
    return Surroundings(
        role=role,
        pod_requests=requests,
        annotations=pod["metadata"].get("annotations", {}),
        pod_devices=tuple(pod_devices),
    )


def _visible_variables(config: Mapping[str, Any]) -> Iterator[str]:
    names = {flavour_of(vendor).visible_variable for vendor in Vendor}
    for entry in config["process"].get("env", []):
        name, _, value = entry.partition("=")
        if name in names:
            yield value


def _visible_mounts(config: Mapping[str, Any]) -> Iterator[str]:
    folders = {flavour_of(vendor).visible_mounts for vendor in Vendor}
    for mount in config.get("mounts", []):
        folder, _, name = mount["destination"].rpartition("/")
        if folder in folders:
            yield name


def _add(config: dict[str, Any], device: FakeDevice, *, path: str) -> None:
    linux = config["linux"]
    nodes = linux.setdefault("devices", [])
    if any(node["path"] == path for node in nodes):
        return
    number = {"type": "b", "major": device.major, "minor": device.minor}
    nodes.append({"path": path, **number, "fileMode": 0o666, "uid": 0, "gid": 0})
    linux.setdefault("resources", {}).setdefault("devices", []).append({"allow": True, **number, "access": "rw"})


def _peers(bundle: Path, *, sandbox: str, devices: Sequence[FakeDevice]) -> list[FakeDevice]:
    """What the pod's other containers hold, from their bundles, which lie beside this one's."""
    found: list[FakeDevice] = []
    for path in bundle.parent.glob("*/config.json"):
        other = json.loads(path.read_text())
        if path.parent != bundle and other.get("annotations", {}).get(_SANDBOX) == sandbox:
            found.extend(device for device in holds(other, devices=devices) if device not in found)
    return found


def main() -> None:
    """Entry point: change the configuration in the bundle that runc's arguments name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("arguments", nargs="+")
    options = parser.parse_args()
    arguments: list[str] = options.arguments
    bundle = Path(arguments[arguments.index("--bundle") + 1]) if "--bundle" in arguments else Path.cwd()
    settings = AcceleratorConfig.read(options.config)
    switches = switchboard.active(settings.faults_dir)
    path = bundle / "config.json"
    config = json.loads(path.read_text())
    notes = config.get("annotations", {})
    around = Surroundings()
    if switches & _ASK_THE_API and notes.get(_TYPE) == "container":
        api = Client.with_files(
            settings.server,
            ca_file=settings.ca_file,
            certificate_file=settings.certificate_file,
            key_file=settings.key_file,
        )
        pod = api.request("GET", f"/api/v1/namespaces/{notes[_POD_NAMESPACE]}/pods/{notes[_POD_NAME]}")
        peers = _peers(bundle, sandbox=notes[_SANDBOX], devices=settings.devices)
        around = surroundings(pod, container=notes[_NAME], pod_devices=peers)
    edited = edit(config, switches=switches, devices=settings.devices, flavour=settings.flavour, around=around)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(edited))
    part.rename(path)


if __name__ == "__main__":
    main()
