"""The way of a question: parameters → Question → SQL and bound values → Answer."""
