"""What each field of the metadata wants, in our words: for questions, for comments in a new file, for --help."""

from __future__ import annotations

import dataclasses

from ai_conformance.model.releases import Release
from ai_conformance.submission.product import METADATA_KEYS, OPTIONAL_METADATA


@dataclasses.dataclass(frozen=True, kw_only=True)
class Field:
    """A key of the metadata that a vendor fills in."""

    key: str
    wants: str
    """A sentence without its full stop."""

    @property
    def optional(self) -> bool:
        """Whether it may be left out."""
        return self.key in OPTIONAL_METADATA

    @property
    def option(self) -> str:
        """As on the command line: ``--platform-name``."""
        return "--" + "".join(f"-{one.lower()}" if one.isupper() else one for one in self.key)


_WANTS = {
    "platformName": "the product's name, as it is to appear in the list of certified products",
    "platformVersion": "the product's own version, not the one of Kubernetes",
    "vendorName": "the company, spelled as among the members of the CNCF landscape, without (member) or (supporter)",
    "websiteUrl": "a public page about the product",
    "repoUrl": "the product's public repository; leave the key out where there is none",
    "documentationUrl": "the product's public documentation",
    "productLogoUrl": "the logo as a vector file (SVG, AI or EPS), linked so that the link gives the file itself",
    "description": "one sentence about the product",
    "contactEmailAddress": "where the program reaches the vendor",
    "k8sConformanceUrl": "the product's folder of the same release in cncf/k8s-conformance; the program requires it",
}

FIELDS = tuple(Field(key=key, wants=_WANTS[key]) for key in METADATA_KEYS if key in _WANTS)
"""All but kubernetesVersion, which follows from the release."""


def suggestion(key: str, *, release: Release, product: str) -> str:
    """What a field will most likely be; empty where nobody can know."""
    if key == "k8sConformanceUrl":
        return f"https://github.com/cncf/k8s-conformance/tree/master/v{release}/{product}"
    return ""
