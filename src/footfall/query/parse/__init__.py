"""Parameters → questions. Nothing that a caller sends is believed before it went through here."""
