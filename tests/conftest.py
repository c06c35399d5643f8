"""Shared by all tests; its being here also puts `tests/` on the import path."""
