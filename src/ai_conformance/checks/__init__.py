"""One module per requirement, named after its id in the official checklist; a module reads as the specification.

The other modules of this room are what checks are made of: `metadata` and `registry` (what a check declares),
`context` (what it is given), `outcomes` (what it may raise), `waits` (how long it may wait), `inventory` (the
accelerators of the cluster) and `grants` (pods that are granted one).
"""
