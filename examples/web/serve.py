#!/usr/bin/env python3
"""Serves this page with a compiled model: serve.py DIR [--port N], then open the printed address.

DIR is what `ingot compile MODEL --target wasm -o DIR` wrote; the page finds it as model/. Any web
server does the same with DIR copied beside index.html.
"""

import argparse
import functools
import http.server
import pathlib

PAGE = pathlib.Path(__file__).resolve().parent


class Handler(http.server.SimpleHTTPRequestHandler):
    extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map | {
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    def __init__(self, *arguments, model, **options):
        self.model = model
        super().__init__(*arguments, directory=str(PAGE), **options)

    def translate_path(self, path):
        clean = super().translate_path(path)
        inside = pathlib.Path(clean).relative_to(PAGE)
        if inside.parts[:1] == ("model",):
            return str(self.model.joinpath(*inside.parts[1:]))
        return clean

    def log_message(self, *arguments):
        pass


def make_server(model, port=0):
    """A server of 127.0.0.1; port 0: any that is free."""
    handler = functools.partial(Handler, model=pathlib.Path(model).resolve())
    return http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", metavar="DIR")
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args()
    with make_server(options.model, options.port) as server:
        print(f"http://127.0.0.1:{server.server_port}/", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
