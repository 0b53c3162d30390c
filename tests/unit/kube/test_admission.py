"""What admission does not want is told from what is not permitted, by the words of the API server."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web
from fake_api import FakeApi
from hypothesis import given
from hypothesis import strategies as st

from ai_conformance.kube import admission, errors
from ai_conformance.kube.admission import Refuser

PODS = "/api/v1/namespaces/n/pods"
NEW = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "n"}}
QUOTA = 'pods "a" is forbidden: exceeded quota: small, requested: pods=1, used: pods=2, limited: pods=2'
POLICY = "pods \"a\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no pods on a Monday"
WEBHOOK = 'admission webhook "v.example.com" denied the request: no pods on a Monday'
LEVEL = 'pods "a" is forbidden: violates PodSecurity "restricted:latest": unrestricted capabilities (container "c")'
LIMITS = 'pods "a" is forbidden: [maximum cpu usage per Container is 100m, but limit is 500m]'
UNSURE = 'pods "a" is forbidden: status unknown for quota: new, resources: pods'
BINDING = (
    'ResourceClaim.resource.k8s.io "c" is invalid: status.allocation: Forbidden: changing status.allocation or '
    'status.reservedFor requires resource="resourceclaims/binding", verb="update" permission: '
    'resourceclaims.resource.k8s.io is forbidden: User "u" cannot update resource "resourceclaims/binding" in API '
    'group "resource.k8s.io" at the cluster scope'
)
RIGHTS = 'pods is forbidden: User "u" cannot create resource "pods" in API group "" in the namespace "n"'
NAMED = 'pods "a" is forbidden: User "u" cannot get resource "pods" in API group "" in the namespace "n"'


@pytest.mark.parametrize(
    ("message", "refuser", "name"),
    [
        (QUOTA, Refuser.QUOTA, "small"),
        ('pods "a" is forbidden: failed quota: q: must specify limits.cpu for: c', Refuser.QUOTA, "q"),
        (UNSURE, Refuser.QUOTA, "new"),
        (POLICY, Refuser.POLICY, "p"),
        (WEBHOOK, Refuser.WEBHOOK, "v.example.com"),
        (LEVEL, Refuser.POD_SECURITY, ""),
        (LIMITS, Refuser.ADMISSION, ""),
    ],
)
@pytest.mark.parametrize("status", [400, 401, 403, 409, 413, 422, 500])
def test_a_denial_is_one_whatever_its_status(message: str, refuser: Refuser, name: str, status: int) -> None:
    found = admission.read(message)
    assert found is not None
    assert (found.refuser, found.name) == (refuser, name)
    error = errors.from_status(status, reason="Whatever", message=message)
    assert type(error) is errors.Denied
    assert message in str(error)
    assert "plan lists" not in str(error), "no permission is missing"


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (403, RIGHTS, errors.Forbidden),
        (403, NAMED, errors.Forbidden),
        (403, 'forbidden: User "system:anonymous" cannot get path "/"', errors.Forbidden),
        (403, "this proxy does not like you", errors.Forbidden),
        (422, BINDING, errors.Forbidden),
        (403, 'pods "a" is forbidden: ', errors.Forbidden),
        (422, 'Pod "a" is invalid: spec.containers: Required value', errors.Invalid),
        (500, 'Internal error occurred: failed calling webhook "v": no endpoints', errors.ServerError),
        (409, 'pods "a" already exists', errors.Conflict),
        (404, 'pods "a" not found', errors.NotFound),
    ],
)
def test_any_other_refusal_stays_what_it_is(status: int, message: str, kind: type[errors.ApiError]) -> None:
    assert type(errors.from_status(status, message=message)) is kind


@pytest.mark.parametrize("message", [QUOTA, POLICY, WEBHOOK, LEVEL, LIMITS])
@pytest.mark.parametrize(
    "before",
    [
        "Error creating: ",
        "create Pod web-0 in StatefulSet web failed error: ",
        "Failed to create head Pod n/a, ",
        'PodResourceClaim accelerator: failed to create ResourceClaim "x" for pod "y": ',
    ],
)
def test_a_controller_tells_it_in_words_of_its_own(before: str, message: str) -> None:
    found = admission.within(before + message)
    assert found is not None
    assert found.text == message


@pytest.mark.parametrize("text", ["", f"Error creating: {RIGHTS}", f"Error creating: {NAMED}", "Created pod: a", "no"])
def test_what_is_no_denial_is_none_within_other_words(text: str) -> None:
    assert admission.within(text) is None


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    found = admission.within(text)
    assert found is None or found.text in text
    read = admission.read(text)
    assert read is None or read.text == text


def said(message: str, status: int) -> Any:
    async def handle(_request: web.Request) -> web.Response:
        body = {"kind": "Status", "status": "Failure", "code": status, "reason": "Forbidden", "message": message}
        return web.json_response(body, status=status)

    return handle


async def test_a_quota_that_has_not_been_counted_yet_is_asked_again(api: FakeApi, pauses: list[float]) -> None:
    api.on("POST", PODS, said(UNSURE, 403), said(UNSURE, 403), {**NEW, "metadata": {"name": "a", "uid": "u"}})
    async with await api.session() as session:
        assert (await session.create(NEW))["metadata"]["uid"] == "u"
    assert api.count("POST", PODS) == 3


@pytest.mark.parametrize(("message", "status"), [(QUOTA, 403), (POLICY, 422), (WEBHOOK, 500), (WEBHOOK, 429)])
async def test_a_denial_is_not_asked_again(api: FakeApi, pauses: list[float], message: str, status: int) -> None:
    api.on("POST", PODS, said(message, status))
    async with await api.session() as session:
        with pytest.raises(errors.Denied, match=r"denied|exceeded"):
            await session.create(NEW)
    assert api.count("POST", PODS) == 1
    assert pauses == []


EXEC = f"{PODS}/a/exec"


async def test_a_command_that_admission_denies_is_told_in_its_words(api: FakeApi, pauses: list[float]) -> None:
    api.on("GET", EXEC, said(POLICY, 422))
    async with await api.session() as session:
        with pytest.raises(errors.Denied, match="no pods on a Monday"):
            await session.exec("n", "a", "c", ["sh", "-c", "true"], timeout_s=5)
    streamed, asked = [query for _, path, query, _ in api.seen if path == EXEC]
    assert {key: value for key, value in asked.items() if key != "command"} == {
        key: value for key, value in streamed.items() if key != "command"
    }


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (403, RIGHTS, errors.Forbidden),
        (400, "Upgrade request required", errors.Invalid),
        (404, 'pods "a" not found', errors.NotFound),
        (500, "container not running", errors.ServerError),
    ],
)
async def test_any_other_command_that_is_not_run_stays_what_it_is(
    api: FakeApi, status: int, message: str, kind: type[errors.ApiError]
) -> None:
    api.on("GET", EXEC, said(message, status))
    async with await api.session() as session:
        with pytest.raises(kind) as raised:
            await session.exec("n", "a", "c", ["true"], timeout_s=5)
    assert type(raised.value) is kind
    assert raised.value.__cause__ is not raised.value
    # Where it may have been admission, and only there, it is asked once more.
    assert api.count("GET", EXEC) == (2 if status in (400, 403) else 1)
