"""What an option's value has to look like: read once, and refused with a sentence before any cluster is asked."""

from __future__ import annotations

import re

import click

from ai_conformance.cli import selection
from ai_conformance.model import durations

# What a namespace's name of at most 63 characters has left beside the check's name and the run's id.
LONGEST_PREFIX = 12
# A Job's pods add eleven characters, and their names are hostnames (63).
_LONGEST_NAME = 52
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_PREFIX = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")


def duration(text: str) -> float:
    """A Go-style duration in seconds; a usage error says where it stops being one."""
    try:
        seconds = durations.parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    if seconds <= 0:
        raise click.BadParameter(f"{text!r} is no time at all; give a duration such as 90s or 1h30m")
    return seconds


def pattern(text: str) -> selection.Selection:
    """A pattern over test names as ``go test -run`` takes it."""
    try:
        return selection.parse(text)
    except selection.BadPattern as error:
        raise click.BadParameter(str(error)) from error


def prefix(text: str) -> str:
    """The beginning of a namespace's name."""
    if not _PREFIX.fullmatch(text) or len(text) > LONGEST_PREFIX:
        raise click.BadParameter(
            f"{text!r} cannot begin a namespace's name: at most {LONGEST_PREFIX} of a-z, 0-9 and '-', "
            "beginning with a letter and not ending with '-'"
        )
    return text


def object_name(text: str) -> str:
    """A name for an object of ours: short enough for what controllers add to it, and a DNS label as labels need it."""
    if not _NAME.fullmatch(text) or len(text) > _LONGEST_NAME:
        raise click.BadParameter(
            f"{text!r} cannot be a name: at most {_LONGEST_NAME} of a-z, 0-9 and '-', beginning and ending with a "
            "letter or a digit"
        )
    return text


def image_reference(text: str) -> str:
    """The reference of an image."""
    if not text or text.split() != [text]:
        raise click.BadParameter(f"{text!r} is no image; it has to be like registry.example.com/ai-conformance:0.1.0")
    return text


def image_mapping(text: str) -> tuple[str, str]:
    """``NAME=REFERENCE``, split at the first ``=``."""
    name, equals, reference = text.partition("=")
    if not (name and equals) or reference.split() != [reference]:
        raise click.BadParameter(f"{text!r} is not NAME=REFERENCE, such as probe=registry.example.com/busybox:1.37")
    return name, reference


def endpoint(text: str) -> str:
    """An exporter's address, or its place in the cluster."""
    from ai_conformance.checks.exporters import finding  # noqa: PLC0415 - keeps --help fast

    try:
        finding.named(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    return text


def address(text: str) -> str:
    """An address of a server."""
    if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", text):
        raise click.BadParameter(f"{text!r} is no address; it has to be http(s)://HOST[:PORT][/PATH]")
    return text


def node_label(text: str) -> str:
    """``KEY=VALUE`` of a node's label."""
    key, equals, value = text.partition("=")
    if not (key and equals and value) or text.split() != [text]:
        raise click.BadParameter(f"{text!r} is not KEY=VALUE, such as karpenter.sh/nodepool=accelerated")
    return text
