"""What the records are about. Everything is made up, and the same at every start."""

import datetime as dt
from dataclasses import dataclass

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Family:
    """What datasets from one kind of instrument have in common."""

    platform: str
    instrument: str
    variables: tuple[tuple[str, str], ...]
    keywords: tuple[str, ...]
    services: tuple[str, ...] = ()
    gridded: bool = False
    acquired: bool = False


@dataclass(frozen=True, slots=True)
class Dataset:
    """One record's content. `bounds` are west, east, south, north."""

    identifier: str
    title: str
    abstract: str
    bounds: Bounds
    family: Family
    stamp: dt.date
    begin: str = "2015-06-01T00:00:00Z"
    end: str = "2023-12-31T23:00:00Z"


FAMILIES = {
    "buoys": Family(
        "moored buoy",
        "CTD and anemometer",
        (
            ("sea_water_temperature", "degree_Celsius"),
            ("sea_water_practical_salinity", "1"),
            ("wind_speed", "m s-1"),
            ("sea_surface_wave_significant_height", "m"),
        ),
        ("Oceans > Ocean Temperature", "Oceans > Ocean Waves", "moored buoy"),
        ("OPeNDAP", "ERDDAP"),
        acquired=True,
    ),
    "gliders": Family(
        "underwater glider",
        "pumped CTD and optode",
        (
            ("sea_water_temperature", "degree_Celsius"),
            ("sea_water_practical_salinity", "1"),
            ("mole_concentration_of_dissolved_molecular_oxygen", "umol l-1"),
        ),
        ("Oceans > Salinity/Density", "Oceans > Ocean Chemistry", "glider"),
        ("ERDDAP",),
        acquired=True,
    ),
    "radar": Family(
        "HF radar network",
        "coastal HF radar, 5 to 25 MHz",
        (
            ("surface_eastward_sea_water_velocity", "m s-1"),
            ("surface_northward_sea_water_velocity", "m s-1"),
        ),
        ("Oceans > Ocean Circulation > Ocean Currents", "HF radar"),
        ("OPeNDAP", "WMS"),
        gridded=True,
    ),
    "models": Family(
        "numerical ocean model",
        "Regional Ocean Modeling System",
        (
            ("sea_water_potential_temperature", "degree_Celsius"),
            ("sea_water_practical_salinity", "1"),
            ("eastward_sea_water_velocity", "m s-1"),
            ("sea_surface_height_above_geoid", "m"),
        ),
        ("Oceans > Ocean Circulation", "Models > Ocean Forecast"),
        ("OPeNDAP", "WMS", "ERDDAP"),
        gridded=True,
    ),
    "satellites": Family(
        "polar orbiting satellite",
        "imaging radiometer",
        (
            ("sea_surface_temperature", "kelvin"),
            ("mass_concentration_of_chlorophyll_in_sea_water", "mg m-3"),
        ),
        ("Oceans > Ocean Optics", "Spectral/Engineering > Infrared Wavelengths"),
        ("WMS",),
        gridded=True,
        acquired=True,
    ),
    "tides": Family(
        "tide gauge",
        "acoustic water level sensor",
        (
            ("water_surface_height_above_reference_datum", "m"),
            ("air_pressure", "hPa"),
        ),
        ("Oceans > Tides", "Oceans > Sea Surface Topography"),
    ),
}

REGIONS: tuple[tuple[str, Bounds], ...] = (
    ("Gulf of Maine", (-71.0, -65.5, 41.5, 45.0)),
    ("Mid-Atlantic Bight", (-76.0, -70.0, 35.0, 41.5)),
    ("Florida Straits", (-83.0, -79.0, 23.5, 26.0)),
    ("northern Gulf of Mexico", (-97.0, -84.0, 26.0, 30.5)),
    ("Southern California Bight", (-121.0, -117.0, 32.0, 34.6)),
    ("Monterey Bay", (-122.6, -121.7, 36.4, 37.1)),
    ("Salish Sea", (-124.9, -122.1, 47.0, 49.5)),
    ("Cook Inlet", (-154.5, -149.0, 58.8, 61.4)),
    ("Hawaiian Islands", (-161.0, -154.0, 18.5, 22.8)),
    ("Lake Michigan", (-88.2, -84.7, 41.5, 46.2)),
    ("Puerto Rico and U.S. Virgin Islands", (-68.2, -64.2, 17.2, 19.2)),
)


def describe(family: Family, region: str) -> str:
    names = ", ".join(name.replace("_", " ") for name, _ in family.variables)
    return (
        f"Observations and products of {names} from a {family.platform} "
        f"({family.instrument}) in the {region}. Values passed automated quality "
        "control (gross range, spike, rate of change); suspect ones are flagged, "
        "not removed. Times are UTC, positions WGS 84."
    )


def numbered(prefix: str, number: int) -> Dataset:
    """One of an endless series: the same number makes the same dataset."""
    families = list(FAMILIES.values())
    family = families[number % len(families)]
    region, (west, east, south, north) = REGIONS[number % len(REGIONS)]
    shrink = number % 7 / 100
    return Dataset(
        f"org.example.{prefix}:{number:05}",
        f"{family.platform[0].upper()}{family.platform[1:]} {number:05}, {region}",
        describe(family, region),
        (west + shrink, east - shrink, south + shrink, north - shrink),
        family,
        dt.date(2020, 1, 1) + dt.timedelta(days=number % 1400),
    )
