"""Whose denial it was: what the API server says of a refused object, and whether the operator's own webhook said it.

A webhook's name is not unique: two operators may bear the same name over the same kind. So a name that another
configuration has as well is no proof, and the text has to be one that only the operator can give. Source of the
sentences: Kubernetes' sources, apiserver/pkg/admission/plugin (webhook/errors, policy/validating), 1.36 and 1.37.
"""

from __future__ import annotations

import dataclasses
import enum
import re
from collections.abc import Collection
from typing import TYPE_CHECKING

from ai_conformance.checks import outcomes
from ai_conformance.kube import errors

if TYPE_CHECKING:
    from ai_conformance.catalog.operators import Refusal


class Refuser(enum.StrEnum):
    """Who has refused an object."""

    WEBHOOK = "a webhook"
    POLICY = "a ValidatingAdmissionPolicy"
    UNCALLED = "a webhook that cannot be called"
    PERMISSION = "the authorizer"
    SCHEMA = "the schema"
    OTHER = "something else"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Denial:
    """A refusal, and who it is from as far as the server says."""

    refuser: Refuser
    name: str = ""
    """Of the webhook or policy."""
    text: str
    """The whole message."""

    def __str__(self) -> str:
        return f"{self.refuser}{f' {self.name!r}' if self.name else ''}: {self.text}"


# A denial begins with these words; what stands further on is the denier's own text, which can say anything.
_WEBHOOK = re.compile(r'admission webhook "(?P<name>[^"]+)" denied the request')
_UNCALLED = re.compile(r'(?:Internal error occurred: )?failed calling webhook "(?P<name>[^"]+)"')
_POLICY = re.compile(r"\S+ \"[^\"]*\" is forbidden: ValidatingAdmissionPolicy '(?P<name>[^']+)'")
_PERMISSION = re.compile(r'\S+(?: "[^"]*")? is forbidden: User "')
_SCHEMA = re.compile(r"\S+ \"[^\"]*\" is invalid: ")


def read(error: errors.ApiError) -> Denial:
    """Who has refused. Raises the error again where it is no refusal but trouble with the server."""
    if isinstance(error, errors.Unreachable | errors.Unauthorized | errors.TooManyRequests | errors.Unintelligible):
        raise error
    for pattern, refuser in (
        (_WEBHOOK, Refuser.WEBHOOK),
        (_UNCALLED, Refuser.UNCALLED),
        (_POLICY, Refuser.POLICY),
        (_PERMISSION, Refuser.PERMISSION),
        (_SCHEMA, Refuser.SCHEMA),
    ):
        match = pattern.match(error.message)
        if match is not None:
            return Denial(refuser=refuser, name=match.groupdict().get("name") or "", text=error.message)
    if isinstance(error, errors.ServerError) or error.status is None:
        raise error
    return Denial(refuser=Refuser.OTHER, text=error.message)


def judge(
    denial: Denial | None, *, refusal: Refusal, title: str, own: Collection[str], shared: Collection[str]
) -> str | None:
    """What was seen where the operator's own webhook refused; None where the schema refused already.

    ``own`` are the names of the operator's validating webhooks over the kind, ``shared`` those of them that somebody
    else's configuration has too. Raises Failed where it was not refused, or certainly by another; Blocked where
    somebody else refused first, so that the operator was never asked.
    """
    what = f"an object with a wrong {refusal.field}"
    if denial is None:
        raise outcomes.Failed(f"{what} was accepted (server dry run): {title}'s webhook did not refuse it")
    mine = denial.refuser is Refuser.WEBHOOK and denial.name in own
    if mine and (denial.name not in shared or refusal.says in denial.text):
        return f"{what} was refused by {title}: {denial.text}"
    if denial.refuser is Refuser.SCHEMA:
        return None
    if denial.refuser is Refuser.PERMISSION:
        raise outcomes.Blocked(f"{what} could not be tried: {denial}")
    if denial.refuser is Refuser.UNCALLED:
        if denial.name in own:
            raise outcomes.Failed(f"{what} was refused only because {title}'s webhook cannot be called: {denial}")
        raise outcomes.Blocked(f"{what} could not be tried, somebody else's webhook stands in the way: {denial}")
    if not own:
        raise outcomes.Failed(f"{what} was refused, but not by {title}, which has no webhook for it: {denial}")
    raise outcomes.Blocked(
        f"{what} was refused, but not by {title}, so whether its webhook ({', '.join(sorted(own))}) would have "
        f"refused was not seen: {denial}"
    )
