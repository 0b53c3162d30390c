"""Words that tell a reviewer something is missing, or why it does not apply. Chosen from what submissions really say.

A phrase is a hint: it makes a warning, never an error, and each is narrow enough to be quiet where "does not" is about
something else (a pod that does not request an accelerator, a chip without partitions).
"""

from __future__ import annotations

import re

_LACK = r"(?:does|do) not (?:currently |yet )?(?:provide|support|offer|implement|include)\b"
_ABSENT = re.compile(
    r"\bnot applicable\b"
    r"|\b(?:is|are) (?:currently )?disabled\b"
    r"|\bnot (?:yet |currently )(?:implemented|available|supported|enabled)\b"
    r"|\bnot (?:implemented|demonstrated|claimed|covered) (?:yet|in this submission|for this submission)\b"
    r"|\b(?:will be|is planned to be|are planned to be) (?:implemented|supported|added|available)\b",
    re.IGNORECASE,
)
_ABSENT_FOR = {
    "cluster_autoscaling": re.compile(
        r"\bnodes are (?:added|joined) (?:manually|by hand|via kubeadm)\b", re.IGNORECASE
    ),
}
_WILL = re.compile(
    rf"\b{_LACK}|\bnot (?:claimed|planned|provided|supported|implemented)\b|\bat this time\b|\bon (?:the|our) roadmap\b"
    r"|\bout of scope\b|\boutside the scope\b|\bdisabled\b",
    re.IGNORECASE,
)
_ENVIRONMENT = re.compile(
    r"\bon[- ]?prem\w*|\bbare[- ]?metal\b|\bair[- ]?gapped\b|\bedge\b|\bsingle[- ]node\b"
    r"|\b(?:customer|user)[- ](?:provided|owned|supplied)\b|\bcustomers?' own (?:machines|hardware)\b"
    r"|\bfixed (?:number|set|pool) of\b|\bcondition (?:does|do) not hold\b"
    # Hardware that lacks something: "the T4 does not support MIG", "accelerators without partitions".
    r"|\b(?:hardware|accelerators?|gpus?|devices?|chips?|[A-Z]{1,2}\d{1,3})\b[^.;]{0,60}"
    r"\b(?:do(?:es)? not|cannot|without|lacks?|no)\b[^.;]{0,40}\b(?:support|partition|shar|virtual|mig|vgpu)"
    r"|\bno (?:autoscaler|accelerator|gpu|device|node group|node pool)s?\b[^.;]{0,60}"
    r"\b(?:environment|hardware|cluster|found)\b",
    re.IGNORECASE,
)


def absence(notes: str, *, requirement: str, name: str) -> str:
    """The words by which notes say that something is missing from the platform; empty if they do not."""
    subjects = ["the platform", "this platform", "the product", "we", *([re.escape(name)] if name else [])]
    lacking = re.compile(rf"\b(?:{'|'.join(subjects)})\b {_LACK}(?: \w+){{0,3}}", re.IGNORECASE)
    special = _ABSENT_FOR.get(requirement)
    found = _ABSENT.search(notes) or lacking.search(notes) or (special.search(notes) if special else None)
    return found[0] if found else ""


def about_environment(notes: str) -> bool:
    """Whether a reason speaks of hardware or of the place where the platform runs."""
    return bool(_ENVIRONMENT.search(notes))


def about_will(notes: str) -> str:
    """The words by which a reason speaks of a decision; empty if there are none."""
    found = _WILL.search(notes)
    return found[0] if found else ""
