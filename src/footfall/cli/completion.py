"""`footfall completion`: what a shell needs to complete commands, flags and their values."""

import sys
from typing import Literal

_CALLED_BY_ZSH = """
if [[ $funcstack[1] == _footfall ]]; then
  _cyclopts_footfall "$@"
else
  compdef _cyclopts_footfall footfall
fi
"""
"""The generated script only defines a function. As a file of $fpath it is the body of `_footfall`,
which zsh calls for the first completion; after `source` the function is what completes."""

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
    script = app.generate_completion(prog_name="footfall", shell=shell)
    sys.stdout.write(script + _CALLED_BY_ZSH if shell == "zsh" else script)
