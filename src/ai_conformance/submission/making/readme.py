"""Texts for people beside the artifacts: how to reproduce them, and what to say in a pull request."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping

from ai_conformance.model.records import RunRecord
from ai_conformance.model.verdicts import Verdict
from ai_conformance.submission.product import Product

NAME = "README.md"
FIRST_LINE = "<!-- Written by ai-conformance submission pack. -->"

_OWN = re.compile(r"--(?:kubeconfig|context|output)(?:=|$)")
"""Options that say where a run was made and not what was run."""
_PLACES = re.compile(r"(--(?:prometheus-(?:url|token-file|basic-auth-file)|image-registry))=.*", re.DOTALL)
"""Options that have to be given, with a place of one's own."""

_HASH = re.compile(r"^- `([^`]+)` ([0-9a-f]{64})\r?$", re.MULTILINE)


def text(record: RunRecord, *, hashes: Mapping[str, str]) -> str:
    """README.md of a product's folder."""
    return "\n".join(line.rstrip() for line in (FIRST_LINE, *_readme(record, hashes))) + "\n"


def hashes(text: str) -> Mapping[str, str]:
    """The SHA-256 that a README.md of ours tells of each artifact; none of a README.md of somebody else."""
    return dict(_HASH.findall(text)) if text.startswith(FIRST_LINE) else {}


def summary(record: RunRecord, *, product: Product | None) -> str:
    """The text of a pull request; with what the vendor declares, where there is a PRODUCT.yaml."""
    return "\n".join(line.rstrip() for line in _summary(record, product)) + "\n"


def command(record: RunRecord) -> str:
    """The command that repeats the run on another cluster."""
    options = [shlex.quote(_PLACES.sub(r"\1=YOURS", one)) for one in record.command if not _OWN.match(one)]
    release = [] if any(one.startswith("--release") for one in options) else [f"--release={record.release}"]
    return " ".join(["ai-conformance run", *release, *options, "--output results/mine"])


def _readme(record: RunRecord, hashes: Mapping[str, str]) -> Iterator[str]:
    yield f"# Artifacts for Kubernetes AI Conformance {record.release}"
    yield ""
    yield f"`e2e.log`, `junit.xml` and `results.json` are of one run ({record.run_id}) of kube-ai-conformance "
    yield f"{record.tool_version}, begun {record.started_at:%Y-%m-%d %H:%M} UTC on Kubernetes "
    yield f"{record.cluster.server_version} with {record.cluster.nodes} node{'s' * (record.cluster.nodes != 1)}."
    yield ""
    for line in record.cluster.accelerators:
        yield f"- accelerators: {_cell(line)}"
    yield ""
    yield "## Reproduce"
    yield ""
    yield f"With kube-ai-conformance {record.tool_version} and the kubeconfig of such a cluster:"
    yield ""
    yield "```console"
    yield command(record)
    yield "```"
    yield ""
    yield "## Verdicts"
    yield ""
    yield from _table(record)
    yield ""
    yield "## Hashes (SHA-256)"
    yield ""
    for name, digest in hashes.items():
        yield f"- `{name}` {digest}"


def _summary(record: RunRecord, product: Product | None) -> Iterator[str]:
    if product is not None:
        yield f"## {_cell(product.text('platformName'))} {_cell(product.text('platformVersion'))}, v{record.release}"
        yield ""
    yield f"Artifacts of one run of kube-ai-conformance {record.tool_version} on Kubernetes "
    yield f"{record.cluster.server_version} ({record.started_at:%Y-%m-%d}):"
    yield ""
    yield from _table(record)
    if product is not None:
        yield ""
        yield "Declared in PRODUCT.yaml:"
        yield ""
        yield "| requirement | level | status | evidence |"
        yield "|---|---|---|---|"
        for entry in product.entries:
            status = _cell(entry.status) or "(empty)"
            yield f"| {_cell(entry.id)} | {_cell(entry.level)} | {status} | {len(entry.evidence)} |"


def _table(record: RunRecord) -> Iterator[str]:
    """What was tested; what waits for a person is counted."""
    yield "| requirement | level | verdict | what was seen |"
    yield "|---|---|---|---|"
    tested = [one for one in record.checks if one.verdict is not Verdict.NOT_TESTED]
    for one in tested:
        yield f"| {one.requirement} | {one.level} | {one.verdict} | {_cell(one.reason)} |"
    rest = len(record.checks) - len(tested)
    if rest:
        yield ""
        yield f"{rest} further requirements are not tested by a machine and are attested in PRODUCT.yaml."


def _cell(value: str) -> str:
    """A text in a table of Markdown: on one line, and no markup of its own."""
    escaped = re.sub(r"([\\`*_{}\[\]<>|#!])", r"\\\1", " ".join(value.split()))
    return "".join(one for one in escaped if one.isprintable())
