"""What the tests of fetching share: a short-tempered policy and ways to ask."""

from dataclasses import replace

from harvests.pipeline.errors import FetchError
from harvests.pipeline.fetch import Batch, Fetcher
from harvests.pipeline.types import FetchPolicy, Request, Response

POLICY = FetchPolicy(
    allow_networks=("127.0.0.1/32",),
    connect_timeout=0.4,
    idle_timeout=1,
    total_timeout=3,
    max_bytes=1_000_000,
    max_listing_bytes=3_000_000,
    max_retry_after=1,
    backoff=0.01,
    retries=1,
)


def fetcher(**changes: object) -> Fetcher:
    return Fetcher(replace(POLICY, **changes))


def finish(batch: Batch) -> dict[str, Response | FetchError]:
    """Poll until everything has come back; answers by URL."""
    answers = {}
    while len(batch):
        answers.update({request.url: answer for request, answer in batch.poll(1)})
    return answers


def fetch_all(door: Fetcher, urls: list[str]) -> dict[str, Response | FetchError]:
    with door.batch() as batch:
        for url in urls:
            batch.add(Request(url))
        return finish(batch)


def fetch(url: str, **changes: object) -> Response:
    answer = fetch_all(fetcher(**changes), [url])[url]
    assert isinstance(answer, Response), answer
    return answer


def refusal(url: str, **changes: object) -> FetchError:
    answer = fetch_all(fetcher(**changes), [url])[url]
    assert isinstance(answer, FetchError), answer
    return answer
