"""Metadata, logo, placeholders and wording: what is wrong is found, at its place, by its rule alone."""

from __future__ import annotations

import pytest

from ai_conformance.submission.findings import Severity, Verdict
from strict_trial import VALUES, Trial

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE


def test_a_sound_product_gets_no_finding_at_all(trial: Trial) -> None:
    assert trial.report().findings == ()
    assert trial.report().verdict is Verdict.CONFORMS


CASES = [
    ("vendorName", '"[Vendor Name]"', "placeholder/template", ERROR),
    ("description", '"TODO: say what it is"', "placeholder/template", ERROR),
    ("websiteUrl", "https://www.example.com/", "placeholder/example", ERROR),
    ("documentationUrl", "https://yoyo.dyne/docs", "placeholder/example", ERROR),
    ("contactEmailAddress", "me@vendor.com", "placeholder/example", ERROR),
    ("platformName", '"Turbo Encabulator"', "placeholder/example", ERROR),
    ("kubernetesVersion", "v1.36", "metadata/kubernetes-version", ERROR),
    ("kubernetesVersion", "latest", "metadata/kubernetes-version", ERROR),
    (
        "k8sConformanceUrl",
        "https://github.com/cncf/k8s-conformance/tree/master/v1.36/acme",
        "metadata/k8s-conformance-url",
        ERROR,
    ),
    ("k8sConformanceUrl", "https://www.acme-cloud.io/k8s", "metadata/k8s-conformance-url", ERROR),
    ("platformVersion", "v1.37", "metadata/platform-version", NOTE),
    ("platformVersion", "4.2.x", "metadata/platform-version", WARNING),
    ("platformVersion", "4.2", "structure/value-type", ERROR),
    ("platformVersion", "[4, 2]", "structure/value-type", ERROR),
    ("description", "null", "metadata/missing", ERROR),
    ("websiteUrl", '"   "', "metadata/missing", ERROR),
    ("websiteUrl", "www.acme-cloud.io", "metadata/address", ERROR),
    ("websiteUrl", '"https://acme cloud.io"', "metadata/address", ERROR),
    ("documentationUrl", "https://localhost/docs", "metadata/address", ERROR),
    ("documentationUrl", "https://user@acme-cloud.io/", "metadata/address", ERROR),
    (
        "documentationUrl",
        "https://github.com/cncf/k8s-conformance/tree/master/v1.37/acme",
        "metadata/documentation",
        WARNING,
    ),
    ("contactEmailAddress", "conformance at acme", "metadata/email", ERROR),
    ("contactEmailAddress", "a@acme-cloud.io; b@acme-cloud.io", "metadata/email", ERROR),
    ("productLogoUrl", "https://www.acme-cloud.io/logo.PNG?size=2", "logo/format", ERROR),
    ("productLogoUrl", "https://www.acme-cloud.io/logo", "logo/format", WARNING),
    ("productLogoUrl", "https://github.com/acme/art/blob/main/logo.svg", "logo/raw", ERROR),
    ("vendorName", '" Acme"', "metadata/white-space", WARNING),
    ("description", "The first platform certified by the CNCF.", "wording/certified", WARNING),
    ("description", "A Certified AI Platform.", "wording/certified", WARNING),
]


@pytest.mark.parametrize(("key", "value", "rule", "severity"), CASES)
def test_a_wrong_value_is_found_at_its_place(trial: Trial, key: str, value: str, rule: str, severity: Severity) -> None:
    trial.change(f'{key}: "{VALUES[key]}"', f"{key}: {value}")
    (finding,) = trial.found(rule)
    assert finding.severity is severity
    assert trial.line(finding).startswith(f"{key}: ")
    assert key in finding.message or "logo" in finding.message


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("kubernetesVersion", "v1.37.2"),
        ("platformVersion", '"2026-02-19"'),
        ("platformVersion", "1.37.1-acme.4"),
        ("description", "Certified Kubernetes, for [all] of your models, to be continued."),
        ("description", "Once called example.com, now a platform."),
        ("productLogoUrl", "https://raw.githubusercontent.com/acme/art/main/logo.svg"),
        ("productLogoUrl", "https://github.com/acme/art/blob/main/logo.svg?raw=true"),
        ("productLogoUrl", "https://www.acme-cloud.io/Logo%20Black.SVG#top"),
        ("websiteUrl", "https://xn--bcher-kva.xn--p1ai/"),
        ("contactEmailAddress", "platform_group+ai@ml.acme-cloud.co.uk"),
        ("k8sConformanceUrl", "https://github.com/cncf/k8s-conformance/tree/main/v1.37/acme-other/"),
    ],
)
def test_an_unusual_and_right_value_is_left_alone(trial: Trial, key: str, value: str) -> None:
    trial.change(f'{key}: "{VALUES[key]}"', f"{key}: {value}")
    assert trial.report().findings == ()


def test_a_missing_field_is_found_unless_it_may_be_left_out(trial: Trial) -> None:
    trial.change(f'  vendorName: "{VALUES["vendorName"]}"\n', "")
    (finding,) = trial.report().findings
    assert (finding.rule, finding.message) == ("metadata/missing", "vendorName is missing")


def test_an_optional_address_that_does_not_apply_is_worth_a_warning(trial: Trial) -> None:
    trial.change("  vendorName:", "  repoUrl: N/A\n  vendorName:")
    (finding,) = trial.report().findings
    assert (finding.rule, finding.severity) == ("metadata/address", WARNING)


def test_fields_in_snake_case_are_read_and_noted_once(trial: Trial) -> None:
    trial.change("websiteUrl:", "website_url:")
    trial.change("vendorName:", "vendor_name:")
    (finding,) = trial.report().findings
    assert (finding.rule, finding.severity) == ("structure/key-style", NOTE)
    assert "vendorName, websiteUrl" in finding.message


def test_a_field_in_both_styles_has_one_that_is_ignored(trial: Trial) -> None:
    trial.change("  websiteUrl:", '  website_url: "https://old.acme-cloud.io"\n  websiteUrl:')
    (finding,) = trial.report().findings
    assert (finding.rule, finding.severity) == ("structure/key-style", WARNING)
