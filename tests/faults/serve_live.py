"""A server with live sessions and a slow engine in place of a model, to be killed."""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path

from tests.faults.serve import ROOT, compose


def main(data: Path) -> None:
    import uvicorn

    from api.app import create_api
    from workbench.texts import Texts

    bench = compose(data, "")
    bench.start()
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        print(json.dumps({"port": listening.getsockname()[1]}), flush=True)
        app = create_api(bench, Texts(ROOT / "assets" / "texts"))
        uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listening])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
