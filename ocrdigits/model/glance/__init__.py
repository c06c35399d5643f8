"""The network that tells at a glance which fields of a page may hold a number, and its training."""
