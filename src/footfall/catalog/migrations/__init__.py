"""How the catalog's tables came to be."""
