"""`--online`: whether anyone answers at an address, and who is kept out.

A reviewer's browser is logged in and a machine is not, so only what is certainly gone counts as dead. Hosts are asked
politely: few at a time, HEAD first, and not again within a day.
"""
