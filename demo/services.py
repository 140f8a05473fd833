"""The services that a record offers, each as a service identification."""

from html import escape
from typing import NamedTuple

from demo.datasets import Dataset
from demo.parts import citation, code, slug, text


class Offer(NamedTuple):
    """How one kind of service is written down; `{}` in `url` is the dataset."""

    kind: str
    url: str
    protocol: str
    operation: str


OFFERS = {
    "OPeNDAP": Offer(
        "THREDDS OPeNDAP",
        "https://data.example.org/thredds/dodsC/{}.nc",
        "OPeNDAP:OPeNDAP",
        "OPeNDAP Client Access",
    ),
    "WMS": Offer(
        "Open Geospatial Consortium Web Map Service (WMS)",
        "https://data.example.org/wms/{}?service=WMS&version=1.3.0"
        "&request=GetCapabilities",
        "OGC:WMS",
        "GetCapabilities",
    ),
    "ERDDAP": Offer(
        "ERDDAP tabledap",
        "https://data.example.org/erddap/tabledap/{}",
        "ERDDAP:tabledap",
        "ERDDAP tabledap",
    ),
}


def services(dataset: Dataset) -> str:
    return "".join(service(dataset, name) for name in dataset.family.services)


def service(dataset: Dataset, name: str) -> str:
    offer = OFFERS[name]
    return f"""  <gmd:identificationInfo>
    <srv:SV_ServiceIdentification id="{name}">
{citation(dataset)}      <gmd:abstract>
        {text(f"{name} access to: {dataset.title}")}
      </gmd:abstract>
      <srv:serviceType><gco:LocalName>{offer.kind}</gco:LocalName></srv:serviceType>
      <srv:couplingType>
        {code("SV_CouplingType", "tight").replace("gmd:", "srv:")}
      </srv:couplingType>
      <srv:containsOperations>
{operation(offer, slug(dataset))}      </srv:containsOperations>
      <srv:operatesOn xlink:href="#DataIdentification"/>
    </srv:SV_ServiceIdentification>
  </gmd:identificationInfo>
"""


def operation(offer: Offer, name: str) -> str:
    return f"""        <srv:SV_OperationMetadata>
          <srv:operationName>{text(offer.operation)}</srv:operationName>
          <srv:DCP gco:nilReason="unknown"/>
          <srv:connectPoint>
            <gmd:CI_OnlineResource>
              <gmd:linkage>
                <gmd:URL>{escape(offer.url.format(name))}</gmd:URL>
              </gmd:linkage>
              <gmd:protocol>{text(offer.protocol)}</gmd:protocol>
              <gmd:name>{text(offer.kind)}</gmd:name>
              <gmd:function>
                {code("CI_OnLineFunctionCode", "download")}
              </gmd:function>
            </gmd:CI_OnlineResource>
          </srv:connectPoint>
        </srv:SV_OperationMetadata>
"""
