"""The nouns of Footfall. Pure data and rules: nothing here does I/O or asks for the time."""
