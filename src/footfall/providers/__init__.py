"""Payment providers: pure functions that check a webhook's signature and read its body."""
