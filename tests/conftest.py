"""Settings that all the tests share."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# Shared machines are slow at times; a slow draw says nothing about the code.
settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared")
