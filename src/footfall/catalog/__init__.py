"""The relational side: websites, tokens, salts and imports, in SQLite."""

from footfall.catalog.catalog import Catalog, ImportJob, Workspace
from footfall.catalog.registry import Registry, Salts

__all__ = ["Catalog", "ImportJob", "Registry", "Salts", "Workspace"]
