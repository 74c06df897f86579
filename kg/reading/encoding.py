"""Bytes of a file as text: compression, byte order marks, broken bytes, control characters."""

from __future__ import annotations

import codecs
import io
import re
import zlib

MAX_BYTES = 2 << 30
"""Longest file that is read, in bytes after decompression."""

_PIECE = 1 << 14

_BINARY = {
    b"%PDF": "a PDF; save the titles and abstracts as text, JSON or BibTeX",
    b"PK\x03\x04": "a ZIP archive or office file; unpack it or save it as text, CSV or JSON",
    b"\x89PNG": "an image; leave it out",
    b"\xff\xd8\xff": "an image; leave it out",
    b"GIF8": "an image; leave it out",
    b"SQLite format 3\x00": "a database; export its papers as CSV or JSON",
    b"PAR1": "a Parquet file; export it as CSV or JSON Lines",
    b"BZh": "compressed with bzip2; decompress it or use gzip",
    b"\xfd7zXZ": "compressed with xz; decompress it or use gzip",
    b"(\xb5/\xfd": "compressed with zstd; decompress it or use gzip",
}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BLANK = re.compile("[\x0b\x0c\x1c-\x1f]")
_ILLEGAL = re.compile("[\x00-\x08\x0e-\x1b\ud800-\udfff\ufffe\uffff]")
_UNUSUAL = re.compile("[\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class EncodingError(ValueError):
    """The bytes are not text.

    Attributes:
        line: number of the line, from 1, or None.
    """

    def __init__(self, line: int | None, message: str) -> None:
        super().__init__(message)
        self.line = line


def decode(data: bytes) -> str:
    """Return the text of a file: UTF-8, or UTF-16 or UTF-32 with a byte order mark; gzip is undone first.

    Line ends become line feeds. Control characters stay: see `clean_text`.

    Raises:
        EncodingError: the file is empty, damaged, binary, too long or in another encoding.
    """
    if data.startswith(b"\x1f\x8b"):
        data = _decompress(data)
    if not data.strip():
        raise EncodingError(None, "empty; fill the file or leave it out")
    mark, encoding = next(((mark, name) for mark, name in _MARKS if data.startswith(mark)), (b"", "utf-8"))
    data = data[len(mark) :]
    if not mark:
        for magic, what in _BINARY.items():
            if data.startswith(magic):
                raise EncodingError(None, f"not text but {what}")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count("\n".encode(encoding), 0, error.start) + 1
        head = data[:4096]
        if sum(byte < 9 or 13 < byte < 32 for byte in head) > len(head) // 20:
            raise EncodingError(None, "not text but a binary file; leave it out") from error
        name = encoding[:6].rstrip("-").upper() if encoding != "utf-8" else "UTF-8"
        raise EncodingError(
            line, f"not {name} text (byte 0x{data[error.start]:02X}); save the file as UTF-8"
        ) from error
    head_text = text[:4096]
    if len(_ILLEGAL.findall(head_text)) > len(head_text) // 20:
        raise EncodingError(None, "not text but a binary file; save text as UTF-8 or leave it out")
    if not text.strip():
        raise EncodingError(None, "empty; fill the file or leave it out")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _decompress(data: bytes) -> bytes:
    """Return the bytes in a gzip file of one or more members, at most `MAX_BYTES`."""
    whole = io.BytesIO()
    start = 0
    while start < len(data):
        member, begin = zlib.decompressobj(wbits=31), start
        try:
            # in pieces, as what is left of one is copied for each member
            while not member.eof and start < len(data):
                piece = data[start : start + _PIECE]
                whole.write(member.decompress(piece, MAX_BYTES + 1 - whole.tell()))
                start += len(piece) - len(member.unused_data)
                if whole.tell() > MAX_BYTES:
                    raise EncodingError(None, f"longer than {MAX_BYTES >> 30} GiB when decompressed; split it")
        except zlib.error as error:
            if whole.tell() and start == begin and not data[start:].strip(b"\0"):
                break  # padding after the last member
            raise EncodingError(None, "damaged gzip file; fetch or compress it again") from error
        if not member.eof:
            raise EncodingError(None, "gzip file that stops in the middle; fetch or compress it again")
    return whole.getvalue()


def clean_text(text: str) -> str:
    r"""Return `text` without characters that XML, and so HTML and much RDF, cannot hold.

    Vertical tabs, form feeds and separators become blanks; other control characters, lone surrogates and U+FFFE and
    U+FFFF become U+FFFD, so that it is seen that something was there; CR LF and CR become line feeds.

    >>> clean_text("a\x00b\x0cc\r\nd")
    'a�b c\nd'
    """
    if not _UNUSUAL.search(text):
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _ILLEGAL.sub("\ufffd", _BLANK.sub(" ", text))


def clean_line(text: str) -> str:
    r"""Return `text` as one line: cleaned, runs of whitespace folded to one blank, stripped.

    >>> clean_line("  Two\n lines ")
    'Two lines'
    """
    return " ".join(clean_text(text).split()).strip("\ufeff\u200b ")
