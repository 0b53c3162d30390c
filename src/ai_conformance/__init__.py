"""Proof by behaviour for the Kubernetes AI Conformance program."""
