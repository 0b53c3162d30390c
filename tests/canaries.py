"""Secrets that are none: one of every form, each with a word that is found again wherever a part of it gets through.

The word begins, continues and ends with the same letters, which nothing else in a run has, so that it shows when a
secret was cut in part; and it is looked for in base64 too, wherever in that it stands.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import re
import string
from collections.abc import Callable, Mapping
from pathlib import Path

MARK = "CANARY"
_DIGITS = string.ascii_uppercase[:8]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Canary:
    """One planted secret."""

    form: str
    place: str
    word: str
    text: str
    """As a program would print it: the secret with what makes it recognised."""


def word(number: int) -> str:
    """Sixteen letters, legal in every form: CANARY, the number, CANARY."""
    digits = "".join(_DIGITS[number // 8**place % 8] for place in range(4))
    return f"{MARK}{digits}{MARK}"


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _pem(word: str) -> str:
    return f"-----BEGIN PRIVATE KEY-----\n{word * 4}\n{word}==\n-----END PRIVATE KEY-----"


FORMS: Mapping[str, Callable[[str], str]] = {
    "bearer": lambda word: f"Authorization: Bearer {word}",
    "basic": lambda word: f"authorization: Basic {_encoded('user:' + word)}",
    "aws-signature": lambda word: f"Authorization: AWS4-HMAC-SHA256 Credential=a/b, Signature={word}",
    "jwt": lambda word: f"eyJhbGciOiJSUzI1NiJ9.{_encoded(word).rstrip('=')}.{word}",
    "private-key": _pem,
    "aws-key-id": lambda word: f"AKIA{word}",
    "aws-secret": lambda word: f"aws_secret_access_key = {word}/{word}",
    "github": lambda word: f"ghp_{word}{word}abcd",
    "hugging-face": lambda word: f"hf_{word}{word}ab",
    "nvidia": lambda word: f"nvapi-{word}-{word}_{word}",
    "model-provider": lambda word: f"sk-proj-{word}{word}",
    "slack": lambda word: f"xoxb-{word}-{word}",
    "url-password": lambda word: f"postgres://admin:{word}@db.example/models",
    "url-token": lambda word: f"https://{word}{word}@registry.example/v2/",
    "signed-url": lambda word: f"https://store.example/model?X-Amz-Expires=60&X-Amz-Signature={word}&x=1",
    "storage-account": lambda word: f"AccountName=models;AccountKey={word}{word}==;EndpointSuffix=example",
    "environment": lambda word: f"REGISTRY_PASSWORD={word},{word};{word}",
    "flag": lambda word: f"serve --api-key={word} --port=8080",
    "flag-apart": lambda word: f"serve --admin-token {word} --port 8080",
    "json-field": lambda word: json.dumps({"user": "admin", "password": word}),
    "json-in-json": lambda word: json.dumps({"config": json.dumps({"clientSecret": f'{word}"{word}'})}),
    "yaml-field": lambda word: f"registry:\n  user: admin\n  password: {word}",
    "docker-config": lambda word: json.dumps({"auths": {"registry.example": {"auth": _encoded("u:" + word)}}}),
    "docker-config-encoded": lambda word: _encoded(json.dumps({"auths": {"r.example": {"auth": _encoded(word)}}})),
    "kubeconfig-encoded": lambda word: _encoded(f"users:\n- name: u\n  user:\n    token: {word}\n"),
    "secret-object": lambda word: json.dumps({"kind": "Secret", "data": {"plain": _encoded(word)}}),
    "secret-yaml": lambda word: f"apiVersion: v1\nkind: Secret\ndata:\n  plain: {_encoded(word)}\ntype: Opaque",
    "cookie": lambda word: f"Cookie: session={word}; other={word}",
    "api-key-header": lambda word: f"X-Api-Key: {word}",
    "password-hash": lambda word: f"$2y$10${word}{word}",
}
"""The text by the form, for a word."""

ONE_LINE = tuple(form for form, text in FORMS.items() if "\n" not in text(word(0)))
"""Forms that may stand where there can be one line only."""


def planted(form: str, *, place: str, number: int) -> Canary:
    """A canary of a form; numbers are what tells canaries apart."""
    mine = word(number)
    return Canary(form=form, place=place, word=mine, text=FORMS[form](mine))


_RUN = re.compile(rb"[A-Za-z0-9+/]{12,}")


def traces(content: bytes, *, nesting: int = 2) -> list[bytes]:
    """What of canaries is in a file, as it stands or in base64 of base64, with what is around it; a few of each.

    Percent-encoding and escapes leave letters as they are.
    """
    found = [content[max(0, one.start() - 60) : one.end() + 60] for one in re.finditer(MARK.encode(), content)]
    if nesting:
        for run in _RUN.finditer(content):
            for begin in range(4):  # what precedes it may have the same letters
                part = run[0][begin:]
                if traces(base64.b64decode(part[: len(part) // 4 * 4]), nesting=nesting - 1):
                    found.append(content[max(0, run.start() - 60) : run.end() + 60])
                    break
    return found[:20]


def traces_in(folder: Path) -> dict[str, list[bytes]]:
    """By the path of each file below a folder that has any."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    found = {str(path.relative_to(folder)): traces(path.read_bytes()) for path in files}
    return {name: seen for name, seen in found.items() if seen}
