"""Writes the folder that the bench harvests: valid records of about 26 KB each.

Real ones of that size (139 in our corpus) have 290 elements on average, these 313.
"""

import sys
from dataclasses import replace
from pathlib import Path

from demo.datasets import FAMILIES, Dataset, numbered
from demo.parts import code, text
from demo.records import record

FAMILY = replace(FAMILIES["models"], services=("OPeNDAP", "ERDDAP"), acquired=True)
STEPS = (
    ("Received", "Raw files arrive by satellite and cellular link every hour"),
    ("Decoded", "Decoded to engineering units with the last calibration sheet"),
    ("Checked", "Gross range, spike, rate of change, flat line and neighbour tests"),
    ("Gridded", "Averaged in time and space; cells of less than 3 values are empty"),
    ("Compared", "Compared with ship casts and with the same month of other years"),
    ("Published", "Written as NetCDF by CF 1.8 and ACDD 1.3, one file for a month"),
)
DETAIL = (
    " Operators read the log of this step each morning. Values that fail are flagged "
    "and kept, with the reason as a number that the file explains, so that others can "
    "judge anew. The programs are under version control, their version is in each "
    "file, beside the version of the tables of limits that they used. What changed "
    "between two versions is told in the notes that the dataset page links to. A value "
    "that arrived late is taken in for 60 days; after that the month is closed, and "
    "only a correction that the notes announce opens it again. The clock of the "
    "station is set by satellite, and the drift since the last contact is spread "
    "evenly over the readings. Positions are those of the anchor, not of the hull, "
    "except where the file says so. Questions are answered by the address below the "
    "contacts, usually on the same working day."
)


def body(number: int) -> bytes:
    dataset = replace(numbered("bench", number), family=FAMILY)
    place = b"</gmd:distributionInfo>\n"
    return record(dataset).replace(place, place + lineage(dataset).encode())


def lineage(dataset: Dataset) -> str:
    steps = "".join(
        f"""          <gmd:processStep>
            <gmd:LI_ProcessStep>
              <gmd:description>
                {text(f"{name} ({dataset.title}): {what}.{DETAIL}")}
              </gmd:description>
              <gmd:dateTime>
                <gco:DateTime>{dataset.stamp}T0{hour}:00:00</gco:DateTime>
              </gmd:dateTime>
            </gmd:LI_ProcessStep>
          </gmd:processStep>
"""
        for hour, (name, what) in enumerate(STEPS)
    )
    return f"""  <gmd:dataQualityInfo>
    <gmd:DQ_DataQuality>
      <gmd:scope>
        <gmd:DQ_Scope>
          <gmd:level>{code("MD_ScopeCode", "dataset")}</gmd:level>
        </gmd:DQ_Scope>
      </gmd:scope>
      <gmd:lineage>
        <gmd:LI_Lineage>
{steps}        </gmd:LI_Lineage>
      </gmd:lineage>
    </gmd:DQ_DataQuality>
  </gmd:dataQualityInfo>
"""


def write(folder: Path, count: int) -> None:
    folder.mkdir(parents=True)
    for number in range(count):
        (folder / f"record-{number:06}.xml").write_bytes(body(number))


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
