"""Deletes: complete when the response is sent, and never half visible."""

from footfall.serve.deletions.requests import (
    DeleteRequest,
    Deletions,
    PaymentsToDelete,
    WebsiteData,
)

__all__ = ["DeleteRequest", "Deletions", "PaymentsToDelete", "WebsiteData"]
