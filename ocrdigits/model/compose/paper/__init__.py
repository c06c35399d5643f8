"""Papers: a size goes in, the colours of a sheet come out."""
