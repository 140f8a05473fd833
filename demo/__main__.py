"""`python -m demo`: the demo provider until Ctrl-C or SIGTERM."""

import argparse
import errno
import signal
import sys
import threading

from demo.server import start


def port(value: str) -> int:
    number = int(value)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError("a number from 0 to 65535")
    return number


def count(value: str) -> int:
    number = int(value)
    if not 1 <= number <= 99_999:
        raise argparse.ArgumentTypeError("a number from 1 to 99999")
    return number


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=port, default=8100)
    parser.add_argument(
        "--huge", type=count, default=5000, help="how many records /huge/ has"
    )
    parser.add_argument("--verbose", action="store_true", help="log each request")
    return parser.parse_args(arguments)


def explain(error: OSError, options: argparse.Namespace) -> str:
    place = f"{options.host}:{options.port}"
    if error.errno == errno.EADDRINUSE:
        return f"{place} is in use: stop what runs there or choose another --port."
    return f"Cannot listen on {place}: {error.strerror or error}."


def main() -> int:
    options = parse_arguments()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        provider = start(**vars(options))
    except OSError as error:
        print(explain(error, options), file=sys.stderr)
        return 1
    with provider:
        print(f"Demo provider: {provider.url()} (Ctrl-C stops it)", flush=True)
        stop.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
