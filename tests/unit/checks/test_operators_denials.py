"""Whose denial it was: the server's sentences as they were seen, and those that only look alike."""

from __future__ import annotations

import pytest

from ai_conformance.catalog.operators import Change, Refusal
from ai_conformance.checks import outcomes
from ai_conformance.checks.operators import denials
from ai_conformance.checks.operators.denials import Denial, Refuser
from ai_conformance.kube import errors

REFUSAL = Refusal(field="spec.first", changes=(Change(path="/spec/first", value=1),), says="can't be set for the first")
OWN = 'admission webhook "vjobset.kb.io" denied the request: DependsOn can\'t be set for the first ReplicatedJob'


def refused(message: str, status: int = 422) -> Denial:
    return denials.read(errors.from_status(status, message=message))


@pytest.mark.parametrize(
    ("message", "status", "refuser", "name"),
    [
        (OWN, 422, Refuser.WEBHOOK, "vjobset.kb.io"),
        ('admission webhook "vjob.kb.io" denied the request without explanation', 403, Refuser.WEBHOOK, "vjob.kb.io"),
        (
            'Internal error occurred: failed calling webhook "mjobset.kb.io": failed to call webhook: no endpoints',
            500,
            Refuser.UNCALLED,
            "mjobset.kb.io",
        ),
        (
            "jobsets.jobset.x-k8s.io \"a\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied: no",
            422,
            Refuser.POLICY,
            "p",
        ),
        ('jobsets.jobset.x-k8s.io is forbidden: User "u" cannot create resource', 403, Refuser.PERMISSION, ""),
        ('jobsets.jobset.x-k8s.io "a" is forbidden: User "u" cannot patch resource', 403, Refuser.PERMISSION, ""),
        ('JobSet.jobset.x-k8s.io "a" is invalid: spec: Required value', 422, Refuser.SCHEMA, ""),
        ('pods "a" is forbidden: exceeded quota: q', 403, Refuser.QUOTA, "q"),
    ],
)
def test_the_refuser_is_read_from_the_beginning_of_the_message(
    message: str, status: int, refuser: Refuser, name: str
) -> None:
    found = refused(message, status)
    assert (found.refuser, found.name) == (refuser, name)


def test_a_policy_that_quotes_a_webhook_is_a_policy() -> None:
    said = f"jobsets.x \"a\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: {OWN}"
    assert refused(said).refuser is Refuser.POLICY


@pytest.mark.parametrize("trouble", [errors.Unreachable("no route"), errors.from_status(500, message="etcd is away")])
def test_trouble_with_the_server_is_no_refusal(trouble: errors.ApiError) -> None:
    with pytest.raises(type(trouble)):
        denials.read(trouble)


def judged(denial: Denial | None, *, own: set[str] | None = None, shared: set[str] | None = None) -> str | None:
    names = {"vjobset.kb.io"} if own is None else own
    return denials.judge(denial, refusal=REFUSAL, title="JobSet", own=names, shared=shared or set())


def test_the_operators_own_denial_is_what_is_wanted() -> None:
    assert judged(refused(OWN)) == f"an object with a wrong spec.first was refused by JobSet: {OWN}"


def test_a_name_that_somebody_else_has_too_proves_nothing_without_the_operators_own_words() -> None:
    assert judged(refused(OWN), shared={"vjobset.kb.io"})
    other = refused('admission webhook "vjobset.kb.io" denied the request: no such queue')
    with pytest.raises(outcomes.Blocked, match="but not by JobSet"):
        judged(other, shared={"vjobset.kb.io"})


def test_what_is_accepted_is_a_failure() -> None:
    with pytest.raises(outcomes.Failed, match=r"wrong spec\.first was accepted"):
        judged(None)


def test_a_denial_by_another_blocks_where_the_own_webhook_may_not_have_been_asked() -> None:
    with pytest.raises(outcomes.Blocked, match=r"whether its webhook .* would have refused was not seen"):
        judged(refused('admission webhook "policy.example.com" denied the request: no'))


def test_a_denial_by_another_fails_where_there_is_no_own_webhook() -> None:
    with pytest.raises(outcomes.Failed, match="which has no webhook for it"):
        judged(refused('admission webhook "policy.example.com" denied the request: no'), own=set())


def test_a_webhook_that_cannot_be_called_does_not_refuse() -> None:
    uncalled = 'Internal error occurred: failed calling webhook "vjobset.kb.io": no endpoints available'
    with pytest.raises(outcomes.Failed, match="cannot be called"):
        judged(refused(uncalled, 500))
    with pytest.raises(outcomes.Blocked, match="somebody else's"):
        judged(refused(uncalled, 500), own={"other"})


def test_what_the_schema_refuses_is_no_matter_of_a_webhook() -> None:
    assert judged(refused('JobSet.x "a" is invalid: spec: no')) is None


def test_a_missing_permission_is_told() -> None:
    with pytest.raises(outcomes.Blocked, match="could not be tried"):
        judged(refused('jobsets.x is forbidden: User "u" cannot create resource', 403))
