"""What users run on top of Kubernetes, run in the lab: operators, autoscalers, monitoring, gateways.

An add-on is a value (`model.Addon`) in a folder of its own, with its own go.mod and go.sum where it is a Go module.
`operations` builds, installs and removes them; `registry` knows them all.
"""
