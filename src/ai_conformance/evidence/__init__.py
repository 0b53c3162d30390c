"""What a run keeps to prove its verdicts: files for each case, redacted before they touch the disk."""
