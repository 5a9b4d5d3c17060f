"""The slow reference: what every number means, written as plain loops over lists.

It follows the written rules alone (`spec/metrics.md`, and "Joining sessions" in
ARCHITECTURE.md) and shares no code with `load` and `query`, so that the two can be compared.
Nothing here is fast or clever, and nothing comes from the engine.

    join     requests and movements of money → sessions, rows, payments
    period   startAt, endAt, timezone, interval → instants
    select   filters and the rows a report covers
    report   the answers

and of paths, after docs/flows.md:

    ask      dates in two dialects, and the rows that take part
    step     which events a step and a condition mean
    flow, funnel, retention
"""
