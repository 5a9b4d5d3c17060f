"""The demo website: believable traffic of a small software shop, the same for the same seed."""
