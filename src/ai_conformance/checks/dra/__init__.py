"""What the check of DRA support is made of: objects that are written and removed, and claims that are allocated."""
