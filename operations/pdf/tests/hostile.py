"""PDFs that somebody made to do harm, by name."""

import zlib

from operations.pdf.tests.samples import sample, stream, written

CATALOGUE = b"<</Type/Catalog/Pages 2 0 R>>"
PAGES = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>"
FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
GOOD = sample(3, is_ruled=True).pdf
BOMB = 2_500_000_000


def _page(content: bytes, *more: bytes) -> bytes:
    return written(CATALOGUE, PAGES, PAGE, content, FONT, *more)


def _bomb() -> bytes:
    """A stream that becomes gigabytes."""
    squeeze = zlib.compressobj(9)
    block = bytes(10_000_000)
    return b"".join(squeeze.compress(block) for _ in range(BOMB // len(block))) + squeeze.flush()


def _nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


def _form(number: int) -> bytes:
    """A form that draws itself, and so for ever."""
    entries = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X %d 0 R>>>>" % number
    return stream(b"/X Do /X Do", entries)


def make() -> dict[str, bytes]:
    """All of them."""
    flat = b"/Filter/FlateDecode"
    bomb = _bomb()
    looping = (
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</XObject<</X 6 0 R>>>>>>"
    )
    encrypt = b"/Encrypt<</Filter/Standard/V 1/R 2/P -4/O(%b)/U(%b)>>/ID[(a)(a)]" % (b"o" * 32, b"u" * 32)
    return {
        "nothing": b"",
        "text": b"a,b\n1,2\n",
        "zeros": bytes(100_000),
        "a picture": b"\x89PNG\r\n\x1a\n" + bytes(1_000),
        "html": b"<html><script>alert(1)</script></html>",
        "an archive": b"PK\x03\x04" + bytes(1_000),
        "only a head": b"%PDF-1.7\n",
        "a head and noise": b"%PDF-1.7\n" + bytes(range(256)) * 400,
        "cut in two": GOOD[: len(GOOD) // 2],
        "no end": GOOD[:-200],
        "no catalogue": written(b"<<>>"),
        "pages that are no dictionary": written(b"<</Type/Catalog/Pages 7>>"),
        "no pages": written(CATALOGUE, b"<</Type/Pages/Kids[]/Count 0>>"),
        "pages in a circle": written(CATALOGUE, b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 9>>"),
        "a false count": written(
            CATALOGUE, b"<</Type/Pages/Kids[3 0 R]/Count 999999999>>", PAGE, stream(b""), FONT
        ),
        "a page a hundred thousand times": written(
            CATALOGUE, b"<</Type/Pages/Kids[%b]/Count 100001>>" % (b"3 0 R " * 100_001), PAGE
        ),
        "3,000 pages": written(
            CATALOGUE,
            b"<</Type/Pages/Kids[%b]/Count 3000>>" % b" ".join(b"%d 0 R" % n for n in range(3, 3_003)),
            *[b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"] * 3_000,
        ),
        "a bomb in a page": _page(stream(bomb, flat)),
        "a bomb in a bomb": _page(stream(zlib.compress(bomb), b"/Filter[/FlateDecode/FlateDecode]")),
        "a bomb in a predictor": _page(
            stream(bomb, b"/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 1>>")
        ),
        "nested a hundred thousand times": _page(stream(_nested(100_000))),
        "nested objects": written(CATALOGUE, PAGES, b"<</Type/Page/X %b>>" % _nested(50_000)),
        "a form that draws itself": written(CATALOGUE, PAGES, looping, stream(b"/X Do"), FONT, _form(6)),
        "a length that refers to itself": _page(b"<</Length 4 0 R>>\nstream\nBT ET\nendstream"),
        "a password": written(CATALOGUE, PAGES, PAGE, stream(b""), FONT, trailer=encrypt),
        "an unknown encryption": written(
            CATALOGUE, PAGES, trailer=b"/Encrypt<</Filter/Nonsense/V 99>>/ID[(a)(a)]"
        ),
        "a huge page": written(
            CATALOGUE,
            PAGES,
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 1e300 1e300]/Contents 4 0 R>>",
            stream(b""),
        ),
        "numbers that are none": _page(stream(b"1e999 0 0 nan 1 1 cm BT /F inf Tf (x) Tj ET")),
        "a million lines": _page(
            stream(b"".join(b"%d 0 m %d 842 l S\n" % (n % 595, n % 595) for n in range(30_000)))
        ),
        "a table of another file": written(
            CATALOGUE,
            PAGES,
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
            stream(b"BT /F 9 Tf (x) Tj ET"),
            b"<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/..#2f..#2f..#2fetc#2fpasswd/DescendantFonts[6 0 R]>>",
            b"<</Type/Font/Subtype/CIDFontType2/CIDSystemInfo<</Registry(..)/Ordering(/etc/passwd)>>>>",
        ),
    }
