"""`python -m footfall` is the same as `footfall`."""

from footfall.cli import main

main()
