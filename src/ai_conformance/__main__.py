"""`python -m ai_conformance` is the command `ai-conformance`."""

from ai_conformance.cli.main import main

main()
