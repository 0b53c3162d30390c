"""``ai-conformance submission``: one module per command, all of them presentation only."""
