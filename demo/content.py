"""More parts of a record: grid, variables, links, platform and instrument."""

from demo.datasets import Dataset
from demo.parts import code, slug, text

AXES = (("column", "degrees_east"), ("row", "degrees_north"))


def grid(dataset: Dataset) -> str:
    if not dataset.family.gridded:
        return ""
    return f"""  <gmd:spatialRepresentationInfo>
    <gmd:MD_GridSpatialRepresentation>
      <gmd:numberOfDimensions><gco:Integer>2</gco:Integer></gmd:numberOfDimensions>
{"".join(axis(name, unit) for name, unit in AXES)}      <gmd:cellGeometry>
        {code("MD_CellGeometryCode", "area")}
      </gmd:cellGeometry>
      <gmd:transformationParameterAvailability>
        <gco:Boolean>false</gco:Boolean>
      </gmd:transformationParameterAvailability>
    </gmd:MD_GridSpatialRepresentation>
  </gmd:spatialRepresentationInfo>
"""


def axis(name: str, unit: str) -> str:
    return f"""      <gmd:axisDimensionProperties>
        <gmd:MD_Dimension>
          <gmd:dimensionName>
            {code("MD_DimensionNameTypeCode", name)}
          </gmd:dimensionName>
          <gmd:dimensionSize><gco:Integer>360</gco:Integer></gmd:dimensionSize>
          <gmd:resolution>
            <gco:Measure uom="{unit}">0.05</gco:Measure>
          </gmd:resolution>
        </gmd:MD_Dimension>
      </gmd:axisDimensionProperties>
"""


def variables(dataset: Dataset) -> str:
    bands = "".join(band(name, unit) for name, unit in dataset.family.variables)
    return f"""  <gmd:contentInfo>
    <gmd:MD_CoverageDescription>
      <gmd:attributeDescription gco:nilReason="unknown"/>
      <gmd:contentType>
        {code("MD_CoverageContentTypeCode", "physicalMeasurement")}
      </gmd:contentType>
{bands}    </gmd:MD_CoverageDescription>
  </gmd:contentInfo>
"""


def band(name: str, unit: str) -> str:
    return f"""      <gmd:dimension>
        <gmd:MD_Band>
          <gmd:sequenceIdentifier>
            <gco:MemberName>
              <gco:aName>{text(name)}</gco:aName>
              <gco:attributeType>
                <gco:TypeName><gco:aName>{text("float")}</gco:aName></gco:TypeName>
              </gco:attributeType>
            </gco:MemberName>
          </gmd:sequenceIdentifier>
          <gmd:descriptor>{text(f"{name} in {unit}")}</gmd:descriptor>
        </gmd:MD_Band>
      </gmd:dimension>
"""


def distribution(dataset: Dataset) -> str:
    return f"""  <gmd:distributionInfo>
    <gmd:MD_Distribution>
      <gmd:transferOptions>
        <gmd:MD_DigitalTransferOptions>
          <gmd:onLine>
            <gmd:CI_OnlineResource>
              <gmd:linkage>
                <gmd:URL>https://data.example.org/datasets/{slug(dataset)}</gmd:URL>
              </gmd:linkage>
              <gmd:protocol>{text("WWW:LINK")}</gmd:protocol>
              <gmd:name>{text("Dataset page")}</gmd:name>
              <gmd:description>
                {text("Description, plots and downloads as NetCDF and CSV")}
              </gmd:description>
              <gmd:function>
                {code("CI_OnLineFunctionCode", "information")}
              </gmd:function>
            </gmd:CI_OnlineResource>
          </gmd:onLine>
        </gmd:MD_DigitalTransferOptions>
      </gmd:transferOptions>
    </gmd:MD_Distribution>
  </gmd:distributionInfo>
"""


def acquisition(dataset: Dataset) -> str:
    family = dataset.family
    if not family.acquired:
        return ""
    return f"""  <gmi:acquisitionInformation>
    <gmi:MI_AcquisitionInformation>
      <gmi:platform>
        <gmi:MI_Platform>
          <gmi:identifier>
            <gmd:MD_Identifier><gmd:code>{text(slug(dataset))}</gmd:code></gmd:MD_Identifier>
          </gmi:identifier>
          <gmi:description>{text(family.platform)}</gmi:description>
          <gmi:instrument>
            <gmi:MI_Instrument>
              <gmi:identifier gco:nilReason="unknown"/>
              <gmi:type>{text(family.instrument)}</gmi:type>
            </gmi:MI_Instrument>
          </gmi:instrument>
        </gmi:MI_Platform>
      </gmi:platform>
    </gmi:MI_AcquisitionInformation>
  </gmi:acquisitionInformation>
"""
