"""Advice on the bytes of a document: its encoding and how it begins."""

from typing import Final

from harvests.advice.words import Advice

_SAVE = (
    "Save the file as UTF-8 (in most editors: Save as › Encoding), and let its first "
    'line say encoding="UTF-8".'
)
ENCODINGS: Final = {
    "encoding-mismatch": Advice(
        "The first line names another encoding than the file has. Programs that "
        "believe it show wrong letters, or refuse the file.",
        _SAVE,
    ),
    "encoding-unknown": Advice(
        "No program knows an encoding of that name.",
        _SAVE,
    ),
    "encoding-invalid": Advice(
        "Some bytes mean nothing in the encoding that the file declares; most often "
        "text was pasted from a document in Windows-1252. They were read as such, and "
        "may show as wrong letters.",
        "Look at the line, type the letters again. " + _SAVE,
    ),
    "declaration-misplaced": Advice(
        "XML must begin with its first byte; blank lines or marks before <?xml make "
        "strict programs refuse the file.",
        "Delete what stands before <?xml. It often comes from a template or a script "
        "that prints an empty line first.",
    ),
}
