"""Values of options in forms that several options take."""

from __future__ import annotations

import click

from ai_conformance.model import durations


def duration(text: str) -> float:
    """A Go-style duration in seconds; a usage error says where it stops being one."""
    try:
        seconds = durations.parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    if seconds <= 0:
        raise click.BadParameter(f"{text!r} is no time at all; give a duration such as 90s or 1h30m")
    return seconds


def node_label(text: str) -> str:
    """``KEY=VALUE`` of a node's label."""
    key, equals, value = text.partition("=")
    if not (key and equals and value) or text.split() != [text]:
        raise click.BadParameter(f"{text!r} is not KEY=VALUE, such as karpenter.sh/nodepool=accelerated")
    return text
