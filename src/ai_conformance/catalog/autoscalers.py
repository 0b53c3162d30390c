"""What the catalog says of cluster autoscalers: how each is recognised, and how it says what it has done and why."""

from __future__ import annotations

import dataclasses

from ai_conformance.catalog.entries import Tried


@dataclasses.dataclass(frozen=True, kw_only=True)
class Autoscaler:
    """Something that adds nodes for pods that cannot be placed, and removes them."""

    name: str
    title: str
    group: str = ""
    """API group of its kinds."""
    kinds: tuple[str, ...] = ()
    """Any of which, served, tells that it is there."""
    pool_kind: str = ""
    """The kind among them whose objects are pools of nodes."""
    claim_kind: str = ""
    """The kind among them whose objects stand for a machine each, and name its node in ``status.nodeName``."""
    pool_label: str = ""
    """Key of the label of nodes whose value is the name of the pool."""
    config_maps: tuple[str, ...] = ()
    """``namespace/name``, any of which tells that it is there: it writes its status there."""
    images: tuple[str, ...] = ()
    """Last parts of image names without tag, any of which in a Deployment tells that it is there."""
    node_labels: tuple[str, ...] = ()
    """Keys of labels of nodes that tell of pools which can be scaled; whether they are does not follow."""
    events: tuple[str, ...] = ()
    """Reasons of its events on a pod for which it adds a node."""
    reporters: tuple[str, ...] = ()
    """Components that report these events."""
    source: str
    tried: Tried
