"""Options that `run` and `plan` share: read once, checked before any cluster is asked, and handed on as values."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from ai_conformance.checks.gangs.options import GangOptions
from ai_conformance.checks.options import AllocationMode, Options
from ai_conformance.checks.waits import Profile
from ai_conformance.cli import consent, credentials, gang_options, pull_secret, scaling, selection, values
from ai_conformance.model import durations

Command = TypeVar("Command", bound=Callable[..., Any])

# Where a parameter is not named like its option.
_OPTIONS = {"selection": "--run", "requirements": "--requirement", "operators": "--operator", "timeout_s": "--timeout"}
# They say where a run was made, not what was run, and name people and accounts.
_PRIVATE = frozenset({"kubeconfig", "context", "image_pull_secret"})


_CHOICE = (
    click.option(
        "--release", metavar="X.Y", help="Release of the checklist. Default: the cluster's own minor version."
    ),
    click.option("--requirement", "requirements", multiple=True, metavar="ID", help="Only this one; may be repeated."),
    click.option("--skip", multiple=True, metavar="ID", help="Leave this requirement out; may be repeated."),
    click.option(
        "--run",
        "selection",
        type=values.pattern,
        metavar="REGEX",
        help="Only tests whose name matches, as go test -run.",
    ),
)


def choice(command: Command) -> Command:
    """Which checks: ``--release``, ``--requirement``, ``--skip``, ``--run``."""
    return _applied(command, _CHOICE)


def timeout(command: Command) -> Command:
    """``--timeout``, in seconds."""
    option = click.option(
        "--timeout",
        "timeout_s",
        type=values.duration,
        default="1h",
        show_default=True,
        metavar="DURATION",
        help="Of the whole run; time to clean up is kept beside it.",
    )
    return _applied(command, (option,))


@dataclasses.dataclass(frozen=True, kw_only=True)
class Target:
    """Which cluster."""

    kubeconfig: Path | None
    context: str | None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
    """All that `run` and `plan` were asked for."""

    target: Target
    release: str | None
    requirements: tuple[str, ...]
    skip: tuple[str, ...]
    selection: selection.Selection | None
    checks: Options


def target(command: Command) -> Command:
    """``--kubeconfig`` and ``--context``."""
    decorators = (
        click.option(
            "--kubeconfig",
            type=click.Path(path_type=Path),
            help="Kubeconfig file. Default: $KUBECONFIG, ~/.kube/config, or the service account of this pod.",
        ),
        click.option("--context", help="Context of the kubeconfig. Default: its current context."),
    )
    return _applied(command, decorators)


def selected(command: Command) -> Command:
    """What to run and how; the parameters of `settings`."""
    decorators = (
        *_CHOICE,
        click.option(
            "--accelerator-type",
            default="",
            metavar="NAME",
            help="Use only this vendor, extended resource, DeviceClass or DRA driver. Default: all that are found.",
        ),
        click.option(
            "--allocation-mode",
            type=click.Choice([mode.value for mode in AllocationMode]),
            default=AllocationMode.AUTO.value,
            show_default=True,
            help="How accelerators are asked for.",
        ),
        click.option(
            "--profile",
            type=click.Choice([profile.value for profile in Profile]),
            default=Profile.DEFAULT.value,
            show_default=True,
            help="The environment, which scales every wait.",
        ),
        click.option(
            "--gang-negative-window",
            type=values.duration,
            metavar="DURATION",
            help="How long a gang that does not fit is watched. Default: by profile.",
        ),
        gang_options.gangs,
        click.option(
            "--metrics-endpoint",
            "metrics_endpoint",
            type=values.endpoint,
            multiple=True,
            metavar="URL|NS/svc/NAME:PORT",
            help="Exporter of accelerator metrics; may be repeated. Default: all of a known kind.",
        ),
        click.option(
            "--load-image",
            default="",
            metavar="REF",
            help="Image that loads the accelerator it is granted. Default: by vendor, where one is known.",
        ),
        click.option(
            "--prometheus-url",
            type=values.address,
            metavar="URL",
            help="Monitoring system that answers PromQL. Default: those that are found in the cluster.",
        ),
        click.option(
            "--prometheus-token-file",
            type=click.Path(path_type=Path, exists=True, dir_okay=False),
            help="File with a bearer token for --prometheus-url.",
        ),
        click.option(
            "--prometheus-basic-auth-file",
            type=click.Path(path_type=Path, exists=True, dir_okay=False),
            help="File with USER:PASSWORD for --prometheus-url.",
        ),
        *consent.DECORATORS,
        click.option(
            "--gateway-class",
            default="",
            metavar="NAME",
            help="GatewayClass that Gateways are made of. Default: an accepted one.",
        ),
        click.option(
            "--nodes-per-class",
            type=click.IntRange(min=1),
            default=2,
            show_default=True,
            help="On how many nodes of each class of accelerator nodes a check is tried.",
        ),
        click.option(
            "--namespace-prefix",
            type=values.prefix,
            metavar="PREFIX",
            default="aic",
            show_default=True,
            help="Of our namespaces.",
        ),
        click.option(
            "--image-registry", default="", metavar="HOST[/PATH]", help="Pull every image from this registry."
        ),
        click.option(
            "--image-map",
            type=values.image_mapping,
            multiple=True,
            metavar="NAME=REF",
            help="Another reference for one image.",
        ),
        pull_secret.option,
    )
    return _applied(command, (*decorators, *scaling.OPTIONS))


def settings(
    *,
    kubeconfig: Path | None,
    context: str | None,
    release: str | None,
    requirements: tuple[str, ...],
    skip: tuple[str, ...],
    selection: selection.Selection | None,
    accelerator_type: str,
    allocation_mode: str,
    profile: str,
    gang_negative_window: float | None,
    gangs: GangOptions,
    metrics_endpoint: tuple[str, ...],
    load_image: str,
    prometheus_url: str | None,
    prometheus_token_file: Path | None,
    prometheus_basic_auth_file: Path | None,
    operators: tuple[str, ...],
    disruptive: bool,
    gateway_class: str,
    nodes_per_class: int,
    namespace_prefix: str,
    image_registry: str,
    image_map: tuple[tuple[str, str], ...],
    image_pull_secret: Path | None,
    **of_scaling: Any,
) -> Settings:
    """Put the parameters of `target` and `selected` together."""
    made = Settings(
        target=Target(kubeconfig=kubeconfig, context=context),
        release=release,
        requirements=requirements,
        skip=skip,
        selection=selection,
        checks=Options(
            profile=Profile(profile),
            accelerator_type=accelerator_type,
            allocation_mode=AllocationMode(allocation_mode),
            nodes_per_class=nodes_per_class,
            namespace_prefix=namespace_prefix,
            gang_negative_window_s=gang_negative_window,
            gangs=gangs,
            metrics_endpoints=metrics_endpoint,
            load_image=load_image,
            prometheus_url=prometheus_url or "",
            prometheus_authorization=credentials.authorization(
                url=prometheus_url, token_file=prometheus_token_file, basic_auth_file=prometheus_basic_auth_file
            ),
            operators=operators,
            disruptive=disruptive,
            gateway_class=gateway_class,
            image_registry=image_registry,
            image_map=dict(image_map),
            **scaling.chosen(**of_scaling),
        ),
    )
    secret = pull_secret.of_run(image_pull_secret, checks=made.checks)
    return dataclasses.replace(made, checks=dataclasses.replace(made.checks, pull_secret=secret)) if secret else made


def in_force(parameters: Mapping[str, Any]) -> tuple[str, ...]:
    """The options of a command as they were in force, one ``--name=value`` each, for the run's record.

    Which kubeconfig it was is not among them, nor where credentials are: paths of this machine mean nothing elsewhere.
    """
    said: list[str] = []
    for name, value in sorted(parameters.items()):
        if name in _PRIVATE:
            continue
        option = _OPTIONS.get(name, "--" + name.replace("_", "-"))
        for one in value if isinstance(value, tuple) else (value,):
            if one is None or one == "" or one is False or one == {}:
                continue
            said.append(option if one is True else f"{option}={_shown(one)}")
    return tuple(said)


def _shown(value: Any) -> str:
    if isinstance(value, selection.Selection):
        return value.text
    if isinstance(value, float):
        return durations.render(value)
    if isinstance(value, Mapping):
        return ",".join("=".join(pair) for pair in value.items())
    return "=".join(value) if isinstance(value, tuple) else str(value)


def _applied(command: Command, decorators: tuple[Callable[[Command], Command], ...]) -> Command:
    for decorator in reversed(decorators):
        command = decorator(command)
    return command
