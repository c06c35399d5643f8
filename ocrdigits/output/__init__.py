"""Readings as text, CSV, JSON Lines and overlay pictures."""
