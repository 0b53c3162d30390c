"""Reports for people and machines, one module per format; each is a function from reports to a text."""
