"""The SQL of each report: one module per report, put together from small pieces.

Only names from the registries and this package's own words enter the text. Every value that
came from outside is bound by the engine ({v0:Type}).
"""
