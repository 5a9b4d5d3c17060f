"""Benchmarks: `python -m bench` prints a table of figures and aims (docs/benchmarks.md)."""
