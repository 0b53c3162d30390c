"""Facts about the product: there, well formed, and in agreement with the folder."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ai_conformance.model.releases import Release
from ai_conformance.submission import addresses
from ai_conformance.submission.findings import Correction, Severity
from ai_conformance.submission.product import METADATA_KEYS, OPTIONAL_METADATA
from ai_conformance.submission.strict.registry import Violation, rule
from ai_conformance.submission.strict.subject import Subject

_INSTRUCTIONS = "the program's instructions for PRODUCT.yaml"
_VALIDATOR = "the program's validator"
_K8S = re.compile(r"https://github\.com/cncf/k8s-conformance/tree/(?:master|main)/(v\d+\.\d+)/[^/\s]+/?", re.ASCII)
_ADDRESSES = ("websiteUrl", "repoUrl", "documentationUrl", "productLogoUrl", "k8sConformanceUrl")
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"]+@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}")


@rule(
    "metadata/missing",
    severity=Severity.ERROR,
    title="Every field of the metadata is there and filled; repoUrl alone may be left out.",
    source=f"{_VALIDATOR}; k8sConformanceUrl is in no template of the checklist and is required all the same",
    remedy="Add the field under 'metadata'.",
    explanation="The fields are what the public list of certified products shows, and whom to ask about it.",
)
def missing(subject: Subject) -> Iterator[Violation]:
    """Fields that are absent or blank."""
    for key in METADATA_KEYS:
        text, node, _ = subject.metadata(key)
        if text.strip() or (node is None and key in OPTIONAL_METADATA):
            continue
        what = "missing" if node is None else "empty"
        yield Violation(message=f"{key} is {what}", node=node or subject.product.metadata)


@rule(
    "metadata/white-space",
    severity=Severity.WARNING,
    title="A value has no blanks around it.",
    source="seen in a merged submission: an address that begins with a blank is not taken for an address",
    remedy="Take the blanks away.",
    explanation="In quotes a blank belongs to the value: it becomes part of the address or the name.",
    fixable=True,
)
def white_space(subject: Subject) -> Iterator[Violation]:
    """Values with blanks around them; the description may end as its author likes."""
    for key in METADATA_KEYS:
        text, node, name = subject.metadata(key)
        if key != "description" and text.strip() and text != text.strip():
            correction = Correction(place=("metadata", name), value=text.strip())
            yield Violation(message=f"{key} has blanks around it", node=node, correction=correction)


@rule(
    "metadata/kubernetes-version",
    severity=Severity.ERROR,
    title="kubernetesVersion is the release of the folder.",
    source="the folder vX.Y/<product>/ decides by which checklist a product is judged",
    remedy="Write the release of the folder, or move the folder.",
    explanation="A value left from another release says that the submission was carried over unread.",
    fixable=True,
)
def kubernetes_version(subject: Subject) -> Iterator[Violation]:
    """A version of another minor release; a patch version of the same one is agreement."""
    text, node, name = subject.metadata("kubernetesVersion")
    if not text.strip() or _in_brackets(text):
        return
    found = re.match(r"v?(\d+)\.(\d+)", text.strip(), re.ASCII)
    if found is None or Release(int(found[1]), int(found[2])) != subject.release:
        message = f"kubernetesVersion is {text.strip()}; the folder is v{subject.release}"
        correction = Correction(place=("metadata", name), value=f"v{subject.release}")
        yield Violation(message=message, node=node, correction=correction)


@rule(
    "metadata/k8s-conformance-url",
    severity=Severity.ERROR,
    title="k8sConformanceUrl names the product's Kubernetes conformance of the same release.",
    source=f"{_VALIDATOR} checks the form; a product has to be Certified Kubernetes in the release it is submitted for",
    remedy="Link https://github.com/cncf/k8s-conformance/tree/master/vX.Y/<product> of the folder's release.",
    explanation="The AI conformance builds upon the Kubernetes conformance of the same release; an older one does not "
    "cover it.",
)
def k8s_conformance_url(subject: Subject) -> Iterator[Violation]:
    """Another form, or another release."""
    text, node, _ = subject.metadata("k8sConformanceUrl")
    if not text.strip() or _in_brackets(text):
        return
    found = _K8S.fullmatch(text.strip())
    if found is None:
        yield Violation(message=f"k8sConformanceUrl is no product's folder there: {text.strip()}", node=node)
    elif found[1] != f"v{subject.release}":
        message = f"k8sConformanceUrl is of {found[1]}; the folder is v{subject.release}"
        yield Violation(message=message, node=node)


@rule(
    "metadata/platform-version",
    severity=Severity.NOTE,
    title="platformVersion is the exact version of the product itself.",
    source="what was tested has to be named; merged submissions often repeat the Kubernetes release instead",
    remedy="Name the version that was tested as your users know it, such as 2.18.0 or 1.37.1-gke.100.",
    explanation="The same value as kubernetesVersion, or one with a wild card, does not tell a user which version of "
    "the product the certificate is about.",
)
def platform_version(subject: Subject) -> Iterator[Violation]:
    """The Kubernetes release again, or a range of versions."""
    text, node, _ = subject.metadata("platformVersion")
    bare = text.strip()
    if bare.removeprefix("v") == str(subject.release):
        message = f"platformVersion is {bare}, the Kubernetes release itself"
        yield Violation(message=message, node=node)
    elif re.search(r"\.[xX*](?:\b|$)|\blatest\b|[<>~^]", bare):
        yield Violation(message=f"platformVersion {bare} is not one version", node=node, severity=Severity.WARNING)


@rule(
    "metadata/address",
    severity=Severity.ERROR,
    title="A field for an address holds an address that can be opened.",
    source="RFC 3986; the program's validator asks only for values that begin with http",
    remedy="Write the whole address, https:// included; an optional field that does not apply is left out.",
    explanation="'N/A' or a path is no address. repoUrl may be left out; the others have to be addresses.",
)
def address(subject: Subject) -> Iterator[Violation]:
    """Values that are no http(s) address."""
    for key in _ADDRESSES:
        text, node, _ = subject.metadata(key)
        if not text.strip() or _in_brackets(text):
            continue
        wrong = addresses.mistake(text.strip())
        if wrong:
            severity = Severity.WARNING if key in OPTIONAL_METADATA else None
            yield Violation(message=f"{key} {wrong}: {text.strip()}", node=node, severity=severity)


@rule(
    "metadata/documentation",
    severity=Severity.WARNING,
    title="documentationUrl leads to the product's documentation.",
    source=f"{_INSTRUCTIONS}; seen in a merged submission",
    remedy="Link the product's own documentation.",
    explanation="The list of certified products offers it to users; the folder of a conformance program is no "
    "documentation.",
)
def documentation(subject: Subject) -> Iterator[Violation]:
    """A link to a conformance program's repository."""
    text, node, _ = subject.metadata("documentationUrl")
    if re.match(r"https?://github\.com/cncf/(?:k8s|k8s-ai)-conformance(?:/|$)", text.strip()):
        yield Violation(message="documentationUrl is a folder of the conformance program", node=node)


@rule(
    "metadata/email",
    severity=Severity.ERROR,
    title="contactEmailAddress is one e-mail address.",
    source=f"{_INSTRUCTIONS}; RFC 5322 without names and comments",
    remedy="Write one address that is read in a year as well, without a name or mailto:.",
    explanation="The program writes to it when a certificate runs out.",
)
def email(subject: Subject) -> Iterator[Violation]:
    """No address, or more than one."""
    text, node, _ = subject.metadata("contactEmailAddress")
    if text.strip() and not _in_brackets(text) and not _EMAIL.fullmatch(text.strip()):
        yield Violation(message=f"contactEmailAddress is not one e-mail address: {text.strip()}", node=node)


def _in_brackets(text: str) -> bool:
    """Whether it is a placeholder, which has a rule of its own."""
    return text.strip().startswith("[") and text.strip().endswith("]")
