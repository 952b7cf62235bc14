"""`python -m hpsearch`: the same as the command `hpsearch`."""

from hpsearch.cli import main

main()
