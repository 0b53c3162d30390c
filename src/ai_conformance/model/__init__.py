"""Pure data: what the other rooms say to each other. Nothing here reads a file, a clock or a network."""
