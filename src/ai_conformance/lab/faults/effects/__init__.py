"""How faults are brought about, one module per part of the platform that misbehaves."""
