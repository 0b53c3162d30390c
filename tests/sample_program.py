"""A copy of the program's repository for tests: checklists with the real ids and levels and with words of our own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from ai_conformance import catalog
from ai_conformance.model.releases import Release

METADATA = (
    "platformName",
    "platformVersion",
    "vendorName",
    "websiteUrl",
    "repoUrl",
    "documentationUrl",
    "productLogoUrl",
    "description",
    "contactEmailAddress",
)

ANSWERS = {
    "platformName": "Acme Platform",
    "platformVersion": "4.2.0",
    "vendorName": "Acme",
    "websiteUrl": "https://acme.example",
    "documentationUrl": "https://docs.acme.example",
    "productLogoUrl": "https://acme.example/logo.svg",
    "description": "Runs accelerated workloads.",
    "contactEmailAddress": "conformance@acme.example",
    "k8sConformanceUrl": "https://github.com/cncf/k8s-conformance/tree/master/v1.37/acme",
}


def make(folder: Path) -> Path:
    """Write a checklist of each release that the catalog knows."""
    (folder / "docs").mkdir(parents=True)
    for release in catalog.load().releases:
        text = "\n".join(_lines(release)) + "\n"
        (folder / "docs" / f"AIConformance-{release}.yaml").write_text(text, encoding="utf-8")
    return folder


def _lines(release: Release) -> Iterator[str]:
    yield f"# Checklist of {release} for tests"
    yield "metadata:"
    yield f"  kubernetesVersion: v{release}"
    yield from (f'  {key}: "[{key}]"' for key in METADATA)
    yield ""
    yield "spec:"
    category = None
    for one in catalog.load().requirements(release):
        level = one.level_in(release)
        if one.category != category:
            category = one.category
            yield f"  {category}:"
        yield f"    - id: {one.id}"
        yield f"      description: {json.dumps(one.summary)}"
        yield f"      level: {level}"
        yield '      status: ""'
        yield "      evidence: []"
        yield '      notes: ""'
