"""The flow and funnel API."""
