"""The web analytics API: `answer(question)` over HTTP."""
