"""`ai-conformance manifest`: the objects that run the suite in the cluster, ready for `kubectl apply`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from ai_conformance.cli import options, planning, rbac, secret_files, values, yaml_text
from ai_conformance.cli.run import run
from ai_conformance.model import durations

if TYPE_CHECKING:
    from ai_conformance.engine.in_cluster.objects import Wanted
    from ai_conformance.engine.plan import Plan

NAME = "ai-conformance"
_OWN = frozenset({"image", "pull_policy", "name", "namespace", "hold_s", "sonobuoy"})


@click.command()
@click.option(
    "--image",
    required=True,
    type=values.image_reference,
    metavar="REF",
    help="This tool as an image that the cluster can pull; the Containerfile makes it.",
)
@click.option(
    "--image-pull-policy",
    "pull_policy",
    type=click.Choice(["IfNotPresent", "Always", "Never"]),
    default="IfNotPresent",
    show_default=True,
    help="For that image.",
)
@click.option(
    "--name",
    type=values.object_name,
    default=NAME,
    show_default=True,
    help="Of the Job, its account, its role and the binding.",
)
@click.option(
    "--namespace", type=values.object_name, default=NAME, show_default=True, help="Of the Job; it is printed too."
)
@click.option(
    "--hold",
    "hold_s",
    type=values.duration,
    default="1h",
    show_default=True,
    metavar="DURATION",
    help="How long the results wait in the pod for `fetch`.",
)
@click.option("--sonobuoy", is_flag=True, help="Print the definition of a Sonobuoy plugin instead.")
@options.selected
@options.timeout
@click.pass_context
def manifest(
    ctx: click.Context,
    /,
    *,
    image: str,
    pull_policy: str,
    name: str,
    namespace: str,
    hold_s: float,
    sonobuoy: bool,
    timeout_s: float,
    **parameters: Any,
) -> int:
    """Print the objects that run the suite in the cluster as a Job, with an account that may do that and nothing else.

    No cluster is asked. The options that are not about the Job are those of `run`, and are passed on to it; a file
    of yours is not in the pod, so where `run` takes one, name a key of a Secret.

    \b
    ai-conformance manifest --image registry.example.com/ai-conformance:0.1.0 | kubectl apply -f -
    ai-conformance fetch --output results/1
    """
    from ai_conformance.engine.in_cluster.objects import Wanted  # noqa: PLC0415 - help does without

    of_checks: dict[str, Any] = {one: value for one, value in parameters.items() if one not in _FILES} | _HERE
    settings = options.settings(kubeconfig=None, context=None, **of_checks)
    planning.check(settings)
    plan = planning.without_cluster(
        release=settings.release,
        requirements=settings.requirements,
        skip=settings.skip,
        chosen=settings.selection,
        disruptive=settings.checks.disruptive,
        pull_secret=parameters.get("image_pull_secret") is not None,
    )
    given = {one: ctx.params[one] for one in ctx.params if one not in _OWN | _FILES.keys() and _was_given(ctx, one)}
    wanted = Wanted(
        name=name,
        namespace=namespace,
        image=image,
        pull_policy=pull_policy,
        options=(*options.in_force(given), *secret_files.typed(_FILES, ctx.params)),
        secrets=secret_files.secrets(_FILES, ctx.params),
        pull_secret=secret_files.of_kubelets(ctx.params.get("image_pull_secret")),
        timeout_s=timeout_s,
        hold_s=0.0 if sonobuoy else hold_s,
    )
    click.echo(_plugin(wanted) if sonobuoy else _job(wanted, plan=plan), nl=False)
    return 0


_FILES = secret_files.instead_of([*manifest.params, *run.params])
_HERE = {str(one.name): None for one in manifest.params if one.name in _FILES}
manifest.params = [*(one for one in manifest.params if one.name not in _FILES), *_FILES.values()]


def _was_given(ctx: click.Context, name: str) -> bool:
    return ctx.get_parameter_source(name) is not ParameterSource.DEFAULT


def _job(wanted: Wanted, *, plan: Plan) -> str:
    from ai_conformance.engine import permissions  # noqa: PLC0415 - as above
    from ai_conformance.engine.in_cluster import objects  # noqa: PLC0415 - as above

    rules = permissions.rules(permissions.needed(plan))
    subject = {"kind": "ServiceAccount", "name": wanted.name, "namespace": wanted.namespace}
    made = (
        *permissions.service_account(wanted.name, namespace=wanted.namespace),
        rbac.commented(permissions.role(wanted.name, of=rules), rules=rules),
        permissions.binding(wanted.name, subject=subject),
        yaml_text.explained(objects.job(wanted), _reasons(wanted)),
    )
    where = "".join(
        f" --{option} {value}"
        for option, value in (("namespace", wanted.namespace), ("name", wanted.name))
        if value != NAME
    )
    return _header(
        "The suite as a Job, and an account that may do what it does and nothing else. Then, for its results:",
        f"    ai-conformance fetch{where} --output DIR",
    ) + yaml_text.documents(made)


def _plugin(wanted: Wanted) -> str:
    from ai_conformance.engine.in_cluster import sonobuoy  # noqa: PLC0415 - as above

    reasons: dict[yaml_text.Path, str] = {
        ("sonobuoy-config", "result-files"): "The archive that comes back holds the whole run; this file is counted.",
        **{("spec", *path): reason for path, reason in _of_container().items()},
    }
    return _header(
        "The suite as a plugin: sonobuoy run --plugin FILE. It runs with Sonobuoy's own account, which may do",
        "everything unless Sonobuoy was told otherwise; `ai-conformance rbac` prints one that may do less.",
    ) + yaml_text.documents([yaml_text.explained(sonobuoy.plugin(wanted), reasons)])


def _header(*lines: str) -> str:
    return "".join(f"# {line}\n" for line in lines)


def _reasons(wanted: Wanted) -> dict[yaml_text.Path, str]:
    pod: yaml_text.Path = ("spec", "template", "spec")
    container: yaml_text.Path = (*pod, "containers", 0)
    return {
        ("spec", "backoffLimit"): "One try: a second run would judge a cluster on which the first has worked.",
        ("spec", "activeDeadlineSeconds"): (
            f"The run's time-out ({durations.render(wanted.timeout_s)}), the time for which its results wait "
            f"({durations.render(wanted.hold_s)}), and what it takes to start and to clean up."
        ),
        ("spec", "template", "metadata", "annotations"): "No autoscaler may move the pod: its results are in it.",
        **(
            {(*pod, "imagePullSecrets"): "The run's credentials for images, for this one."}
            if wanted.pull_secret
            else {}
        ),
        (*pod, "serviceAccountName"): "The account above; its role is all that the run may do.",
        (*pod, "terminationGracePeriodSeconds"): "A run that is told to end removes first what it has made.",
        (*pod, "volumes"): "All that the pod writes; its results are below sonobuoy/results.",
        (*container, "readinessProbe"): "Ready means that the run has ended and that its results can be fetched.",
        **{(*container, *path): reason for path, reason in _of_container().items()},
    }


def _of_container() -> dict[yaml_text.Path, str]:
    return {
        ("command",): "What follows the -- are options of `ai-conformance run`.",
        ("resources",): "CPU has no limit: to a run that is held up a sound cluster looks slow.",
        ("securityContext",): "As the Pod Security level `restricted` demands; the image brings the user.",
    }
