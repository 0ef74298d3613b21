"""Gathers the corners' admin for Django. Cases, decisions, letters and payouts are not in it."""

from grants.pools import admin  # noqa: F401
