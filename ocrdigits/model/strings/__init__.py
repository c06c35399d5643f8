"""The string reader's network: its samples, its training, its export and its runtime."""
