"""Objectives that the shipped configs tune, one folder or file each.

They are ordinary training programs: nothing here imports the rest of hpsearch, and the rest
imports nothing of them.
"""
