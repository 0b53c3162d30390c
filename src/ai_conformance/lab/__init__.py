"""The lab: a real Kubernetes with fake accelerators on one machine, to try checks on a sound and on a broken
platform."""
