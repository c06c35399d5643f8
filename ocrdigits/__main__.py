"""`python -m ocrdigits` is the command line."""

from ocrdigits.cli import main

main()
