"""Screens as lists of lines, and reports as JSON: what `analysis` found, laid out.

No decisions and no SQL. Every line fits the width that is asked for and works without colour.
"""
