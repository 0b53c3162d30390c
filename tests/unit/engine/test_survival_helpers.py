"""What the proofs that a run survives are judged by: verbs read from requests, honest verdicts, things that changed."""

from __future__ import annotations

import dataclasses
import json

import pytest

import remains
from api_troubles import is_honest, outages, troubles
from kill_trial import Kill
from verb_uses import CHECKS, EVERY_RUN, Verb, asked, declared, rules, sent

DRA = "resource.k8s.io"


@pytest.mark.parametrize(
    ("method", "address", "expected"),
    [
        ("GET", "/api/v1/namespaces/kube-system", "get namespaces"),
        ("GET", "/api/v1/namespaces?watch=true&fieldSelector=metadata.name", "watch namespaces"),
        ("GET", "/api/v1/pods?limit=500", "list pods"),
        ("GET", "/api/v1/namespaces/n/pods?labelSelector=a=b", "list pods"),
        ("DELETE", "/api/v1/namespaces/n/pods?labelSelector=a=b", "deletecollection pods"),
        ("DELETE", "/api/v1/namespaces/n/pods/a", "delete pods"),
        ("GET", "/api/v1/namespaces/n/pods/a/exec", "get pods/exec"),
        ("GET", "/api/v1/namespaces/n/pods/a:8080/proxy/metrics/x", "get pods/proxy"),
        ("PUT", f"/apis/{DRA}/v1/namespaces/n/resourceclaims/a/status", f"update resourceclaims/status.{DRA}"),
        ("POST", f"/apis/{DRA}/v1/deviceclasses", f"create deviceclasses.{DRA}"),
        ("GET", "/apis/custom.metrics.k8s.io/v1beta1/namespaces/n/pods/*/load", "get pods/load.custom.metrics.k8s.io"),
        ("GET", "/version", "None"),
        ("GET", "/apis", "None"),
    ],
)
def test_the_verb_of_a_request_is_that_of_the_authoriser(method: str, address: str, expected: str) -> None:
    assert str(asked(method, address)) == expected


def test_what_was_sent_is_told_by_check_with_what_the_server_asks_besides() -> None:
    def line(actor: str, method: str, path: str) -> str:
        return json.dumps({"actor": actor, "method": method, "path": path})

    found = sent(
        [
            line("run", "GET", "/api/v1/nodes"),
            line("check/dra_support", "GET", "/api/v1/namespaces/n/pods/a/exec"),
            line("check/dra_support", "GET", "/version"),
        ]
    )
    assert {name: sorted(map(str, verbs)) for name, verbs in found.items()} == {
        EVERY_RUN: ["list nodes"],
        "dra_support": ["create pods/exec", "get pods/exec"],
    }


def test_a_role_lacks_the_one_verb_and_nothing_else() -> None:
    verb = Verb(group=DRA, resource="resourceclaims", verb="create")
    assert verb in declared()["dra_support"]
    whole, fewer = rules(["dra_support"]), rules(["dra_support"], without=verb)
    lacking = [one for one in whole if one not in fewer]
    assert lacking == [{"apiGroups": [DRA], "resources": ["resourceclaims"], "verbs": ["create"]}]
    assert set(declared()) == {EVERY_RUN, *CHECKS}


@pytest.mark.parametrize(
    ("verdict", "reason", "honest"),
    [
        ("PASS", "", True),
        ("ERROR", "GET /api/v1/pods: 429: made up", True),
        ("BLOCKED", "GET /api/v1/pods: 429: made up", True),
        ("ERROR", "a bug of ai-conformance: KeyError", False),
        ("FAIL", "GET /api/v1/pods: 429: made up", False),
        ("NOT_TESTED", "429", False),
    ],
)
def test_a_verdict_under_a_trouble_is_the_sound_one_or_names_the_trouble(
    verdict: str, reason: str, honest: bool
) -> None:
    busy = next(one for one in troubles() if one.name == "too-many-requests")
    assert is_honest(busy, sound="PASS", verdict=verdict, reason=reason) is honest


def test_a_pass_where_a_sound_run_fails_is_not_honest() -> None:
    assert not is_honest(outages()[0], sound="FAIL", verdict="PASS", reason="all 3 cases passed")


def test_troubles_have_names_of_their_own() -> None:
    names = [one.name for one in (*troubles(), *outages())]
    assert len(set(names)) == len(names) == 12


def test_what_has_gone_was_changed_or_restarted_is_told() -> None:
    def seen(uid: str, **fields: object) -> remains.Seen:
        one = remains.Seen(uid=uid, what=f"pods n/{uid}", wanted="a", restarts=0)
        return dataclasses.replace(one, **fields)  # type: ignore[arg-type]

    before = {uid: seen(uid) for uid in ("gone", "changed", "restarted", "same")}
    after = {
        "changed": seen("changed", wanted="b"),
        "restarted": seen("restarted", restarts=1),
        "same": seen("same"),
        "new": seen("new"),
    }
    assert remains.differences(before, after, closely=before) == [
        "pods n/gone has gone",
        "pods n/changed was changed",
        "pods n/restarted was restarted",
    ]


@pytest.mark.parametrize(
    ("fields", "good"),
    [
        ({}, True),
        ({"then": "resume", "verdicts": {"dra_support": "PASS"}}, True),
        ({"then": "resume"}, False),
        ({"then": "resume", "verdicts": {"dra_support": "BLOCKED"}}, False),
        ({"left": ("pods n/a",)}, False),
        ({"touched": ("pods n/a has gone",)}, False),
        ({"trouble": "left: Pod n/a"}, False),
    ],
)
def test_a_kill_is_good_where_nothing_is_left_or_touched_and_what_was_taken_up_passed(
    fields: dict[str, object], good: bool
) -> None:
    kill = Kill(
        number=1,
        lane="devices",
        moment_s=1.0,
        life_s=10.0,
        then="clean",
        there=3,
        open=3,
        unanswered=0,
        seconds=6.0,
        left=(),
        touched=(),
        verdicts={},
    )
    assert dataclasses.replace(kill, **fields).good is good  # type: ignore[arg-type]
