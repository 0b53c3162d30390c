"""`ai-conformance rbac`: the RBAC objects that allow a run and nothing else, ready for `kubectl apply`."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import click
from ruamel.yaml.comments import CommentedSeq

from ai_conformance.cli import consent, options, planning, pull_secret, yaml_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ai_conformance.cli.selection import Selection
    from ai_conformance.engine.permissions import Rule

_NAME = "ai-conformance"
_USER_GROUP = "rbac.authorization.k8s.io"


@click.command()
@options.choice
@consent.disruptive
@pull_secret.granted
@click.option(
    "--name", default=_NAME, show_default=True, help="Of the ClusterRole, its binding and the ServiceAccount."
)
@click.option("--namespace", default=_NAME, show_default=True, help="Of the ServiceAccount; it is printed too.")
@click.option("--user", metavar="NAME", help="Bind to this user, and make no ServiceAccount.")
@click.option("--group", metavar="NAME", help="Bind to this group, and make no ServiceAccount.")
def rbac(
    *,
    release: str | None,
    requirements: tuple[str, ...],
    skip: tuple[str, ...],
    selection: Selection | None,
    disruptive: bool,
    image_pull_secret: bool,
    name: str,
    namespace: str,
    user: str | None,
    group: str | None,
) -> int:
    """Print the RBAC objects that allow a run and nothing else.

    No cluster is asked. The options choose checks as those of `run` do; the release is the newest unless you name one.
    A comment at each rule says whose check needs it.

    \b
    ai-conformance rbac | kubectl apply -f -
    ai-conformance rbac --requirement gang_scheduling --user someone@example.com
    """
    from ai_conformance.engine import permissions  # noqa: PLC0415 - help does without

    if user and group:
        raise click.UsageError("give --user or --group, not both: a binding for each is two calls with two --name")
    plan = planning.without_cluster(
        release=release,
        requirements=requirements,
        skip=skip,
        chosen=selection,
        disruptive=disruptive,
        pull_secret=image_pull_secret,
    )
    rules = permissions.rules(permissions.needed(plan))
    if user or group:
        subject = {"kind": "User" if user else "Group", "name": user or group or "", "apiGroup": _USER_GROUP}
        account: tuple[dict[str, Any], ...] = ()
    else:
        subject = {"kind": "ServiceAccount", "name": name, "namespace": namespace}
        account = permissions.service_account(name, namespace=namespace)
    role = commented(permissions.role(name, of=rules), rules=rules)
    click.echo(yaml_text.documents((*account, role, permissions.binding(name, subject=subject))), nl=False)
    return 0


def commented(role: dict[str, Any], *, rules: Sequence[Rule]) -> dict[str, Any]:
    """A role whose rules say whose check needs them."""
    listed = CommentedSeq([_on_lines(rule) for rule in role["rules"]])
    for index, rule in enumerate(rules):
        listed.yaml_set_comment_before_after_key(index, before=_reason(rule), indent=2)
    return {**role, "rules": listed}


def _on_lines(rule: dict[str, list[str]]) -> dict[str, CommentedSeq]:
    """Each list on one line: a role of a hundred rules is to be read."""
    lines = {key: CommentedSeq(values) for key, values in rule.items()}
    for line in lines.values():
        line.fa.set_flow_style()
    return lines


def _reason(rule: Rule) -> str:
    who = ", ".join(rule.requirements) or "every run"
    where = "in namespaces of the run's own only" if rule.own_namespace else "in the whole cluster"
    return textwrap.fill(f"{who}: {where}", width=yaml_text.WIDTH)
