"""Options that let an autoscaler add nodes, and say which pool is tried."""

from __future__ import annotations

from typing import Any

import click

from ai_conformance.cli.values import duration, node_label

OPTIONS = (
    click.option(
        "--allow-scale",
        is_flag=True,
        help="Let the autoscaler add and remove nodes, which may cost money. Else cluster_autoscaling is NOT_TESTED.",
    ),
    click.option(
        "--max-extra-nodes",
        type=click.IntRange(min=1),
        default=1,
        show_default=True,
        help="How many nodes --allow-scale may have added at a time.",
    ),
    click.option(
        "--autoscaler-node-pool-label",
        type=node_label,
        metavar="KEY=VALUE",
        help="Label of the nodes of the pool to scale. Default: the one accelerator pool that is found.",
    ),
    click.option(
        "--autoscaler-scale-up-timeout",
        type=duration,
        metavar="DURATION",
        help="How long the pool may take to add a node. Default: by profile.",
    ),
    click.option(
        "--autoscaler-scale-down-timeout",
        type=duration,
        metavar="DURATION",
        help="How long the pool may take to remove it. Default: by profile.",
    ),
)


def chosen(
    *,
    allow_scale: bool,
    max_extra_nodes: int,
    autoscaler_node_pool_label: str | None,
    autoscaler_scale_up_timeout: float | None,
    autoscaler_scale_down_timeout: float | None,
) -> dict[str, Any]:
    """As fields of the checks' options."""
    return {
        "allow_scale": allow_scale,
        "max_extra_nodes": max_extra_nodes,
        "autoscaler_pool": autoscaler_node_pool_label or "",
        "autoscaler_scale_up_s": autoscaler_scale_up_timeout,
        "autoscaler_scale_down_s": autoscaler_scale_down_timeout,
    }
