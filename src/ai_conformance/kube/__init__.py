"""The only room that talks to Kubernetes. Import its modules by name: `from ai_conformance.kube import session`."""
