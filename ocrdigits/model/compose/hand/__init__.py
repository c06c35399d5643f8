"""Handwriting: a text goes in, the ink of one writer's pen comes out."""
