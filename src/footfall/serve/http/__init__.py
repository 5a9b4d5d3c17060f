"""What all APIs share: tokens, rate limits, lanes for queries, parameters, bodies, responses."""
