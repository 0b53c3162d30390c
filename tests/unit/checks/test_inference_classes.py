"""Which GatewayClass is tried, and what a Gateway that does not come up means."""

from __future__ import annotations

import types
from typing import Any, cast

import pytest

from ai_conformance import catalog
from ai_conformance.checks import outcomes, waits
from ai_conformance.checks.inference import classes, client, reaching, routes
from ai_conformance.checks.inference.classes import Api, Choice
from ai_conformance.kube.discovery import Discovery
from ai_conformance.kube.resources import Resource

KNOWN = catalog.load().gateways
ENVOY, ISTIO, MESH = (
    "gateway.envoyproxy.io/gatewayclass-controller",
    "istio.io/gateway-controller",
    "istio.io/mesh-controller",
)


def of(kind: str, plural: str, *, version: str = "v1") -> Resource:
    return Resource(group=classes.GROUP, version=version, plural=plural, kind=kind, namespaced=True)


RESOURCES = (of("GatewayClass", "gatewayclasses"), of("Gateway", "gateways"), of("HTTPRoute", "httproutes"))
API = Api(gateway_class=RESOURCES[0], gateway=RESOURCES[1], route=RESOURCES[2])


def gateway_class(name: str, controller: str, *, accepted: str = "True") -> dict[str, Any]:
    condition = {"type": "Accepted", "status": accepted, "reason": "Waiting", "message": "nobody yet"}
    return {
        "metadata": {"name": name},
        "spec": {"controllerName": controller},
        "status": {"conditions": [condition]},
    }


def test_the_api_has_to_be_served_whole() -> None:
    assert classes.served(Discovery(resources=RESOURCES)).route.kind == "HTTPRoute"
    with pytest.raises(outcomes.Failed, match="no HTTPRoute of gateway"):
        classes.served(Discovery(resources=RESOURCES[:2]))
    with pytest.raises(outcomes.Failed, match="no version of the group"):
        classes.served(Discovery(resources=()))


def test_a_class_of_the_catalog_comes_first_and_the_others_are_named() -> None:
    some = [
        gateway_class("a-unknown", "example.com/controller"),
        gateway_class("istio", ISTIO),
        gateway_class("waypoint", MESH),
        gateway_class("eg", ENVOY),
    ]
    found = classes.chosen(some, known=KNOWN)
    assert (found.name, found.others) == ("eg", ("istio", "a-unknown"))
    assert "Envoy Gateway" in str(found)


def test_an_implementation_that_nobody_knows_is_tried_all_the_same() -> None:
    found = classes.chosen([gateway_class("b", "example.com/c"), gateway_class("a", "example.com/c")], known=KNOWN)
    assert (found.name, found.known, found.others) == ("a", None, ("b",))


def test_of_several_classes_of_one_implementation_the_catalog_prefers_some() -> None:
    names = ("gke-l7-gxlb", "gke-l7-global-external-managed", "gke-l7-gxlb-mc")
    some = [gateway_class(name, "networking.gke.io/gateway") for name in names]
    assert classes.chosen(some, known=KNOWN).name == "gke-l7-global-external-managed"


@pytest.mark.parametrize(
    ("some", "said"),
    [
        ([], "no GatewayClass at all"),
        ([gateway_class("eg", ENVOY, accepted="Unknown")], "eg of gateway.envoyproxy.io"),
        ([gateway_class("waypoint", MESH)], "waypoint of istio"),
    ],
)
def test_without_an_accepted_class_the_requirement_is_not_met(some: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(outcomes.Failed, match=said):
        classes.chosen(some, known=KNOWN)


def test_a_class_can_be_named() -> None:
    some = [gateway_class("eg", ENVOY), gateway_class("mine", "example.com/c"), gateway_class("off", "x", accepted="")]
    assert classes.chosen(some, known=KNOWN, wanted="mine").name == "mine"
    with pytest.raises(outcomes.Blocked, match=r"there is no GatewayClass nginx.*eg, mine"):
        classes.chosen(some, known=KNOWN, wanted="nginx")
    with pytest.raises(outcomes.Failed, match="off of x: Accepted= Waiting: nobody yet"):
        classes.chosen(some, known=KNOWN, wanted="off")


class Cluster:
    """Tells of these GatewayClasses at one look after the other, of the last ones for ever."""

    def __init__(self, *looks: list[dict[str, Any]], wanted: str) -> None:
        self._looks = looks
        self.asked = 0
        self.session = self
        self.catalog = types.SimpleNamespace(gateways=KNOWN)
        self.options = types.SimpleNamespace(gateway_class=wanted)

    async def list(self, resource: object) -> Any:
        assert resource is API.gateway_class
        self.asked += 1
        return types.SimpleNamespace(items=self._looks[min(self.asked, len(self._looks)) - 1])

    def seconds(self, wait: waits.Wait) -> float:
        assert wait is waits.GATEWAY_PROGRAMMED
        return 0.02

    async def chosen(self) -> Choice:
        return await classes.choose(cast(Any, self), API)


NEW, TAKEN = gateway_class("eg", ENVOY, accepted="Unknown"), gateway_class("eg", ENVOY)
REFUSED = gateway_class("eg", ENVOY, accepted="False")
UNSEEN = {"metadata": {"name": "eg"}, "spec": {"controllerName": ENVOY}}
OTHER, OTHER_NEW = gateway_class("istio", ISTIO), gateway_class("istio", ISTIO, accepted="Unknown")
ACCEPTED_MESH = gateway_class("waypoint", MESH)


@pytest.mark.parametrize("wanted", ["", "eg"])
@pytest.mark.parametrize("new", [NEW, UNSEEN], ids=["unknown", "no condition"])
async def test_a_new_class_gets_time_to_be_accepted(new: dict[str, Any], wanted: str) -> None:
    cluster = Cluster([new, ACCEPTED_MESH], [TAKEN, ACCEPTED_MESH], wanted=wanted)
    assert (await cluster.chosen()).name == "eg"
    assert cluster.asked == 2


@pytest.mark.parametrize("wanted", ["", "eg"])
async def test_a_class_that_nobody_ever_accepts_is_a_failure(wanted: str) -> None:
    with pytest.raises(outcomes.Failed, match=r"has accepted (a|the) GatewayClass: eg of .*Accepted=Unknown Waiting"):
        await Cluster([NEW], wanted=wanted).chosen()


@pytest.mark.parametrize(
    ("some", "wanted", "name"),
    [([NEW, OTHER], "", "istio"), ([OTHER_NEW, TAKEN], "", "eg"), ([OTHER_NEW, TAKEN], "eg", "eg")],
)
async def test_an_accepted_class_is_taken_at_once(some: list[dict[str, Any]], wanted: str, name: str) -> None:
    cluster = Cluster(some, wanted=wanted)
    assert (await cluster.chosen()).name == name
    assert cluster.asked == 1


@pytest.mark.parametrize(
    ("some", "wanted"),
    [([], ""), ([], "eg"), ([OTHER_NEW], "eg"), ([REFUSED], ""), ([REFUSED, OTHER_NEW], "eg"), ([ACCEPTED_MESH], "")],
)
async def test_what_nobody_will_accept_is_not_waited_for(some: list[dict[str, Any]], wanted: str) -> None:
    cluster = Cluster(some, wanted=wanted)
    with pytest.raises(outcomes.Outcome):
        await cluster.chosen()
    assert cluster.asked == 1


def choice(controller: str) -> Choice:
    return classes.chosen([gateway_class("one", controller)], known=KNOWN)


def gateway(*conditions: dict[str, str]) -> dict[str, Any]:
    return {"status": {"conditions": list(conditions)}}


def test_what_an_implementation_has_to_be_told_is_on_the_gateway() -> None:
    made = routes.gateway("ns", api=API, choice=choice(ISTIO))
    wanted = {"networking.istio.io/service-type": "ClusterIP"}
    assert made["metadata"]["annotations"] == made["spec"]["infrastructure"]["annotations"] == wanted
    assert "infrastructure" not in routes.gateway("ns", api=API, choice=choice(ENVOY))["spec"]


def test_a_gateway_without_an_address_is_for_want_of_another_component() -> None:
    programmed = {"type": "Programmed", "status": "False", "reason": "AddressNotAssigned", "message": "none"}
    said = reaching.unprogrammed(gateway(programmed), choice=choice(ENVOY), after_s=9)
    assert isinstance(said, outcomes.Blocked)
    assert "a Service of type LoadBalancer" in said.reason


@pytest.mark.parametrize(
    ("conditions", "said"),
    [
        ([{"type": "Accepted", "status": "False", "reason": "InvalidParameters"}], "Accepted=False InvalidParameters"),
        ([{"type": "Programmed", "status": "False", "reason": "NoResources", "message": "no pods"}], "no pods"),
        ([{"type": "Programmed", "status": "True", "reason": "Programmed"}], "has no address"),
        ([], "no condition"),
    ],
)
def test_any_other_gateway_that_does_not_come_up_is_a_failure(conditions: list[dict[str, str]], said: str) -> None:
    seen = reaching.unprogrammed(gateway(*conditions), choice=choice(ENVOY), after_s=9)
    assert isinstance(seen, outcomes.Failed)
    assert said in seen.reason


def test_addresses_are_asked_as_they_are_written() -> None:
    assert client.url("10.0.0.1", 80, "/x") == "http://10.0.0.1:80/x"
    assert client.url("fd00::1", 80, "/x") == "http://[fd00::1]:80/x"
    assert client.url("lb.example.com", 8080, "/") == "http://lb.example.com:8080/"


def test_what_is_sent_is_quoted() -> None:
    request = client.Request(label="one", count=8, host="h.test", path="/", headers={"X-Model": "a b'c"})
    command = client.send([request], address="10.0.0.1", port=80)
    wanted = "ask one 2 http://10.0.0.1:80/ '--header=Host: h.test' '--header=X-Model: a b'\"'\"'c'"
    assert command[2].endswith(wanted)
