"""Objectives: what one trial executes, and how its metrics are read."""
