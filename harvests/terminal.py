"""How a harvest shows on a terminal: a bar while it runs, a line when it ended."""

from typing import IO

from harvests.pipeline.tally import Tally

WIDTH = 24
SHOWN_FAILURES = 20


class Bar:
    """A progress bar on a terminal; silent when `out` is none."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out if out.isatty() else None

    def show(self, tally: Tally) -> None:
        if self._out is None:
            return
        done = sum(tally.counts.values())
        share = min(1.0, done / tally.discovered) if tally.discovered else 0.0
        bar = "█" * int(share * WIDTH) + "·" * (WIDTH - int(share * WIDTH))
        rate = done / tally.seconds if tally.seconds else 0
        self._out.write(f"\r{bar} {done}/{tally.discovered}  {rate:,.0f}/s ")
        self._out.flush()

    def clear(self) -> None:
        if self._out is not None:
            self._out.write("\r\033[K")
            self._out.flush()


def summary(tally: Tally, *, verbose: bool) -> list[str]:
    """Return the lines that tell how a harvest went."""
    counts = {
        k: v for k, v in tally.as_dict().items() if k not in {"failures", "seconds"}
    }
    words = [f"{n} {name.replace('_', ' ')}" for name, n in counts.items() if n]
    lines = [f"{', '.join(words) or 'nothing found'} in {tally.seconds:.1f} s"]
    shown = tally.failures if verbose else tally.failures[:SHOWN_FAILURES]
    lines += [_failure(failure) for failure in shown]
    if len(tally.failures) > len(shown):
        more = len(tally.failures) - len(shown)
        lines.append(f"  and {more} more failures: --json or -v lists them")
    return lines


def _failure(failure: dict[str, str]) -> str:
    url, message = failure["url"], failure["message"]
    where = "" if url in message else f"{url}: "
    return f"  failed ({failure['stage']}): {where}{message}"
