"""Kinds of pages: a source of chance and a writer go in, a sheet with its truth comes out."""
