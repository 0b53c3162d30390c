"""An API server on loopback that serves a large cluster's lists in pages, for benchmarks without a lab.

usage: python benchmarks/simulated_api.py PORT_FILE [NODES DEVICES_PER_NODE PODS]

It adds what a real server adds to each object (UID, version, managed fields), answers every access review with yes, and
compresses what is asked for compressed, as a real one does with what is larger than 128 KiB.
"""

from __future__ import annotations

import asyncio
import json
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import large_cluster
from aiohttp import web
from large_cluster import Object, Size

_COMPRESSED_FROM_BYTES = 128 * 1024
_API_GROUPS: list[Object] = [
    {
        "metadata": {"name": "resource.k8s.io"},
        "versions": [
            {
                "version": "v1",
                "resources": [
                    {"resource": plural, "responseKind": {"kind": kind}, "scope": scope, "verbs": ["list"]}
                    for plural, kind, scope in (
                        ("resourceslices", "ResourceSlice", "Cluster"),
                        ("deviceclasses", "DeviceClass", "Cluster"),
                        ("resourceclaims", "ResourceClaim", "Namespaced"),
                    )
                ],
            }
        ],
    }
]


def stored(obj: Object, *, number: int, phase: str = "") -> bytes:
    """An object as it comes in a list."""
    metadata = {
        **obj["metadata"],
        "uid": large_cluster._uuid(f"{obj['kind']}{number}"),
        "resourceVersion": str(1000 + number),
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "managedFields": [
            {"manager": manager, "operation": "Update", "time": "2026-01-01T00:00:00Z", "fieldsType": "FieldsV1"}
            | {"fieldsV1": {"f:metadata": {f"f:field-{part}": {".": {}, "f:value": {}} for part in range(30)}}}
            for manager in ("kubelet", "feature-discovery", "kube-controller-manager")
        ],
    }
    status = {"status": {"phase": phase}} if phase else {}
    left = {key: value for key, value in obj.items() if key not in ("apiVersion", "kind")}
    return json.dumps({**left, "metadata": metadata, **status}, separators=(",", ":")).encode()


def kubeconfig(port: int) -> str:
    """A kubeconfig that leads to a server on loopback."""
    return f"""
apiVersion: v1
kind: Config
current-context: here
clusters: [{{name: c, cluster: {{server: "http://127.0.0.1:{port}"}}}}]
users: [{{name: u, user: {{token: none}}}}]
contexts: [{{name: here, context: {{cluster: c, user: u}}}}]
"""


class Simulated:
    """Collections as bytes, and the requests that were answered."""

    def __init__(self, size: Size) -> None:
        self._collections: dict[str, tuple[bytes, ...]] = {
            "/api/v1/nodes": tuple(_stored(large_cluster.nodes(size))),
            "/api/v1/pods": tuple(_stored(large_cluster.pods(size), phase="Running")),
            large_cluster.SLICES: tuple(_stored(large_cluster.slices(size))),
            large_cluster.CLASSES: tuple(_stored(large_cluster.classes())),
            large_cluster.CLAIMS: tuple(_stored(large_cluster.claims(size))),
        }
        self.asked: list[str] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Every request comes here."""
        self.asked.append(request.path_qs)
        found = self._collections.get(request.path)
        if found is not None:
            return await self._listed(request, items=found)
        if request.method == "POST":
            return web.json_response({"kind": "SelfSubjectAccessReview", "status": {"allowed": True}})
        answers: dict[str, Object] = {
            "/version": {"gitVersion": "v1.37.2", "major": "1", "minor": "37"},
            "/api": {"kind": "APIGroupDiscoveryList", "items": []},
            "/apis": {"kind": "APIGroupDiscoveryList", "items": _API_GROUPS},
            "/api/v1/namespaces/kube-system": {"metadata": {"uid": "uid-of-the-cluster"}},
        }
        if request.path in answers:
            return web.json_response(answers[request.path])
        return web.json_response({"kind": "Status", "status": "Failure", "code": 404}, status=404)

    async def _listed(self, request: web.Request, *, items: tuple[bytes, ...]) -> web.Response:
        begin = int(request.query.get("continue") or 0)
        end = begin + int(request.query.get("limit") or len(items))
        metadata = json.dumps({"resourceVersion": "99", "continue": str(end) if end < len(items) else ""}).encode()
        body = b'{"kind":"List","metadata":' + metadata + b',"items":[' + b",".join(items[begin:end]) + b"]}"
        headers = {"Content-Type": "application/json"}
        if len(body) > _COMPRESSED_FROM_BYTES and "gzip" in request.headers.get("Accept-Encoding", ""):
            packer = zlib.compressobj(1, wbits=31)
            body = await asyncio.to_thread(lambda: packer.compress(body) + packer.flush())
            headers["Content-Encoding"] = "gzip"
        return web.Response(body=body, headers=headers)


def _stored(objects: Iterator[Object], *, phase: str = "") -> Iterator[bytes]:
    for number, one in enumerate(objects):
        yield stored(one, number=number, phase=phase)


async def serve(size: Size, *, tell: Callable[[int], object]) -> None:
    """Serve until the process is ended; the port is told once it answers."""
    runner = web.ServerRunner(web.Server(Simulated(size).handle))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    tell(runner.addresses[0][1])
    await asyncio.Event().wait()


if __name__ == "__main__":
    nodes, devices, pods = (int(one) for one in (sys.argv[2:] or ("5000", "8", "20000")))
    wanted = Size(nodes=nodes, devices_per_node=devices, pods=pods)
    asyncio.run(serve(wanted, tell=lambda port: Path(sys.argv[1]).write_text(str(port))))
