"""Options of `run` and `plan` that choose the gang scheduler and its queue, under the program's own names where it has
such: ``-gang-scheduler-name``, ``-gang-scheduler-namespace``, ``-gang-job-labels``.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

import click

from ai_conformance.checks.gangs.options import GangOptions

Command = TypeVar("Command", bound=Callable[..., Any])

SCHEDULERS = ("native", "kueue", "volcano", "kai", "coscheduling", "yunikorn")
"""The catalog's names; reading the catalog is too slow for ``--help``, and a test holds the two together."""
_LABEL = re.compile(r"([^\s=,]+)=([^\s=,]*)")


def _labels(text: str) -> Mapping[str, str]:
    """``key=value,key=value``."""
    found: dict[str, str] = {}
    for part in filter(None, text.split(",")):
        match = _LABEL.fullmatch(part.strip())
        if match is None:
            raise click.BadParameter(f"{part!r} is not KEY=VALUE, such as kueue.x-k8s.io/queue-name=tests")
        found[match[1]] = match[2]
    return found


def gangs(command: Command) -> Command:
    """Hand the options on as one parameter ``gangs``."""

    @functools.wraps(command)
    def packed(
        *arguments: Any,
        gang_scheduler: str | None,
        gang_queue: str,
        gang_scheduler_namespace: str,
        gang_job_labels: Mapping[str, str],
        gang_pod_scheduler: str,
        **others: Any,
    ) -> Any:
        chosen = GangOptions(
            scheduler=gang_scheduler or "",
            queue=gang_queue,
            namespace=gang_scheduler_namespace,
            labels=gang_job_labels,
            pod_scheduler=gang_pod_scheduler,
        )
        return command(*arguments, gangs=chosen, **others)

    decorated: Any = packed
    for decorator in reversed(_DECORATORS):
        decorated = decorator(decorated)
    return cast(Command, decorated)


_DECORATORS = (
    click.option(
        "--gang-scheduler",
        "--gang-scheduler-name",
        "gang_scheduler",
        type=click.Choice(SCHEDULERS),
        help="Which of several gang schedulers is judged. Default: the first of these that is there.",
    ),
    click.option(
        "--gang-queue",
        default="",
        metavar="NAME",
        help="Queue of the gangs; with Kueue a ClusterQueue. Default: one that takes them.",
    ),
    click.option(
        "--gang-scheduler-namespace",
        default="",
        metavar="NAMESPACE",
        help="Where the LocalQueue is that --gang-job-labels names; its ClusterQueue is used.",
    ),
    click.option(
        "--gang-job-labels",
        type=_labels,
        default="",
        metavar="KEY=VALUE,...",
        help="Labels of the members of gangs.",
    ),
    click.option(
        "--gang-pod-scheduler",
        default="",
        metavar="NAME",
        help="spec.schedulerName of the members. Default: that of the gang scheduler's usual installation.",
    ),
)
