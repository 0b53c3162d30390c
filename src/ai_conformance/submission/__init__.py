"""A product's folder for the program: made, read, checked and packed; no cluster is needed for any of it."""
