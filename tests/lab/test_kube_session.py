"""The room that talks to Kubernetes, against a real API server, scheduler and kubelet."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from ai_conformance.kube import errors, pods, poll, resources
from ai_conformance.kube.ledger import Ledger
from ai_conformance.kube.mirror import Mirror
from ai_conformance.kube.session import Session
from ai_conformance.kube.workspace import Workspace, clean
from ai_conformance.lab.images import PROBE
from ai_conformance.lab.lab import Lab

pytestmark = pytest.mark.lab


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger that is closed at the end."""
    ledger = Ledger(tmp_path / "ledger.jsonl")
    yield ledger
    ledger.close()


def _probe(name: str, *, namespace: str, script: str = pods.HOLD) -> dict[str, object]:
    container = pods.Container(name="probe", image=PROBE, script=script)
    return pods.probe_pod(name, namespace=namespace, containers=[container])


def _ready(view: Mirror, name: str) -> bool | None:
    found = view.get(name)
    if found is not None and (stuck := pods.stuck_reason(found)):
        raise AssertionError(stuck)
    return True if found is not None and pods.is_ready(found) else None


async def test_what_the_server_is(lab: Lab) -> None:
    async with await Session.connect(kubeconfig=lab.kubeconfig) as session:
        version = await session.version()
        assert version.git_version.startswith(f"v{version.major}.{version.minor}.")
        assert len(await session.cluster_uid()) == 36
        served = await session.discover()
        slices = served.find("resource.k8s.io", "ResourceSlice")
        assert slices is not None
        assert not slices.namespaced
        assert served.find("resource.k8s.io", "Nothing") is None
        assert await session.may("delete", plural="pods", namespace="default")
        with pytest.raises(errors.NotFound):
            await session.get(resources.POD, "absent", "default")


async def test_a_pod_from_its_creation_to_its_end(lab: Lab, book: Ledger) -> None:
    async with await Session.connect(kubeconfig=lab.kubeconfig) as session:
        workspace = Workspace(session=session, ledger=book, run_id=secrets.token_hex(3), check_id="kube_session")
        try:
            namespace = await workspace.namespace()
            serve = "echo RESULT: UID=$(id -u)\nwhile :; do echo hello | nc -l -p 8080; done"
            await session.create(_probe("dry", namespace=namespace), dry_run=True)
            async with Mirror.open(session, resources.POD, namespace=namespace) as view:
                pod = await workspace.create(_probe("a", namespace=namespace, script=serve))
                await view.until(lambda seen: _ready(seen, "a"), timeout_s=60, waiting_for="pod ready")
                assert [name for _, name in view.objects] == ["a"]
                # A pod without a readiness probe is ready as soon as its container runs, before that has said anything.
                said = await poll.eventually(
                    lambda: session.logs(namespace, "a", "probe"),
                    until=bool,
                    timeout_s=20,
                    waiting_for="its first line",
                )
                assert pods.results(said) == {"UID": "65534"}

                ran = await session.exec(
                    namespace, "a", "probe", ["sh", "-c", "echo o; echo e >&2; exit 3"], timeout_s=20
                )
                assert (ran.stdout, ran.stderr, ran.exit_code) == ("o\n", "e\n", 3)
                with pytest.raises(errors.ExecFailed, match="was not run"):
                    await session.exec(namespace, "a", "probe", ["/absent"], timeout_s=20)
                with pytest.raises(errors.NotFound):
                    await session.exec(namespace, "absent", "probe", ["true"], timeout_s=20)
                with pytest.raises(errors.TimedOut):
                    await session.exec(namespace, "a", "probe", ["sleep", "60"], timeout_s=0.5)

                async with session.port_forward(namespace, "a", 8080) as address:
                    reader, writer = await asyncio.open_connection(*address)
                    async with asyncio.timeout(10):
                        assert await reader.read(100) == b"hello\n"
                    writer.close()

                with pytest.raises(errors.Conflict):
                    await session.delete(resources.POD, "a", namespace, uid="00000000-0000-0000-0000-000000000000")
                left = asyncio.create_task(
                    view.throughout(lambda seen: None if _ready(seen, "a") else True, seconds=30, watching_for="stays")
                )
                await workspace.delete(pod)
                assert await left is True
        finally:
            left_over = await workspace.cleanup()
        assert left_over == []
        with pytest.raises(errors.NotFound):
            await session.get(resources.NAMESPACE, namespace)


async def test_a_killed_run_is_cleaned_from_its_ledger(lab: Lab, book: Ledger) -> None:
    async with await Session.connect(kubeconfig=lab.kubeconfig) as session:
        workspace = Workspace(session=session, ledger=book, run_id=secrets.token_hex(3), check_id="kube_session")
        try:
            namespace = await workspace.namespace()
            await workspace.create(_probe("a", namespace=namespace))
        finally:
            again = Ledger(book.path)  # as another process finds it
            left_over = await clean(session, again)
            again.close()
        assert left_over == []
        with pytest.raises(errors.NotFound):
            await session.get(resources.NAMESPACE, namespace)


async def test_the_restricted_level_admits_a_probe_and_refuses_another(lab: Lab, book: Ledger) -> None:
    async with await Session.connect(kubeconfig=lab.kubeconfig) as session:
        workspace = Workspace(session=session, ledger=book, run_id=secrets.token_hex(3), check_id="kube_session")
        try:
            namespace = await workspace.namespace()
            privileged = pods.Container(
                name="c", image="x", restricted=False, extra={"securityContext": {"privileged": True}}
            )
            with pytest.raises(errors.Forbidden, match="PodSecurity"):
                await workspace.create(pods.probe_pod("p", namespace=namespace, containers=[privileged]))
            assert [entry.kind for entry in book.open_entries] == ["Namespace"]
        finally:
            left_over = await workspace.cleanup()
        assert left_over == []
