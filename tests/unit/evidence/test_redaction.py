"""No secret gets into evidence, and what is no secret stays readable."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_conformance.evidence import redaction
from ai_conformance.evidence.redaction import Report, redact_object, redact_text

CANARY = "Canary0Canary1Canary2Canary3"
PEM = f"-----BEGIN EC PRIVATE KEY-----\n{CANARY}\nabc\n-----END EC PRIVATE KEY-----"
JWT = f"eyJhbGciOiJub25lIn0.{CANARY}.{CANARY}"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


TEXTS = [
    pytest.param("bearer", f"Authorization: Bearer {CANARY}", id="bearer"),
    pytest.param("bearer", f'{{"authorization": "Basic {CANARY}=="}}', id="basic"),
    pytest.param("jwt", f"token is {JWT} here", id="jwt"),
    pytest.param("private-key", f"before\n{PEM}\nafter", id="pem"),
    pytest.param("private-key", PEM.partition("-----END")[0], id="pem-cut-off"),
    pytest.param("private-key", f"PEM {encoded(PEM)} here", id="pem-in-base64"),
    pytest.param("url-password", f"https://someone:{CANARY}@example.org/x", id="url"),
    pytest.param("kubeconfig", f"users:\n- user:\n    token: {CANARY}\n", id="kubeconfig-token"),
    pytest.param("kubeconfig", f'    password: "{CANARY} {CANARY}"\n', id="kubeconfig-password"),
    pytest.param("kubeconfig", f'{{"client-key-data": "{CANARY}"}}', id="kubeconfig-key"),
    pytest.param("environment", f"PATH=/bin\nDB_PASSWORD={CANARY}\nHOME=/", id="env"),
    pytest.param("environment", f"serve --api-key={CANARY} --port=1", id="flag"),
    pytest.param("environment", f'env AWS_SECRET_ACCESS_KEY="{CANARY} x" run', id="quoted"),
]


@pytest.mark.parametrize(("rule", "text"), TEXTS)
def test_a_secret_in_text_is_cut_and_counted(rule, text):
    report = Report()
    redacted = redact_text(text, report=report)
    assert CANARY not in redacted
    assert encoded(CANARY)[4:20] not in redacted
    assert f"[redacted: {rule}]" in redacted
    assert report.as_mapping() == {rule: 1}
    assert redact_text(redacted, report=Report()) == redacted


# Put together here, so that nobody who looks for lost keys takes these for some.
ACCESS_KEYS = [
    "AKIA" + "Q" * 16,
    "ASIA" + "7" * 16,
    "ghp_" + "a1B2" * 9,
    "ghs_" + "a1B2" * 10,
    "github_pat_" + "a1B2_" * 6,
    "glpat-" + "a1_B2" * 4,
    "AIza" + "a1B2-" * 7,
]


@pytest.mark.parametrize("key", ACCESS_KEYS)
def test_an_access_key_is_known_by_its_form(key: str) -> None:
    report = Report()
    assert redact_text(f"key {key}, and", report=report) == "key [redacted: access-key], and"
    assert report.as_mapping() == {"access-key": 1}


@pytest.mark.parametrize("text", ["AKIAQ", "xAKIA" + "Q" * 16, "AIzabc", "a ghp_ prefix", "LAB-AKIA" + "Q" * 16])
def test_what_only_begins_like_an_access_key_stays(text: str) -> None:
    assert redact_text(text, report=Report()) == text


OBJECTS = [
    pytest.param({"kind": "Secret", "data": {"a": encoded(CANARY)}, "stringData": {"b": CANARY}}, id="secret"),
    pytest.param({"items": [{"kind": "Secret", "data": {"a": CANARY}}]}, id="secret-in-list"),
    pytest.param(
        {"kind": "SecretList", "items": [{"metadata": {"name": "x"}, "data": {"a": CANARY}}]}, id="secret-list"
    ),
    pytest.param(
        {"metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": CANARY}}}, id="last-applied"
    ),
    pytest.param({"metadata": {"managedFields": [{"manager": CANARY}]}}, id="managed-fields"),
    pytest.param({"env": [{"name": "HF_TOKEN", "value": CANARY}]}, id="env"),
    pytest.param({"users": [{"user": {"token": CANARY, "client-key-data": encoded(PEM)}}]}, id="kubeconfig"),
    pytest.param({"environment": {"DB_PASSWORD": CANARY}}, id="env-mapping"),
    pytest.param({"args": [f"--token={CANARY}"]}, id="flag"),
    pytest.param({"kind": "TokenRequest", "status": {"token": CANARY}}, id="token-request"),
    pytest.param({"kind": "ConfigMap", "data": {"kubeconfig": f"token: {CANARY}"}}, id="text-in-config-map"),
]


@pytest.mark.parametrize("value", OBJECTS)
def test_a_secret_in_an_object_is_cut(value):
    before = json.dumps(value)
    report = Report()
    redacted = json.dumps(redact_object(value, report=report))
    assert CANARY not in redacted
    assert encoded(CANARY)[4:20] not in redacted
    assert report.counts.total() >= 1
    assert json.dumps(value) == before
    assert json.dumps(redact_object(json.loads(redacted), report=Report())) == redacted


def test_what_is_no_secret_stays():
    pod = {
        "kind": "Pod",
        "metadata": {"name": "token-reader", "labels": {"app": "secret-sharing"}},
        "spec": {
            "automountServiceAccountToken": False,
            "imagePullSecrets": [{"name": "registry"}],
            "volumes": [{"secret": {"secretName": "certificate"}}],
            "containers": [{"env": [{"name": "DEVICE_UUID", "value": "GPU-1"}], "args": ["--tokens-per-second=5"]}],
        },
        "certificate": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        "ca": encoded("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"),
        "message": "the bearer authentication of the token was refused; basic features only",
    }
    report = Report()
    assert redact_object(pod, report=report) == pod
    assert report.as_mapping() == {}


@given(
    prefix=st.text(max_size=20), suffix=st.text(max_size=20), text=st.sampled_from([case.values[1] for case in TEXTS])
)
def test_a_secret_is_cut_wherever_it_stands(prefix, suffix, text):
    assert CANARY not in redact_text(f"{prefix}\n{text}\n{suffix}", report=Report())


def test_every_rule_is_described():
    for rule in {case.values[0] for case in TEXTS} | {"access-key"}:
        assert f"``{rule}``" in (redaction.__doc__ or "")
