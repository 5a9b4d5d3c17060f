"""Reports: parameters → question → SQL and bound values → answer. `ask` is the way in."""
