"""The cluster's names, as the lab's DNS answers them."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_conformance.lab.dns.messages import A, BadMessageError, Code, Question
from ai_conformance.lab.dns.records import reply

AAAA = 28
SERVICES = {
    "/api/v1/namespaces/ns/services/web": {"spec": {"clusterIPs": ["10.1.0.7", "fd00::7"]}},
    "/api/v1/namespaces/ns/services/many": {"spec": {"clusterIPs": ["None"]}},
    "/apis/discovery.k8s.io/v1/namespaces/ns/endpointslices?labelSelector=kubernetes.io/service-name%3Dmany": {
        "items": [
            {
                "addressType": "IPv4",
                "endpoints": [
                    {"addresses": ["10.2.0.1"], "hostname": "many-0", "conditions": {"ready": True}},
                    {"addresses": ["10.2.0.2"], "hostname": "many-1", "conditions": {"ready": False}},
                ],
            },
            {"addressType": "IPv6", "endpoints": [{"addresses": ["fd00::1"]}]},
        ]
    },
}


def question(name: str, kind: int = A) -> bytes:
    labels = b"".join(bytes([len(one)]) + one.encode() for one in name.split("."))
    return struct.pack("!6H", 7, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!2H", kind, 1)


def ask(name: str, kind: int = A) -> tuple[Code, list[str]]:
    message = question(name, kind)
    said = reply(Question.parse(message), get=SERVICES.get)
    identifier, flags, questions, answers, *_ = struct.unpack_from("!6H", said)
    assert (identifier, questions, flags & 0x8000) == (7, 1, 0x8000)
    assert said[12 : len(message)] == message[12:]
    records = said[len(message) :]
    assert len(records) == 16 * answers
    addresses = [".".join(map(str, records[at + 12 : at + 16])) for at in range(0, len(records), 16)]
    return Code(flags & 0xF), addresses


@pytest.mark.parametrize(
    ("name", "code", "addresses"),
    [
        ("web.ns.svc.cluster.local", Code.NO_ERROR, ["10.1.0.7"]),
        ("WEB.ns.svc.Cluster.local", Code.NO_ERROR, ["10.1.0.7"]),
        ("many.ns.svc.cluster.local", Code.NO_ERROR, ["10.2.0.1"]),
        ("many-1.many.ns.svc.cluster.local", Code.NO_ERROR, ["10.2.0.2"]),
        ("many-2.many.ns.svc.cluster.local", Code.NO_SUCH_NAME, []),
        ("other.ns.svc.cluster.local", Code.NO_SUCH_NAME, []),
        ("web.ns.svc", Code.REFUSED, []),
        ("ns.svc.cluster.local", Code.NO_SUCH_NAME, []),
        ("_.ns.svc.cluster.local", Code.NO_SUCH_NAME, []),
        ("example.com", Code.REFUSED, []),
        ("notcluster.local", Code.REFUSED, []),
    ],
)
def test_a_name_has_the_addresses_of_its_service(name: str, code: Code, addresses: Sequence[str]) -> None:
    assert ask(name) == (code, addresses)


def test_a_name_without_addresses_of_a_kind_exists_all_the_same() -> None:
    assert ask("web.ns.svc.cluster.local", AAAA) == (Code.NO_ERROR, [])
    assert ask("other.ns.svc.cluster.local", AAAA) == (Code.NO_SUCH_NAME, [])


@given(st.binary(max_size=60))
def test_any_message_is_a_question_or_none(message: bytes) -> None:
    try:
        asked: Any = Question.parse(message)
    except BadMessageError:
        return
    assert isinstance(reply(asked, get=lambda path: None), bytes)
