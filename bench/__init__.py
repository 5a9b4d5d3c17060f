"""Benchmarks: `python -m bench` prints one table of figures and their aims (docs/performance.md)."""
