"""A submission made: begun from the checklist, carried to a next release, filled from a run, packed, compared.

Everything here is a function from documents and records to documents; what is written goes through `files`, which
never replaces what a person may have written.
"""
