"""`footfall help`: the help of a command, or what the exit codes mean."""

from typing import Annotated

from cyclopts import Parameter
from rich.console import Console

from footfall.cli import COMMANDS, app, give_example, load_commands
from footfall.cli.exit_code import EXIT_CODES
from footfall.model.errors import BadRequest

TOPIC = "exit-codes"
console = Console(highlight=False)


def help_(
    topic: Annotated[str | None, Parameter(help=f"A command, or {TOPIC}.")] = None,
    /,
    *further: Annotated[str, Parameter(help="The command's own command.")],
) -> None:
    """Explain a command or the exit codes."""
    if topic == TOPIC:
        console.print("Exit codes of all commands:\n")
        for code, meaning in EXIT_CODES.items():
            console.print(f"{code:>5}  {meaning}", soft_wrap=True)
        return
    if topic is None:
        load_commands()
        app.help_print([])
        return
    if topic not in COMMANDS:
        known = ", ".join(name for name, command in COMMANDS.items() if command.group)
        raise BadRequest(f"there is no command {topic!r}; commands: {known}; topics: {TOPIC}")
    give_example(topic)
    app.help_print([topic, *further])
