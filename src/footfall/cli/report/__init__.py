"""`footfall report`: the reports, for people at a terminal."""

from footfall.cli.report.command import report_app
from footfall.clock import now_ms

app = report_app(now_ms)
