"""The permissions that a plan needs, and the RBAC objects that grant them and no more; pure.

They come from what the checks declare (`checks.metadata.ApiUse`), as `plan` shows them. A run makes namespaces of its
own under generated names, and RBAC has no patterns for names: what is needed in these alone has to be granted in a
ClusterRole all the same (API reference of rbac.authorization.k8s.io/v1).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ai_conformance.engine.plan import Plan

_RBAC = "rbac.authorization.k8s.io"


@dataclasses.dataclass(frozen=True, kw_only=True, order=True)
class Need:
    """One verb on one resource."""

    group: str
    """Empty for the core group."""
    resource: str
    """With its subresource, as RBAC writes it: ``pods/log``."""
    verb: str
    own_namespace: bool
    """Whether it is used in the run's own namespaces only."""
    requirements: tuple[str, ...]
    """Whose checks need it; empty where the run itself does."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Rule:
    """What goes into one rule of a role."""

    group: str
    resources: tuple[str, ...]
    verbs: tuple[str, ...]
    own_namespace: bool
    requirements: tuple[str, ...]

    def manifest(self) -> dict[str, Any]:
        """As a PolicyRule."""
        return {"apiGroups": [self.group], "resources": list(self.resources), "verbs": list(self.verbs)}


def needed(plan: Plan) -> tuple[Need, ...]:
    """Every verb once, sorted by group, resource and verb."""
    own: dict[tuple[str, str, str], bool] = {}
    by: dict[tuple[str, str, str], set[str]] = {}
    for requirement, use in plan.uses_by_requirement:
        for verb in use.verbs:
            key = (use.group, use.plural, verb)
            own[key] = own.get(key, True) and use.own_namespace
            by.setdefault(key, set()).add(requirement)
    return tuple(
        Need(
            group=key[0],
            resource=key[1],
            verb=key[2],
            own_namespace=own[key],
            # What every run needs is not the doing of one of its checks.
            requirements=() if "" in by[key] else tuple(sorted(by[key])),
        )
        for key in sorted(own)
    )


def rules(needs: Sequence[Need]) -> tuple[Rule, ...]:
    """As few rules as say exactly that: resources of a group that need the same verbs for the same reason together."""
    verbs: dict[tuple[str, bool, tuple[str, ...], str], list[str]] = {}
    for one in needs:
        verbs.setdefault((one.group, one.own_namespace, one.requirements, one.resource), []).append(one.verb)
    together: dict[tuple[str, bool, tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for (group, own_namespace, requirements, resource), of_resource in verbs.items():
        together.setdefault((group, own_namespace, requirements, tuple(of_resource)), []).append(resource)
    # What is common to all comes first, then the rules in the order of their groups.
    ordered = sorted(together.items(), key=lambda one: (one[0][2] != (), one[0][0], one[1]))
    return tuple(
        Rule(
            group=group,
            own_namespace=own_namespace,
            requirements=requirements,
            verbs=of_rule,
            resources=tuple(resources),
        )
        for (group, own_namespace, requirements, of_rule), resources in ordered
    )


def service_account(name: str, *, namespace: str) -> tuple[dict[str, Any], ...]:
    """The account of a run inside or outside the cluster, and the namespace in which it is."""
    return (
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}},
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": namespace}},
    )


def role(name: str, *, of: Sequence[Rule]) -> dict[str, Any]:
    """The ClusterRole."""
    return {
        "apiVersion": f"{_RBAC}/v1",
        "kind": "ClusterRole",
        "metadata": {"name": name},
        "rules": [one.manifest() for one in of],
    }


def binding(name: str, *, subject: dict[str, str]) -> dict[str, Any]:
    """The ClusterRoleBinding; `subject` as in the API: kind, name, and namespace or apiGroup."""
    return {
        "apiVersion": f"{_RBAC}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": name},
        "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": name},
        "subjects": [subject],
    }
