"""Options on what was in the cluster before: which operators are tried, and whether anything may be restarted."""

from __future__ import annotations

import click

disruptive = click.option(
    "--disruptive",
    is_flag=True,
    help="Consent to restarts of what was there before: pods of operators are deleted and have to come back.",
)

DECORATORS = (
    click.option(
        "--operator",
        "operators",
        multiple=True,
        metavar="NAME",
        help="Try only this operator, such as jobset; may be repeated. Default: all of a known kind.",
    ),
    disruptive,
)
