"""A secret of every form is cut at every place of an object or a log at which it can stand."""

from __future__ import annotations

import base64
import json
import time
import urllib.parse
from collections.abc import Callable
from typing import Any

import pytest

from ai_conformance.evidence.redaction import Report, redact_object, redact_text
from canaries import FORMS, MARK, ONE_LINE, Canary, planted, traces, word

PLACES: dict[str, Callable[[str], Any]] = {
    "log": lambda text: f"I0101 server.go:1] starting\n{text}\nI0101 server.go:2] started",
    "log-line": lambda text: f'time="1" level=info msg="request" {text} status=200',
    "quoted-log-line": lambda text: f"level=info msg={json.dumps(text)} status=200",
    "event": lambda text: {
        "kind": "Event",
        "message": f"Error: failed to pull: {text}",
        "involvedObject": {"name": "x"},
    },
    "condition": lambda text: {"status": {"conditions": [{"type": "Ready", "message": f"not yet: {text}"}]}},
    "annotation": lambda text: {"metadata": {"annotations": {"example.com/note": text}}},
    "annotation-in-json": lambda text: {"metadata": {"annotations": {"example.com/note": json.dumps({"note": text})}}},
    "environment": lambda text: {"env": [{"name": "SETTINGS", "value": text}]},
    "argument": lambda text: {"command": ["sh", "-c", text]},
    "config-map": lambda text: {"kind": "ConfigMap", "data": {"settings": text}},
    "binary-data": lambda text: {"kind": "ConfigMap", "binaryData": {"x": base64.b64encode(text.encode()).decode()}},
    "attribute": lambda text: {"devices": [{"attributes": {"x": {"string": text}}}]},
    "key": lambda text: {"seen": {text: 1}},
    "nested": lambda text: [{"a": [{"b": [text]}]}],
    "log-in-base64": lambda text: f"content: {base64.b64encode(f'settings: {text}'.encode()).decode()}",
}
# A whole quoted text is told apart from what is around it by its quotes; in these places it has none of its own.
NAMES: dict[str, Callable[[str], Any]] = {
    "environment": lambda word: {"env": [{"name": "HF_TOKEN", "value": f"{word} {word}"}]},
    "header": lambda word: {"httpHeaders": [{"name": "Authorization", "value": word}]},
    "key-and-value": lambda word: {"settings": [{"key": "db-password", "value": word}]},
    "argument": lambda word: {"args": ["--port", "1", "--admin-token", word, "--verbose"]},
    "annotation": lambda word: {"metadata": {"annotations": {"example.com/api-token": word}}},
    "label": lambda word: {"metadata": {"labels": {"example.com/access-key": word}}},
    "config-map": lambda word: {"kind": "ConfigMap", "data": {"database_password": f"a\n{word}"}},
    "parameter": lambda word: {"parameters": {"signing-key": word}},
    "attribute": lambda word: {"attributes": {"licenseToken": {"string": word}}},
    "field": lambda word: {"spec": {"adminPassword": word}},
    "docker": lambda word: {"data": {".dockerconfigjson": word}},
    "applied": lambda word: {"annotations": {"objectset.rio.cattle.io/applied": word}},
    "secret": lambda word: {"kind": "Secret", "data": {"plain": word}, "stringData": {"plain": word}},
    "watched-secret": lambda word: {"type": "ADDED", "object": {"kind": "Secret", "data": {"plain": word}}},
    "metric": lambda word: f'up{{pod="a",token="{word}"}} 1',
    "query": lambda word: f"GET /v1/models?api_key={word}&limit=5",
    "encoded-query": lambda word: "GET /x?next=" + urllib.parse.quote(f"/y?api_key={word}&limit=5", safe=""),
}


def cut(value: Any) -> bytes:
    """As evidence has it, once and after a second time, which must change nothing."""
    once = redact_object(value, report=(report := Report()))
    assert report.counts.total() >= 1
    assert redact_object(once, report=(again := Report())) == once
    assert again.as_mapping() == {}
    return json.dumps(once).encode()


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("form", FORMS)
def test_no_form_gets_through_anywhere(form: str, place: str) -> None:
    if form not in ONE_LINE and place == "log-line":
        return  # a line has one line
    canary: Canary = planted(form, place=place, number=list(FORMS).index(form))
    assert traces(canary.text.encode())
    assert traces(cut(PLACES[place](canary.text))) == []


@pytest.mark.parametrize("place", NAMES)
def test_a_word_without_a_form_is_cut_where_the_name_says_that_it_is_secret(place: str) -> None:
    assert traces(cut(NAMES[place](word(7)))) == []


def test_a_trace_is_found_in_any_encoding() -> None:
    for text in (word(3), f"x{word(3)}", f"xy{word(3)}"):
        assert traces(base64.b64encode(text.encode()))
    assert traces(f"...{MARK}".encode())
    assert not traces(b"nothing here")


EVIDENCE = [
    "GPU-4f6b1d1e-1c2b-4d5e-8f90-aabbccddeeff",
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "docker-pullable://registry.example/team/some-quite-long-image-name@sha256:e3b0c44298fc1c149afbf4c8996fb924",
    "docker-pullable://some-quite-long-image-name-without-registry@sha256:e3b0c44298fc1c149afbf4c8996fb924",
    "containerd://e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    'DCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="GPU-4f6b1d1e",pod="a",namespace="aic-x"} 97',
    "https://10.201.0.1:6443/api/v1/namespaces/aic-x/pods?limit=500&resourceVersion=12345",
    "/apis/resource.k8s.io/v1/namespaces/aic-x/resourceclaims/a/status",
    "system:serviceaccount:kube-system:token-cleaner",
    "no permission to create serviceaccounts/token in the whole cluster",
    'secrets "registry" is forbidden: User "a" cannot get resource "secrets" in API group ""',
    "device.attributes['gpu.example.com'].uuid == 'GPU-1' && device.driver == 'gpu.example.com'",
    "generated 128 tokens in 1.5 s; tokens per second: 85",
    "automountServiceAccountToken: false",
    '{"automountServiceAccountToken": false, "secretName": "certificate"}',
    "type: kubernetes.io/service-account-token",
    'MountVolume.SetUp failed for volume "kube-api-access" : configmap "kube-root-ca.crt" not registered',
    "the bearer authentication of the token was refused",
    "KEY=node-1 RESULT: VISIBLE=2 key=value",
    "pod-template-hash: 7d4b9c8f5d, uid: 0a1b2c3d-0000-4000-8000-000000000000",
    base64.b64encode(b"just some text that says nothing of importance to anybody").decode(),
    base64.b64encode(bytes(range(64))).decode(),
]


@pytest.mark.parametrize("text", EVIDENCE)
def test_evidence_stays_as_it_was(text: str) -> None:
    report = Report()
    assert redact_text(text, report=report) == text
    assert redact_object({"metadata": {"annotations": {"note": text}}, "seen": [text]}, report=report) == {
        "metadata": {"annotations": {"note": text}},
        "seen": [text],
    }
    assert report.as_mapping() == {}


def test_references_to_secrets_stay() -> None:
    references = {
        "secretRef": {"name": "registry"},
        "secretName": "certificate",
        "imagePullSecret": "registry",
        "credentials": "projected",
        "env": [{"name": "HF_TOKEN", "valueFrom": {"secretKeyRef": {"name": "hf", "key": "token"}}}],
        "args": ["--token-file", "/run/token", "--v", "2"],
        "tolerations": [{"key": "example.com/accelerator", "value": "present"}],
        "labels": {"app.kubernetes.io/name": "secret-store"},
    }
    assert redact_object(references, report=Report()) == references


@pytest.mark.parametrize(
    "repeated",
    [
        *(
            "a.",
            "A",
            "eyJ",
            "-eyJabc",
            "://",
            "://a:",
            "--token ",
            "password",
            "token=\\",
            "-----BEGIN PRIVATE KEY-----",
        ),
        *("authorization: ", "bearer ", "key: '", "Cookie:", '"auth"', "$2y$", "kind: Secret\ndata:\n", "{", " "),
        *('"kind":"Secret","data":{', '"kind":"Secret","data":{"a":{}', "kind: Secret\\ndata:\\n a: b"),
    ],
)
def test_no_text_holds_a_run_up(repeated: str) -> None:
    text = repeated * (200_000 // len(repeated))
    begun = time.process_time()
    redact_text(text, report=Report())
    # Some hundredths of a second; what is tried again for every letter takes minutes.
    assert time.process_time() - begun < 5
