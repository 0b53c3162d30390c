"""Where each rule about metadata ends: what it finds and no other does, and what is not its business any more."""

from __future__ import annotations

import pytest

from ai_conformance.submission.findings import Severity
from strict_trial import VALUES, Trial

ERROR, WARNING = Severity.ERROR, Severity.WARNING
A_FILE = "https://github.com/acme/x/blob"


@pytest.mark.parametrize("key", VALUES)
def test_a_placeholder_is_one_mistake_and_not_several(trial: Trial, key: str) -> None:
    trial.set_value(key, '"[TODO: your value]"')
    (finding,) = trial.report().findings
    assert finding.rule == "placeholder/template"


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("websiteUrl", '"  "', {("metadata/missing", ERROR)}),
        ("description", '"Runs workloads. "', set()),
        ("description", '"It was at example.com before."', set()),
        ("kubernetesVersion", '"v1.37.4-rc.1"', set()),
        ("kubernetesVersion", '"v1.370"', {("metadata/kubernetes-version", ERROR)}),
        ("platformVersion", "latest", {("metadata/platform-version", WARNING)}),
        ("platformVersion", '">=4.2.0"', {("metadata/platform-version", WARNING)}),
        ("platformVersion", "!!str 4.2", set()),
        ("platformVersion", "!!str 2026-02-19", set()),
        ("productLogoUrl", "N/A", {("metadata/address", ERROR)}),
        ("productLogoUrl", "https://www.acme-cloud.io/logo.ai", set()),
        ("productLogoUrl", "https://www.acme-cloud.io/logo.eps", set()),
        ("productLogoUrl", "https://github.com/acme/art/tree/main/logos", {("logo/format", WARNING)}),
        ("k8sConformanceUrl", "N/A", {("metadata/address", ERROR), ("metadata/k8s-conformance-url", ERROR)}),
        ("documentationUrl", "https://github.com/cncf/k8s-ai-conformance", {("metadata/documentation", WARNING)}),
        ("documentationUrl", "https://github.com/cncf/k8s-conformance-docs", set()),
        ("contactEmailAddress", "me@acme-cloud.i", {("metadata/email", ERROR)}),
        ("contactEmailAddress", "me@acme-cloud.io (me)", {("metadata/email", ERROR)}),
        ("websiteUrl", "https://acme.test/", {("placeholder/example", ERROR)}),
        ("websiteUrl", "https://localhost/", {("metadata/address", ERROR), ("placeholder/example", ERROR)}),
        ("vendorName", "Your company name", {("placeholder/template", ERROR)}),
        ("vendorName", "<your company>", {("placeholder/template", ERROR)}),
        ("description", "Endorsed by Kubernetes.", {("wording/certified", WARNING)}),
        ("platformName", '"Acme (AI"', set()),
        ("platformName", "2026-02-19", {("structure/value-type", ERROR)}),
        ("platformName", "!!int 4", {("structure/value-type", ERROR)}),
    ],
)
def test_a_value_of_the_metadata_is_one_rules_business(
    trial: Trial, key: str, value: str, expected: set[tuple[str, Severity]]
) -> None:
    trial.set_value(key, value)
    assert trial.weighed() == expected


@pytest.mark.parametrize(
    ("key", "value", "rule", "correction"),
    [
        ("kubernetesVersion", '"v1.36"', "metadata/kubernetes-version", "v1.37"),
        ("vendorName", '" Acme "', "metadata/white-space", "Acme"),
        ("productLogoUrl", f"{A_FILE}/main/l.svg", "logo/raw", "https://raw.githubusercontent.com/acme/x/main/l.svg"),
        ("platformVersion", "4.20", "structure/value-type", "4.20"),
    ],
)
def test_the_correction_of_a_value_is_right(trial: Trial, key: str, value: str, rule: str, correction: str) -> None:
    trial.set_value(key, value)
    made = trial.one(rule).correction
    assert made is not None
    assert (made.place, made.value) == (("metadata", key), correction)


def test_what_has_a_tag_is_not_corrected(trial: Trial) -> None:
    trial.set_value("platformName", "!!int 4")
    assert trial.one("structure/value-type").correction is None


def test_a_missing_field_is_shown_at_the_metadata_and_an_empty_optional_one_is_found(trial: Trial) -> None:
    trial.change(f'  vendorName: "{VALUES["vendorName"]}"\n', '  repoUrl: ""\n')
    missing, empty = sorted(trial.found("metadata/missing"), key=lambda finding: finding.line)
    assert trial.line(missing).startswith("kubernetesVersion:")
    assert empty.message == "repoUrl is empty"
