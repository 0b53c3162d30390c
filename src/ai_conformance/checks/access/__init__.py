"""What `secure_accelerator_access` is made of.

`stage` makes the pods, `sights` says what their containers see, `judgements` decides by what was seen, `cases` joins
the three.
"""
