"""Parameters → questions. Everything that a caller sends is checked here before it is used."""
