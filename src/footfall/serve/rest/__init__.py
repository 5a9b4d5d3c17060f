"""The web analytics API: `answer(question)` over HTTP."""

from footfall.serve.rest.app import rest_app

__all__ = ["rest_app"]
