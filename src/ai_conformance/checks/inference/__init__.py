"""Traffic through a Gateway of our own: what is asked for, what comes back, and what that says of the platform."""
