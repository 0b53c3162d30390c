"""Every pod that any check makes, by its own makers: what a test judges that is true of all of them.

`made` records which calls of `pods.probe_pod` its makers have reached; a test compares that with all there are, so that
whoever adds a maker adds it here.
"""

from __future__ import annotations

import ast
import asyncio
import dataclasses
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import ai_conformance.checks
from ai_conformance import catalog
from ai_conformance.checks import grants
from ai_conformance.checks.access import intruders, manifests, stage
from ai_conformance.checks.autoscaling import workload as scaled
from ai_conformance.checks.dra.allocation import Site
from ai_conformance.checks.exporters.loading import Experiment
from ai_conformance.checks.gangs import members
from ai_conformance.checks.gangs.capacity import Capacity
from ai_conformance.checks.inference import backends, client
from ai_conformance.checks.inventory import Mechanism, Supply
from ai_conformance.checks.inventory.taints import Taint
from ai_conformance.checks.monitoring import workload as monitored
from ai_conformance.checks.operators import manifests as operated
from ai_conformance.checks.scaling import demand
from ai_conformance.checks.scaling.pools import Pool
from ai_conformance.kube import pods
from ai_conformance.kube.isolation import pod_templates

Object = dict[str, Any]
IMAGE = "registry.example.com/a/probe:1"
ROOM = Path(ai_conformance.checks.__file__).parent
VENDORS = tuple(one for one in catalog.load().vendors if one.bypass.volume_mounts)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Made:
    """One pod or pod template."""

    requirement: str
    suffix: str = ""
    """Of the namespace that it is made in."""
    what: str
    spec: Object


class Cluster:
    """Takes whatever a check creates."""

    def __init__(self) -> None:
        self.created: list[Object] = []

    async def create(self, obj: Object) -> Object:
        self.created.append(obj)
        return obj

    async def claim_name(self, _pod: str) -> str:
        return "claim"


def supply(mechanism: Mechanism, vendor: Any) -> Supply:
    name = vendor.device_classes[0] if mechanism is Mechanism.DRA else vendor.extended_resources[0]
    taint = Taint(key="team", value="a", effect="NoSchedule")
    return Supply(mechanism=mechanism, node="n1", name=name, vendor=vendor, total=2, free=2, taints=(taint,))


def made() -> list[Made]:
    """All of them."""
    found: list[Made] = []
    for vendor in VENDORS:
        for mechanism in Mechanism:
            found += _of(supply(mechanism, vendor))
    pod = client.pod("client", "ns", image=IMAGE, mark="m")
    found.append(Made(requirement="ai_inference", what="the client", spec=pod["spec"]))
    for suffix in ("", "foreign"):
        pod = backends.pod("a", "ns", image=IMAGE, mark="m")
        found.append(Made(requirement="ai_inference", suffix=suffix, what="a backend", spec=pod["spec"]))
    for declared in (True, False):
        pod = monitored.pod("p", "ns", image=IMAGE, run="r", declared=declared)
        found.append(Made(requirement="ai_service_metrics", what="a workload", spec=pod["spec"]))
    return [*found, *_of_operators()]


def _of(one: Supply) -> Iterator[Made]:
    assert one.vendor is not None
    template = "one" if one.mechanism is Mechanism.DRA else None
    site = stage.Site(supply=one, vendor=one.vendor, first="first", second="second")
    near = stage.Neighbour(node="n1", vendor=one.vendor, supply=one, plain="plain", annotated="annotated", label="n1")
    secure = "secure_accelerator_access"
    holders = manifests.holders(site, namespace="ns", image=IMAGE, template=template)
    for pod in holders:
        yield Made(requirement=secure, what=f"holder {pod['metadata']['name']}", spec=pod["spec"])
    beside = manifests.ephemeral("beside", vendor=one.vendor, image=IMAGE)
    yield Made(requirement=secure, what="ephemeral", spec={**holders[0]["spec"], "ephemeralContainers": [beside]})
    elsewhere = [
        *(manifests.plain(near, namespace="ns", image=IMAGE, host_path=host_path) for host_path in (True, False)),
        manifests.annotated(near, namespace="ns", image=IMAGE),
        *_created(
            lambda ctx: intruders._made(ctx, cast(Any, SimpleNamespace(elsewhere="ns")), site, own=ctx.workspace)
        ),
    ]
    for pod in elsewhere:
        yield Made(requirement=secure, suffix="elsewhere", what=pod["metadata"]["name"], spec=pod["spec"])
    for units in (1, 4000):
        place = Capacity(node="n1", supply=one if units == 1 else None, free=2, unit_millis=units)
        spec = members.pod(place, "m", "ns", image=IMAGE, template=template)["spec"]
        yield Made(requirement="gang_scheduling", what="a member", spec=spec)
    deployment = scaled.deployment("w", "ns", image=IMAGE, supply=one, template=template, run="r", start=1)
    decoy = scaled.decoy("d", "ns", image=IMAGE, supply=one, run="r")
    for obj in (deployment, decoy):
        for _, spec in pod_templates(obj):
            yield Made(requirement="pod_autoscaling", what=obj["kind"], spec=spec)
    yield from _under_load(one, template=template)
    plugin = dataclasses.replace(one, mechanism=Mechanism.DEVICE_PLUGIN)  # what it claims through is not looked at here
    for pod in _created(lambda ctx: demand.hold(ctx, "ns", [plugin])):
        yield Made(requirement="cluster_autoscaling", what="a holder", spec=pod["spec"])
    pool = Pool(key="pool", value="a", autoscaler=None)
    pod = asyncio.run(demand.one_too_many(_context(Cluster()), "ns", pool=pool, supply=plugin))
    yield Made(requirement="cluster_autoscaling", what="one too many", spec=pod["spec"])
    if one.mechanism is Mechanism.DRA:

        async def claimed(ctx: Any) -> None:
            claim = cast(Any, SimpleNamespace(api_version="resource.k8s.io/v1"))
            site = Site(ctx=ctx, namespace="ns", claim=claim, pods=cast(Any, None), claims=cast(Any, None))
            await site.pod("p", supply=one)

        for obj in _created(claimed):
            for _, spec in pod_templates(obj):
                yield Made(requirement="dra_support", what="a claiming pod", spec=spec)


def _under_load(one: Supply, *, template: str | None) -> Iterator[Made]:
    class Quick(Experiment):
        async def _create(self, pod: Any) -> None:
            await self.ctx.workspace.create(pod)

    assert one.vendor is not None
    assert one.vendor.load is not None

    async def loaded(ctx: Any) -> None:
        experiment = Quick(
            ctx=ctx,
            supply=one,
            endpoints=(),
            vendor="v",
            namespace="ns",
            view=cast(Any, None),
            template=template,
            prefix="p",
            load=cast(Any, one.vendor).load,
            image=IMAGE,
        )
        await experiment.start()
        await experiment._run("idles", parts=[grants.HOLDER])

    for pod in _created(loaded):
        yield Made(requirement="accelerator_metrics", what=pod["metadata"]["name"], spec=pod["spec"])


def _of_operators() -> Iterator[Made]:
    for operator in catalog.load().operators:
        if operator.trial is None:
            continue
        objects = [operator.trial.object, *operator.trial.companions]
        filled = [operated.filled(one, name="a", namespace="ns", image=IMAGE) for one in objects]
        filled += [operated.changed(filled[0], refusal.changes) for refusal in operator.trial.refusals]
        for obj in filled:
            for _, spec in pod_templates(obj):
                yield Made(requirement="robust_controller", what=f"{operator.name}: {obj['kind']}", spec=spec)


def _context(cluster: Cluster) -> Any:
    return SimpleNamespace(workspace=cluster, image=lambda _name: IMAGE)


def _created(work: Any) -> list[Object]:
    cluster = Cluster()
    asyncio.run(work(_context(cluster)))
    return cluster.created


class Reached:
    """Which lines of the checks lie on the way to `pods.probe_pod`."""

    def __init__(self, monkeypatch: Any) -> None:
        self.lines: set[tuple[str, int]] = set()
        real = pods.probe_pod

        def probe_pod(*args: Any, **options: Any) -> Object:
            frame = sys._getframe(1)
            while frame is not None:
                if frame.f_code.co_filename.startswith(str(ROOM)):
                    self.lines.add((frame.f_code.co_filename, frame.f_lineno))
                frame = cast(Any, frame.f_back)
            return real(*args, **options)

        monkeypatch.setattr(pods, "probe_pod", probe_pod)

    def misses(self) -> list[str]:
        """Calls of the makers that no line on the way belongs to."""
        return [
            f"{Path(file).relative_to(ROOM)}:{call.lineno}"
            for file, call in _calls()
            if not any(where == file and call.lineno <= line <= (call.end_lineno or 0) for where, line in self.lines)
        ]


def _calls() -> Iterator[tuple[str, ast.Call]]:
    for file in sorted(ROOM.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
                if (owner, node.func.attr) in {("pods", "probe_pod"), ("grants", "probe")}:
                    yield str(file), node


def other_writers() -> list[str]:
    """Places of the checks that write a pod's containers themselves."""
    return [
        f"{file.relative_to(ROOM)}:{node.lineno}"
        for file in sorted(ROOM.rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant) and key.value in ("containers", "initContainers")
    ]
