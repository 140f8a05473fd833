"""The good source: valid records of a fictitious observing system."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

from demo.answers import Document
from demo.datasets import FAMILIES, REGIONS, Dataset, describe
from demo.records import modified, record
from demo.sources import Source

FOLDERS = {
    "buoys": "observations/buoys/",
    "gliders": "observations/gliders/",
    "radar": "observations/radar/",
    "models": "models/",
    "satellites": "",
    "tides": "",
}

# family, file, region, title
ROWS = """
buoys | a01 | 0 | Buoy A01, Massachusetts Bay: weather, waves and water temperature
buoys | e01 | 0 | Buoy E01, Central Maine Shelf: real-time and delayed-mode observations
buoys | m1 | 5 | Mooring M1, Monterey Bay: hourly CTD profiles and surface weather
buoys | 42-north | 3 | Buoy 42 North, Texas-Louisiana shelf: hypoxia watch
buoys | wave-rider-106 | 8 | Wave rider 106, Waimea Bay: directional wave spectra
buoys | ice-lead-9 | 9 | Buoy Lead 9, Lake Michigan: spring to autumn thermal structure
gliders | ru-28-2022-fall | 1 | Glider RU-28, fall 2022: Mid-Atlantic cold pool survey
gliders | sp-041-line-90 | 4 | Spray glider 041 along CalCOFI line 90
gliders | ng-288-loop-current | 3 | Glider NG-288: Loop Current eddy edge, summer 2021
gliders | sg-514-hot | 8 | Seaglider 514: oxygen minimum north of Oʻahu
radar | mid-atlantic-6km | 1 | HF radar surface currents, Mid-Atlantic Bight, 6 km
radar | florida-straits-2km | 2 | HF radar surface currents, Straits of Florida, 2 km
radar | salish-sea-1km | 6 | HF radar surface currents, Strait of Juan de Fuca
models | gom-forecast | 0 | Gulf of Maine ocean forecast, 72 hours, updated daily
models | gulf-hindcast-1993-2022 | 3 | Northern Gulf of Mexico hindcast, 1993 to 2022
models | cook-inlet-roms | 7 | Cook Inlet operational forecast: currents, tide and ice
models | salish-sea-cast | 6 | Salish Sea coupled physics and biogeochemistry nowcast
models | hawaii-swan | 8 | SWAN wave forecast, main Hawaiian Islands, 500 m
models | pr-vi-surge | 10 | Storm surge ensemble, Puerto Rico and U.S. Virgin Islands
satellites | sst-composite-daily | 1 | Daily sea surface temperature composite, 1 km
satellites | chlorophyll-8-day | 4 | Chlorophyll-a, 8-day composite, California Current
satellites | sea-ice-edge | 7 | Sea-ice edge and concentration, Cook Inlet, daily
tides | tide-gauge-portland | 0 | Tide gauge Portland, Maine: 6-minute water levels
tides | tide-gauge-la-parguera | 10 | Mareógrafo La Parguera, Puerto Rico: water levels
"""


def _dataset(row: str, day: int) -> tuple[str, Dataset]:
    kind, file, place, title = (cell.strip() for cell in row.split("|"))
    region, bounds = REGIONS[int(place)]
    dataset = Dataset(
        f"org.example.{kind}:{file}",
        title,
        describe(FAMILIES[kind], region),
        bounds,
        FAMILIES[kind],
        dt.date(2023, 1, 9) + dt.timedelta(days=11 * day),
    )
    return f"{FOLDERS[kind]}{file}.xml", dataset


DATASETS = dict(
    sorted(_dataset(row, day) for day, row in enumerate(ROWS.strip().splitlines()))
)


class Good(Source):
    about = (
        "24 valid records in folders: all are published; again, and all are unchanged. "
        "Touch edits one."
    )
    actions = ("touch",)
    touched = "sst-composite-daily.xml"

    def __init__(self) -> None:
        self.revision = 0

    def names(self) -> Iterable[str]:
        return DATASETS

    def document(self, name: str) -> Document | None:
        dataset = DATASETS.get(name)
        if dataset is None:
            return None
        if name == self.touched:
            dataset = revised(dataset, self.revision)
        return Document(record(dataset), modified(dataset))

    def act(self, action: str) -> None:
        self.revision += 1


def revised(dataset: Dataset, revision: int) -> Dataset:
    """As it is after so many edits: a new sentence, and a later date stamp."""
    if not revision:
        return dataset
    return replace(
        dataset,
        abstract=f"{dataset.abstract} Revision {revision}.",
        stamp=dataset.stamp + dt.timedelta(days=revision),
    )
