"""What we make is written down first, bears our labels, and is taken away by UID and in order."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web
from fake_api import FakeApi, reset, status, watch

from ai_conformance import catalog
from ai_conformance.checks import registry
from ai_conformance.cli import values
from ai_conformance.kube import errors
from ai_conformance.kube.ledger import Entry, Ledger, read
from ai_conformance.kube.session import Session
from ai_conformance.kube.workspace import CHECK_LABEL, RUN_LABEL, Workspace, clean

PODS = "/api/v1/namespaces/n/pods"
NEW = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "n"}}
MADE = {**NEW, "metadata": {"name": "a", "namespace": "n", "uid": "u1", "labels": {RUN_LABEL: "r1"}}}
SUCCESS = {"kind": "Status", "status": "Success"}


def _workspace(session: Session, book: Ledger, *, check: str = "gang_scheduling") -> Workspace:
    return Workspace(session=session, ledger=book, run_id="r1", check_id=check)


def _entry(kind: str, plural: str, *, uid: str | None = "u", namespace: str | None = "n", name: str = "a") -> Entry:
    return Entry(
        api_version="apps/v1" if kind == "Deployment" else "v1",
        kind=kind,
        plural=plural,
        namespaced=namespace is not None,
        name=name,
        namespace=namespace,
        run="r1",
        actor="check/x",
        uid=uid,
    )


async def test_the_ledger_knows_before_the_server_does(api: FakeApi, book: Ledger) -> None:
    known: list[tuple[Entry, ...]] = []

    async def made(_request: object) -> object:
        known.append(read(book.path))
        return web.json_response(MADE)

    api.on("POST", PODS, made)
    async with await api.session() as session:
        await _workspace(session, book).create(NEW)
    assert [entry.uid for entry in known[0]] == [None]
    assert [entry.uid for entry in read(book.path)] == ["u1"]


async def test_every_object_and_pod_template_bears_the_labels(api: FakeApi, book: Ledger) -> None:
    path = "/apis/apps/v1/namespaces/n/deployments"
    api.on("POST", path, MADE)
    template = {"metadata": {"labels": {"own": "x"}}, "spec": {"containers": []}}
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "a", "namespace": "n"},
        "spec": {"template": template},
    }
    async with await api.session() as session:
        await _workspace(session, book).create(deployment)
    sent: dict[str, Any] = api.seen[0][3]
    ours = {RUN_LABEL: "r1", CHECK_LABEL: "gang_scheduling"}
    assert sent["metadata"]["labels"] == ours
    assert sent["spec"]["template"]["metadata"]["labels"] == {"own": "x", **ours}
    assert "labels" not in deployment["metadata"]  # type: ignore[operator]


async def test_a_creation_that_is_refused_leaves_no_entry(api: FakeApi, book: Ledger) -> None:
    api.on("POST", PODS, 403)
    async with await api.session() as session:
        with pytest.raises(errors.Forbidden):
            await _workspace(session, book).create(NEW)
    assert read(book.path) == ()


@pytest.mark.parametrize("trouble", [reset, 500])
async def test_a_creation_without_an_answer_is_settled_by_reading_back(
    api: FakeApi, book: Ledger, pauses: list[float], trouble: Any
) -> None:
    api.on("POST", PODS, trouble)
    api.on("GET", f"{PODS}/a", 404, MADE)
    async with await api.session() as session:
        made = await _workspace(session, book).create(NEW)
    assert made["metadata"]["uid"] == "u1"
    assert api.count("POST", PODS) == 1


async def test_a_creation_that_stays_unknown_is_an_error_and_stays_in_the_ledger(
    api: FakeApi, book: Ledger, pauses: list[float]
) -> None:
    api.on("POST", PODS, reset)
    async with await api.session() as session:
        with pytest.raises(errors.AnswerLost):
            await _workspace(session, book).create(NEW)
    assert [entry.uid for entry in read(book.path)] == [None]


async def test_things_go_in_order(api: FakeApi, book: Ledger) -> None:
    book.record(_entry("Namespace", "namespaces", namespace=None, name="n"))
    book.record(_entry("ResourceClaim", "resourceclaims"))
    book.record(_entry("Pod", "pods"))
    book.record(_entry("Deployment", "deployments"))
    api.on("DELETE", "/api/v1/namespaces/n", SUCCESS)
    api.on("DELETE", f"{PODS}/a", SUCCESS)
    api.on("DELETE", "/api/v1/namespaces/n/resourceclaims/a", SUCCESS)
    api.on("DELETE", "/apis/apps/v1/namespaces/n/deployments/a", SUCCESS)
    async with await api.session() as session:
        assert await clean(session, book) == []
    asked = [one[1].rsplit("/", 2)[1] for one in api.seen]
    assert [kind for kind in asked if kind != "namespaces"] == ["deployments", "pods", "resourceclaims"]
    assert asked.index("namespaces") > 0, "a namespace goes beside its pods, but after what makes pods"
    assert [one[3].get("propagationPolicy") for one in api.seen] == ["Foreground", None, None, None]
    assert all(one[3]["preconditions"] == {"uid": "u"} for one in api.seen)
    assert read(book.path) == ()


async def test_what_held_something_has_gone_before_its_namespace_has(api: FakeApi, book: Ledger) -> None:
    namespace = {**MADE, "kind": "Namespace", "metadata": {"name": "n", "uid": "u2", "labels": {RUN_LABEL: "r1"}}}
    api.on("POST", "/api/v1/namespaces", namespace)
    api.on("POST", PODS, MADE)
    api.on("DELETE", f"{PODS}/a", SUCCESS)
    api.on("DELETE", "/api/v1/namespaces/n", {**namespace, "status": {"phase": "Terminating"}})
    still = asyncio.Event()

    async def going(_request: object) -> object:
        await still.wait()
        return web.json_response({"kind": "NamespaceList", "metadata": {"resourceVersion": "1"}, "items": []})

    api.on("GET", "/api/v1/namespaces", going)
    async with await api.session() as session:
        workspace = _workspace(session, book)
        await workspace.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}})
        await workspace.create(NEW)
        await workspace.vacate()
        assert [entry.kind for entry in read(book.path)] == ["Namespace"]
        still.set()
        assert await workspace.cleanup() == []
    assert read(book.path) == ()


async def test_another_object_of_that_name_is_left_alone(api: FakeApi, book: Ledger) -> None:
    book.record(_entry("Pod", "pods"))
    book.record(_entry("Pod", "pods", uid=None, name="b"))
    api.on("DELETE", f"{PODS}/a", 409)
    api.on("GET", f"{PODS}/b", {**NEW, "metadata": {"name": "b", "uid": "theirs"}})
    async with await api.session() as session:
        assert await clean(session, book) == []
    assert api.count("DELETE", f"{PODS}/b") == 0
    assert read(book.path) == ()


async def test_what_does_not_go_is_left_over(api: FakeApi, book: Ledger) -> None:
    book.record(_entry("Pod", "pods"))
    api.on("DELETE", f"{PODS}/a", MADE)
    there = {**MADE, "metadata": {**MADE["metadata"], "uid": "u", "resourceVersion": "1"}}  # type: ignore[dict-item]
    listed = {"metadata": {"resourceVersion": "1"}, "items": [there]}
    quiet = watch()

    async def pods(request: Any) -> Any:
        return await quiet(request) if "watch" in request.query else web.json_response(listed)

    api.on("GET", PODS, pods)
    async with await api.session() as session:
        left = await clean(session, book, timeout_s=0.1)
    assert "Pod n/a: is still there" in str(left[0])
    assert len(read(book.path)) == 1


async def test_what_cannot_be_deleted_is_left_over(api: FakeApi, book: Ledger) -> None:
    book.record(_entry("Pod", "pods"))

    async def refused(_request: object) -> object:
        return status(403)

    api.on("DELETE", f"{PODS}/a", refused)
    async with await api.session() as session:
        left = await clean(session, book)
    assert "could not be deleted" in str(left[0])


async def test_names_of_namespaces_fit_and_differ_even_with_the_longest_prefix(api: FakeApi, book: Ledger) -> None:
    prefix = "p" * values.LONGEST_PREFIX
    assert values.prefix(prefix) == prefix
    names: list[str] = []
    async with await api.session() as session:
        for entry in catalog.load().all_requirements:
            check = registry.get(entry.id)
            for suffix in {"", "foreign", "elsewhere", *(one.suffix for one in (check.relaxed if check else ()))}:
                of_check = Workspace(
                    session=session, ledger=book, run_id="abcdef", check_id=entry.id, namespace_prefix=prefix
                )
                names.append(of_check.namespace_name(suffix))
    assert len(set(names)) == len(names)
    assert all(name.startswith(f"{prefix}-") and len(name) <= 63 for name in names)


async def test_a_namespace_name_fits(api: FakeApi, book: Ledger) -> None:
    async with await api.session() as session:
        short = _workspace(session, book).namespace_name("b")
        long = _workspace(session, book, check="x" * 80).namespace_name("b")
    assert short == "aic-gang-scheduling-r1-b"
    assert len(long) == 63
    assert long.endswith("-r1-b")


async def test_an_object_that_may_not_be_deleted_is_told_as_the_server_told_it(api: FakeApi, book: Ledger) -> None:
    api.on("POST", PODS, MADE)
    api.on("DELETE", f"{PODS}/a", 403)
    async with await api.session() as session:
        workspace = _workspace(session, book)
        made = await workspace.create(NEW)
        with pytest.raises(errors.Forbidden):
            await workspace.delete(made)


async def test_what_went_with_its_namespace_after_leaving_early_is_told_where_a_permission_is_missing(
    api: FakeApi, book: Ledger
) -> None:
    room = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n", "uid": "u-n", "resourceVersion": "1"}}
    api.on("POST", "/api/v1/namespaces", room)
    api.on("POST", PODS, MADE)
    api.on("DELETE", "/api/v1/namespaces/n", room)
    api.on("DELETE", f"{PODS}/a", 403)
    api.on("GET", "/api/v1/namespaces", {"kind": "NamespaceList", "metadata": {"resourceVersion": "1"}, "items": []})
    async with await api.session() as session:
        workspace = _workspace(session, book)
        await workspace.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}})
        await workspace.create(NEW)
        await workspace.vacate()
        assert [(one.entry.kind, one.gone) for one in await workspace.cleanup()] == [("Pod", True)]
        assert await workspace.cleanup() == []
