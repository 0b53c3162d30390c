"""Which pods are made for which accelerators, and what the API says that they were given."""

from __future__ import annotations

from typing import Any

import pytest

from ai_conformance.catalog import Bypass, Identity, IdentityMethod, Tried, Vendor
from ai_conformance.checks import outcomes
from ai_conformance.checks.access import manifests, records, stage
from ai_conformance.checks.device_probe import Opened, SeenDevice
from ai_conformance.checks.identity import Agreement, summary
from ai_conformance.checks.inventory import Device, Mechanism, Supply

VENDOR = Vendor(
    name="v",
    title="V",
    device_globs=("/dev/acc[0-9]*",),
    identity=(Identity(method=IdentityMethod.FIRST_LINE, attribute="uuid"),),
    bypass=Bypass(
        environment={"V_DEVICES": "all"}, volume_mounts=("/run/v/all",), annotations={"cdi.k8s.io/a": "v=all"}
    ),
    taints=("v.example.com/only",),
    source="test",
    tried=Tried.NONE,
)
DRA, PLUGIN = Mechanism.DRA, Mechanism.DEVICE_PLUGIN


def supply(node: str = "n1", mechanism: Mechanism = DRA, *, free: int = 2, vendor: Vendor | None = VENDOR) -> Supply:
    one = Device(name="acc-0", driver="d.example.com", pool=node, attributes={"d.example.com/uuid": "U-0"}, capacity={})
    return Supply(
        mechanism=mechanism, node=node, name="acc.example.com", vendor=vendor, devices=(one,), total=4, free=free
    )


def test_every_supply_gets_its_holders_and_every_node_one_pod_without() -> None:
    sites, neighbours = stage.planned([supply(), supply(mechanism=PLUGIN), supply("n2"), supply("n2", PLUGIN)])
    names = [name for site in sites for name in (site.first, site.second)]
    assert len(set(names)) == 8
    assert [(one.node, one.label) for one in neighbours] == [("n1", "n1"), ("n2", "n2")]


def test_a_supply_with_one_free_device_gets_one_holder_and_without_any_none() -> None:
    sites, neighbours = stage.planned([supply(free=1), supply("n2", free=0), supply("n3", vendor=None)])
    assert [site.second for site in sites] == [None]
    assert [one.node for one in neighbours] == ["n1"]


def holders(mechanism: Mechanism) -> list[dict[str, Any]]:
    (site,), _ = stage.planned([supply(mechanism=mechanism)])
    return manifests.holders(site, namespace="n", image="i", template="t" if mechanism is DRA else None)


@pytest.mark.parametrize("mechanism", [DRA, PLUGIN])
def test_only_the_holder_asks_for_a_device(mechanism: Mechanism) -> None:
    first, second = holders(mechanism)
    containers = [*first["spec"]["containers"], *first["spec"]["initContainers"], *second["spec"]["containers"]]
    ours = {"cpu", "memory"}
    asking = [
        one["name"] for one in containers if "claims" in one["resources"] or one["resources"]["limits"].keys() - ours
    ]
    assert asking == ["holder", "holder"]


def test_the_holder_and_its_sibling_share_a_place_and_the_others_have_none() -> None:
    first, second = holders(DRA)
    mounting = [one["name"] for one in first["spec"]["containers"] if one.get("volumeMounts")]
    assert mounting == ["holder", "sibling"]
    assert first["spec"]["volumes"] == [{"name": "told", "emptyDir": {}}]
    assert "volumeMounts" not in first["spec"]["initContainers"][0]
    assert "volumes" not in second["spec"]


def test_a_pod_without_a_request_carries_every_way_round_in_its_own_container() -> None:
    _, (neighbour,) = stage.planned([supply()])
    pod = manifests.plain(neighbour, namespace="n", image="i", host_path=True)
    plain, environment, volume = pod["spec"]["containers"]
    assert "env" not in plain
    assert environment["env"] == [{"name": "V_DEVICES", "value": "all"}]
    assert volume["volumeMounts"] == [{"name": "list", "mountPath": "/run/v/all"}]
    assert pod["spec"]["volumes"][0]["hostPath"]["path"] == "/dev/null"
    assert "resourceClaims" not in pod["spec"]
    assert "annotations" not in pod["metadata"]


def test_an_ephemeral_container_has_no_resources() -> None:
    assert "resources" not in manifests.ephemeral("e", vendor=VENDOR, image="i")


SITE = stage.Site(supply=supply(), vendor=VENDOR, first="a", second=None)
SEEN = SeenDevice(path="/dev/acc0", kind="block special file", number="7:0", opened=Opened.OK, identity="U-0")


def claim(*devices: str) -> dict[str, Any]:
    results = [{"driver": "d.example.com", "pool": "n1", "device": name} for name in devices]
    return {"metadata": {"name": "c"}, "status": {"allocation": {"devices": {"results": results}}}}


def test_the_claims_device_is_looked_up_in_the_inventory() -> None:
    record = records.of_claim(claim("acc-0"), site=SITE, pod="a", device=SEEN)
    assert summary(record.told)[0] is Agreement.AGREES


@pytest.mark.parametrize("devices", [(), ("acc-0", "acc-1"), ("acc-9",)])
def test_any_other_allocation_than_one_known_device_fails(devices: tuple[str, ...]) -> None:
    with pytest.raises(outcomes.Failed):
        records.of_claim(claim(*devices), site=SITE, pod="a", device=SEEN)


def pod(*identifiers: str) -> dict[str, Any]:
    resource = {"name": "acc.example.com", "resources": [{"resourceID": one} for one in identifiers]}
    status = {"name": "holder", "allocatedResourcesStatus": [resource] if identifiers else None}
    return {"metadata": {"name": "a"}, "status": {"containerStatuses": [status]}}


def test_a_device_plugins_identifier_is_read_where_the_kubelet_keeps_it() -> None:
    assert records.of_status(pod(), site=SITE, device=SEEN).names == ""
    record = records.of_status(pod("U-1"), site=SITE, device=SEEN)
    assert (record.names, summary(record.told)[0]) == ("device U-1 of acc.example.com", Agreement.DIFFERS)
    with pytest.raises(outcomes.Failed):
        records.of_status(pod("U-0", "U-1"), site=SITE, device=SEEN)
