"""The registries of DOIs on loopback, with records in the form of each.

DOIs, titles, authors, journals and dates are facts of real papers; the abstracts are the project's own sentences.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from tests.fakes.json_server import JsonServer

DEEP_LEARNING: dict[str, Any] = {
    "DOI": "10.1038/nature14539",
    "type": "journal-article",
    "title": ["Deep learning"],
    "author": [
        {"given": "Yann", "family": "LeCun", "sequence": "first"},
        {"given": "Yoshua", "family": "Bengio", "sequence": "additional"},
        {"given": "Geoffrey", "family": "Hinton", "sequence": "additional"},
    ],
    "container-title": ["Nature"],
    "publisher": "Springer Science and Business Media LLC",
    "volume": "521",
    "issue": "7553",
    "page": "436-444",
    "issued": {"date-parts": [[2015, 5, 27]]},
    "license": [{"URL": "https://www.springer.com/tdm", "content-version": "tdm"}],
    "link": [{"URL": "https://www.nature.com/articles/nature14539.pdf", "content-type": "application/pdf"}],
}
ALPHAFOLD: dict[str, Any] = {
    "DOI": "10.1038/s41586-021-03819-2",
    "type": "journal-article",
    "title": ["Highly accurate protein structure prediction with AlphaFold"],
    "author": [{"given": "John", "family": "Jumper"}, {"name": "The AlphaFold Team"}],
    "container-title": ["Nature"],
    "publisher": "Springer Science and Business Media LLC",
    "volume": "596",
    "page": "583-589",
    "published-online": {"date-parts": [[2021, 7]]},
    "issued": {"date-parts": [[None]]},
    "abstract": "<jats:title>Abstract</jats:title><jats:p>Shapes of proteins, told from their letters, in "
    "<jats:italic>hours</jats:italic> &amp; with CO<jats:sub>2</jats:sub>.</jats:p>"
    "<jats:sec><jats:title>Methods</jats:title><jats:p>A network.</jats:p></jats:sec>",
    "license": [{"URL": "https://creativecommons.org/licenses/by/4.0", "content-version": "vor"}],
    "link": [
        {"URL": "https://www.nature.com/articles/s41586-021-03819-2", "content-type": "text/html"},
        {"URL": "https://www.nature.com/articles/s41586-021-03819-2.pdf", "content-type": "application/pdf"},
    ],
}
RESNET: dict[str, Any] = {
    "DOI": "10.1109/cvpr.2016.90",
    "type": "proceedings-article",
    "title": ["Deep Residual Learning for Image Recognition"],
    "author": [{"given": "Kaiming", "family": "He"}, {"given": "Xiangyu", "family": "Zhang"}],
    "container-title": ["2016 IEEE Conference on Computer Vision and Pattern Recognition (CVPR)"],
    "publisher": "IEEE",
    "page": "770-778",
    "issued": {"date-parts": [[2016, 6]]},
}
TAKEN_BACK: dict[str, Any] = {
    "DOI": "10.1016/s0140-6736(97)11096-0",
    "type": "journal-article",
    "title": ["A Paper Taken Back"],
    "container-title": ["The Lancet"],
    "issued": {"date-parts": [[1998]]},
    "updated-by": [{"type": "retraction", "DOI": "10.1016/s0140-6736(10)60175-4"}],
}
PREPRINT: dict[str, Any] = {
    "DOI": "10.1101/2021.10.04.463034",
    "type": "posted-content",
    "title": ["Protein complex prediction with AlphaFold-Multimer"],
    "author": [{"given": "Richard", "family": "Evans"}],
    "institution": [{"name": "bioRxiv"}],
    "posted": {"date-parts": [[2021, 10, 4]]},
}

DATASET: dict[str, Any] = {
    "titles": [{"title": "Subtitle of it", "titleType": "Subtitle"}, {"title": "Software <i>and</i> papers"}],
    "creators": [{"givenName": "Ada", "familyName": "Author"}, {"name": "A Group"}],
    "publisher": {"name": "Zenodo"},
    "container": {"title": "Proceedings of Tools", "firstPage": "1", "lastPage": "9"},
    "types": {"resourceTypeGeneral": "ConferencePaper"},
    "publicationYear": 2020,
    "dates": [{"date": "2020-03-01", "dateType": "Issued"}],
    "descriptions": [
        {"description": "How to.", "descriptionType": "Methods"},
        {"description": "<p>Tools &lt;b&gt;for&lt;/b&gt; readers.</p>", "descriptionType": "Abstract"},
    ],
    "rightsList": [{"rightsUri": "https://creativecommons.org/licenses/by/4.0/legalcode"}],
    "contentUrl": ["https://zenodo.org/record/1/files/paper.pdf"],
}


def crossref(*works: dict[str, Any]) -> JsonServer:
    """Crossref with these works."""
    server = JsonServer(
        {f"/works/{quote(each['DOI'], safe='')}": (200, {"status": "ok", "message": each}) for each in works}
    )
    server.unknown = (404, b"Resource not found.")
    return server


def datacite(records: dict[str, dict[str, Any]]) -> JsonServer:
    """DataCite with these records, by DOI."""
    server = JsonServer(
        {f"/dois/{quote(doi, safe='')}": (200, {"data": {"attributes": each}}) for doi, each in records.items()}
    )
    server.unknown = (404, {"errors": [{"status": "404", "title": "The resource you are looking for doesn't exist."}]})
    return server
