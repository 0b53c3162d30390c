"""Proof by behaviour for the Kubernetes AI Conformance program."""

__version__ = "0.1.0"
