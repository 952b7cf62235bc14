"""Finding out what a program can be told and what it prints, and writing a config for it.

`hpsearch init` and `hpsearch import` stand on this room; nothing here runs a search.
"""
