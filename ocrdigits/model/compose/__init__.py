"""Composing: drawn characters, written strings, pages, photos of them, and their truth."""
