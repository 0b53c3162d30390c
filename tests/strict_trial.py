"""A product's folder of 1.37 without a fault, and what the strict rules say of it after a change."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from ai_conformance import catalog
from ai_conformance.model.releases import Release
from ai_conformance.submission import folders
from ai_conformance.submission.findings import Finding, Report, Severity
from ai_conformance.submission.judging import Judge

RELEASE = Release(1, 37)
VALUES = {
    "kubernetesVersion": "v1.37",
    "platformName": "Acme Platform",
    "platformVersion": "4.2.0",
    "vendorName": "Acme",
    "websiteUrl": "https://www.acme-cloud.io",
    "documentationUrl": "https://docs.acme-cloud.io/platform/",
    "productLogoUrl": "https://www.acme-cloud.io/logo.svg",
    "description": "Runs accelerated workloads.",
    "contactEmailAddress": "conformance@acme-cloud.io",
    "k8sConformanceUrl": "https://github.com/cncf/k8s-conformance/tree/master/v1.37/acme",
}


@dataclasses.dataclass(kw_only=True)
class Trial:
    """A folder that a test damages, and the judge of it."""

    path: Path
    judge: Judge

    @property
    def file(self) -> Path:
        return self.path / "PRODUCT.yaml"

    @property
    def text(self) -> str:
        return self.file.read_text(encoding="utf-8")

    def change(self, old: str, new: str) -> None:
        text = self.text
        assert old in text, f"the sound file has no {old!r}"
        self.file.write_text(text.replace(old, new, 1), encoding="utf-8")

    def answer(self, requirement: str, *, status: str = "Implemented", evidence: str = "", notes: str = "") -> None:
        """Give one requirement another answer; evidence as YAML."""
        head, mark, rest = self.text.partition(f"    - id: {requirement}\n")
        assert mark
        lines = rest.split("\n")
        for index, line in enumerate(lines[:5]):
            key = line.strip().partition(":")[0]
            if key == "status":
                lines[index] = f'      status: "{status}"'
            elif key == "evidence" and evidence:
                lines[index] = f"      evidence: {evidence}"
            elif key == "notes":
                lines[index] = f'      notes: "{notes}"'
        self.file.write_text(head + mark + "\n".join(lines), encoding="utf-8")

    def report(self) -> Report:
        return self.judge.judge(folders.of(self.path), rules="strict")

    def found(self, rule: str) -> list[Finding]:
        return [one for one in self.report().findings if one.rule == rule]

    def one(self, rule: str) -> Finding:
        (finding,) = self.found(rule)
        return finding

    def weighed(self) -> set[tuple[str, Severity]]:
        return {(one.rule, one.severity) for one in self.report().findings}

    def set_value(self, key: str, value: str) -> None:
        self.change(f'{key}: "{VALUES[key]}"', f"{key}: {value}")

    def rules(self) -> set[str]:
        return {one.rule for one in self.report().findings}

    def line(self, finding: Finding) -> str:
        return self.text.split("\n")[finding.line - 1].strip()


def product_text() -> str:
    lines = [
        "# A comment that stays",
        "metadata:",
        *(f'  {key}: "{value}"' for key, value in VALUES.items()),
        "",
        "spec:",
    ]
    category = None
    for one in catalog.load().requirements(RELEASE):
        if one.category != category:
            category = one.category
            lines.append(f"  {category}:")
        lines += [
            f"    - id: {one.id}",
            f'      description: "{one.summary}"',
            f"      level: {one.level_in(RELEASE)}",
            '      status: "Implemented"   # as tested',
            f'      evidence: ["https://docs.acme-cloud.io/{one.id}"]',
            '      notes: ""',
        ]
    return "\n".join(lines) + "\n"
