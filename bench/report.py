"""Prints what was measured, as Markdown."""

import os
import platform
from collections.abc import Mapping, Sequence
from statistics import median

from bench.measuring import Run


def speed(
    title: str,
    runs: Mapping[str, Sequence[Run]],
    records: int,
    samples: Mapping[str, int],
) -> None:
    """A table of medians; “harvest itself” leaves the start of Python out."""
    if not runs:
        return
    print(f"\n{title}: {records:,} records, {_machine()}\n")
    print("| | records/s | harvest itself | s | CPU s | peak MB | all processes |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name, measured in runs.items():
        count = samples.get(name, records)
        wall = median(one.wall for one in measured)
        inner = median(one.inner for one in measured)
        cpu = median(one.cpu for one in measured)
        peak = max(one.peak for one in measured)
        total = max(one.total for one in measured)
        print(
            f"| {name} | {count / wall:,.0f} | {count / inner:,.0f} | {wall:.2f} "
            f"| {cpu:.2f} | {peak:.0f} | {total:.0f} |"
        )


def memory(peaks: Mapping[str, Mapping[int, tuple[Run, Run]]]) -> None:
    """Peak memory by number of records, of the first harvest and the next one."""
    print(f"\nPeak memory in MB: largest process, all; records/s. {_machine()}\n")
    print("| | records | first harvest | again |")
    print("|---|---:|---:|---:|")
    for name, by_count in peaks.items():
        for count, (first, again) in by_count.items():
            cells = " | ".join(
                f"{one.peak:.0f}, {one.total:.0f}; {count / one.inner:,.0f}/s"
                for one in (first, again)
            )
            print(f"| {name} | {count:,} | {cells} |")


def _machine() -> str:
    python = platform.python_version()
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {python}"
