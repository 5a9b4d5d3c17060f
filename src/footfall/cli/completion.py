"""`footfall completion`: what a shell needs to complete commands, flags and their values."""

import sys
from typing import Literal

Shell = Literal["bash", "zsh", "fish"]


def completion(shell: Shell, /) -> None:
    """Print the script that completes this command line.

    For bash, put `eval "$(footfall completion bash)"` into ~/.bashrc. For zsh, write the output to
    a file `_footfall` in a folder of $fpath. For fish, write it to
    ~/.config/fish/completions/footfall.fish.

    Parameters
    ----------
    shell
        The shell that you use.
    """
    from footfall.cli import app, load_commands

    load_commands()
    sys.stdout.write(app.generate_completion(prog_name="footfall", shell=shell))
