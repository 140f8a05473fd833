"""Moves a predecessor's registry in: its database, and the files of its central WAF.

What is here stays as it is: a run adds what is missing, and can be run again.
"""
