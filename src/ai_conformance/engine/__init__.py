"""Plan, run, clean up: what turns checks into verdicts. It knows no requirement by name."""
