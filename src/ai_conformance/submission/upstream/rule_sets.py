"""The versions of the official rules, and in what they differ; everything else is the same in all of them."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping


class RuleSet(enum.StrEnum):
    """A version of the program's validator, by the name that `--rules` takes."""

    PRESENT = "upstream"
    """What a pull request meets since September 2026."""
    AUGUST_2026 = "upstream-2026-08"
    """Before hybrid verification: no artifact is opened and nothing may be N/A."""
    NEXT = "upstream-next"
    """A change that is under review: every MUST may be N/A."""

    @property
    def variant(self) -> Variant:
        """In what it differs."""
        return _VARIANTS[self]


class NotApplicable(enum.Enum):
    """Which MUST requirements may be N/A, given notes."""

    NONE = enum.auto()
    CONDITIONAL = enum.auto()
    ALL = enum.auto()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Variant:
    """The differences between the versions."""

    not_applicable: NotApplicable
    hybrid: bool
    """Evidence may be a ``file://`` link, is confined to the folder, and artifacts among it are opened."""

    def may_be_not_applicable(self, requirement: str) -> bool:
        """Whether a MUST requirement may be N/A."""
        if self.not_applicable is NotApplicable.CONDITIONAL:
            return requirement in _CONDITIONAL
        return self.not_applicable is NotApplicable.ALL


_VARIANTS = {
    RuleSet.PRESENT: Variant(not_applicable=NotApplicable.CONDITIONAL, hybrid=True),
    RuleSet.AUGUST_2026: Variant(not_applicable=NotApplicable.NONE, hybrid=False),
    RuleSet.NEXT: Variant(not_applicable=NotApplicable.ALL, hybrid=True),
}
_CONDITIONAL = frozenset({"cluster_autoscaling"})
"""By its own words only for platforms that have an autoscaler; the other conditional MUST is not listed upstream."""

TESTS: Mapping[str, str] = {
    "secure_accelerator_access": "TestSecureAcceleratorAccess",
    "gang_scheduling": "TestGangScheduling",
    "cluster_autoscaling": "TestAcceleratorClusterAutoscaling",
}
"""The test that is looked for in an artifact if its link names none. The validator knows no other."""

METADATA: Mapping[str, str] = {
    "kubernetesVersion": "kubernetes_version",
    "platformName": "platform_name",
    "platformVersion": "platform_version",
    "vendorName": "vendor_name",
    "websiteUrl": "website_url",
    "repoUrl": "repo_url",
    "documentationUrl": "documentation_url",
    "productLogoUrl": "product_logo_url",
    "description": "description",
    "contactEmailAddress": "contact_email_address",
    "k8sConformanceUrl": "k8s_conformance_url",
}
"""The fields that are looked at, and their second names. Of these only `repoUrl` may be left out."""
OPTIONAL = frozenset({"repoUrl"})

STATUSES = ("Implemented", "Not Implemented", "Partially Implemented", "N/A")

SPACE = "\t\n\v\f\r \u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""What Go trims; Python's `strip` would also take U+001C to U+001F."""
