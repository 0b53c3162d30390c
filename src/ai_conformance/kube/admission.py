"""Who refuses an object, by the words of the API server.

Admission (quotas, limits, Pod Security, policies, webhooks) answers with whatever status it likes, a policy mostly with
422 and a webhook with any; who has spoken stands in the message alone. Source of the sentences: Kubernetes' sources,
apiserver/pkg/admission/plugin (webhook/errors, policy/validating, resourcequota), plugin/pkg/admission/limitranger and
podsecurity, and pkg/registry/resource/resourceclaim, 1.36 and 1.37.
"""

from __future__ import annotations

import dataclasses
import enum
import re


class Refuser(enum.StrEnum):
    """Who has refused an object."""

    WEBHOOK = "a webhook"
    POLICY = "a ValidatingAdmissionPolicy"
    QUOTA = "a ResourceQuota"
    POD_SECURITY = "Pod Security"
    ADMISSION = "admission"
    UNCALLED = "a webhook that cannot be called"
    PERMISSION = "the authorizer"
    SCHEMA = "the schema"
    OTHER = "something else"


DENIERS = frozenset({Refuser.WEBHOOK, Refuser.POLICY, Refuser.QUOTA, Refuser.POD_SECURITY, Refuser.ADMISSION})
"""Those who have looked at the object and do not want it."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Denial:
    """A refusal, and who it is from as far as the server says."""

    refuser: Refuser
    name: str = ""
    """Of the webhook, policy or quota."""
    text: str
    """The whole message."""

    def __str__(self) -> str:
        return f"{self.refuser}{f' {self.name!r}' if self.name else ''}: {self.text}"


_OBJECT = r'[^\s"]+ "[^"]*" is forbidden: '
# A denial begins with these words; what stands further on is the denier's own text, which can say anything.
_SENTENCES = (
    (Refuser.WEBHOOK, r'admission webhook "(?P<name>[^"]+)" denied the request'),
    (Refuser.UNCALLED, r'(?:Internal error occurred: )?failed calling webhook "(?P<name>[^"]+)"'),
    (Refuser.POLICY, _OBJECT + r"ValidatingAdmissionPolicy '(?P<name>[^']+)'"),
    (Refuser.QUOTA, _OBJECT + r"(?:exceeded quota|failed quota|status unknown for quota): (?P<name>[^,:\s]+)"),
    (Refuser.POD_SECURITY, _OBJECT + r"violates PodSecurity "),
    (Refuser.PERMISSION, r'(?:\S+ (?:"[^"]*" )?is )?forbidden: User "'),
    # A strategy that asks the authorizer for more than the request itself needs (resourceclaims/binding)
    # gives its answer as one that is wrong with a field.
    (Refuser.PERMISSION, r'\S+ "[^"]*" is invalid: \S+: Forbidden: [^:]+: \S+ is forbidden: User "'),
    # The API server's own handlers (of exec, for one) refuse for want of a verb and give no reason.
    (Refuser.ADMISSION, _OBJECT + r"(?=\S)"),
    (Refuser.SCHEMA, r"\S+ \"[^\"]*\" is invalid: "),
)
_PATTERNS = tuple((refuser, re.compile(sentence)) for refuser, sentence in _SENTENCES)
# A controller tells what it was answered behind words of its own.
_WITHIN = re.compile(
    "|".join(sentence.replace("?P<name>", "?:") for refuser, sentence in _SENTENCES if refuser in DENIERS)
)
_NOT_COUNTED_YET = re.compile(_OBJECT + "status unknown for quota: ")


def read(message: str) -> Denial | None:
    """Whose words the message of an answer is; None where it is of none that is known."""
    for refuser, pattern in _PATTERNS:
        match = pattern.match(message)
        if match is not None:
            return Denial(refuser=refuser, name=match.groupdict().get("name") or "", text=message)
    return None


def within(text: str) -> Denial | None:
    """The denial that a controller tells of, with words of its own before it; None where it tells of none."""
    match = _WITHIN.search(text)
    found = None if match is None else read(text[match.start() :])
    return found if found is not None and found.refuser in DENIERS else None


def passes_soon(message: str) -> bool:
    """Whether the same request may be accepted a moment later: a new ResourceQuota has not been counted yet."""
    return _NOT_COUNTED_YET.match(message) is not None
