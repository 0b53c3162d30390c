"""Options that `run` and `plan` share: read once, checked before any cluster is asked, and handed on as values."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from ai_conformance.checks.options import AllocationMode, Options
from ai_conformance.checks.waits import Profile
from ai_conformance.cli import credentials, scaling, selection
from ai_conformance.cli.values import duration
from ai_conformance.model import durations

Command = TypeVar("Command", bound=Callable[..., Any])

# What a namespace's name of at most 63 characters has left beside the check's name and the run's id.
_LONGEST_PREFIX = 12
# Where a parameter is not named like its option.
_OPTIONS = {"selection": "--run", "requirements": "--requirement", "timeout_s": "--timeout"}
_PREFIX = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")


def _pattern(text: str) -> selection.Selection:
    """A pattern over test names as ``go test -run`` takes it."""
    try:
        return selection.parse(text)
    except selection.BadPattern as error:
        raise click.BadParameter(str(error)) from error


def _prefix(text: str) -> str:
    """The beginning of a namespace's name."""
    if not _PREFIX.fullmatch(text) or len(text) > _LONGEST_PREFIX:
        raise click.BadParameter(
            f"{text!r} cannot begin a namespace's name: at most {_LONGEST_PREFIX} of a-z, 0-9 and '-', "
            "beginning with a letter and not ending with '-'"
        )
    return text


def _image_mapping(text: str) -> tuple[str, str]:
    """``NAME=REFERENCE``, split at the first ``=``."""
    name, equals, reference = text.partition("=")
    if not (name and equals) or reference.split() != [reference]:
        raise click.BadParameter(f"{text!r} is not NAME=REFERENCE, such as probe=registry.example.com/busybox:1.37")
    return name, reference


def _endpoint(text: str) -> str:
    """An exporter's address, or its place in the cluster."""
    from ai_conformance.checks.exporters import finding  # noqa: PLC0415 - keeps --help fast

    try:
        finding.named(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    return text


def _address(text: str) -> str:
    """An address of a server."""
    if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", text):
        raise click.BadParameter(f"{text!r} is no address; it has to be http(s)://HOST[:PORT][/PATH]")
    return text


def timeout(command: Command) -> Command:
    """``--timeout``, in seconds."""
    option = click.option(
        "--timeout",
        "timeout_s",
        type=duration,
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
        click.option(
            "--release", metavar="X.Y", help="Release of the checklist. Default: the cluster's own minor version."
        ),
        click.option(
            "--requirement", "requirements", multiple=True, metavar="ID", help="Only this one; may be repeated."
        ),
        click.option("--skip", multiple=True, metavar="ID", help="Leave this requirement out; may be repeated."),
        click.option(
            "--run",
            "selection",
            type=_pattern,
            metavar="REGEX",
            help="Only tests whose name matches, as go test -run.",
        ),
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
            type=duration,
            metavar="DURATION",
            help="How long a gang that does not fit is watched. Default: by profile.",
        ),
        click.option(
            "--metrics-endpoint",
            "metrics_endpoint",
            type=_endpoint,
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
            type=_address,
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
        click.option(
            "--nodes-per-class",
            type=click.IntRange(min=1),
            default=2,
            show_default=True,
            help="On how many nodes of each class of accelerator nodes a check is tried.",
        ),
        click.option(
            "--namespace-prefix",
            type=_prefix,
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
            type=_image_mapping,
            multiple=True,
            metavar="NAME=REF",
            help="Another reference for one image.",
        ),
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
    metrics_endpoint: tuple[str, ...],
    load_image: str,
    prometheus_url: str | None,
    prometheus_token_file: Path | None,
    prometheus_basic_auth_file: Path | None,
    nodes_per_class: int,
    namespace_prefix: str,
    image_registry: str,
    image_map: tuple[tuple[str, str], ...],
    **of_scaling: Any,
) -> Settings:
    """Put the parameters of `target` and `selected` together."""
    return Settings(
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
            metrics_endpoints=metrics_endpoint,
            load_image=load_image,
            prometheus_url=prometheus_url or "",
            prometheus_authorization=credentials.authorization(
                url=prometheus_url, token_file=prometheus_token_file, basic_auth_file=prometheus_basic_auth_file
            ),
            image_registry=image_registry,
            image_map=dict(image_map),
            **scaling.chosen(**of_scaling),
        ),
    )


def in_force(parameters: Mapping[str, Any]) -> tuple[str, ...]:
    """The options of a command as they were in force, one ``--name=value`` each, for the run's record."""
    said: list[str] = []
    for name, value in sorted(parameters.items()):
        option = _OPTIONS.get(name, "--" + name.replace("_", "-"))
        for one in value if isinstance(value, tuple) else (value,):
            if one is None or one == "" or one is False:
                continue
            said.append(option if one is True else f"{option}={_shown(one)}")
    return tuple(said)


def _shown(value: Any) -> str:
    if isinstance(value, selection.Selection):
        return value.text
    if isinstance(value, float):
        return durations.render(value)
    return "=".join(value) if isinstance(value, tuple) else str(value)


def _applied(command: Command, decorators: tuple[Callable[[Command], Command], ...]) -> Command:
    for decorator in reversed(decorators):
        command = decorator(command)
    return command
