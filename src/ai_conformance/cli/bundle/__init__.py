"""``ai-conformance bundle``: one module per command, all of them presentation only."""
