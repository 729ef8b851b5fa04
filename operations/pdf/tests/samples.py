"""PDFs with tables that are known, made by reportlab, and a writer for those that no library would write."""

import io
import random
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

Rows = list[list[str]]
STYLE = getSampleStyleSheet()["BodyText"]
WORDS = [
    "Bolt",
    "Nut",
    "Washer",
    "Screw",
    "Hinge",
    "Bracket",
    "Cable",
    "Valve",
    "Pump",
    "Filter",
    "Gasket",
    "Bearing",
    "Spring",
    "Pin",
    "Ring",
]
NAMES = ("Item", "Unit price", "Quantity", "Supplier", "Delivered on", "Total", "Remark")
GRID = [("GRID", (0, 0), (-1, -1), 0.5, "black")]
FIRST_GROUPS = 3


class Sample(NamedTuple):
    """A PDF, and the tables in it, with their headers."""

    kind: str
    pdf: bytes
    tables: list[Rows]


def _rows(chance: random.Random, count: int, width: int, *, empty: float = 0.0) -> Rows:
    rows = [list(chance.sample(NAMES, width))]
    for number in range(count):
        row = [_cell(chance, name, number) for name in rows[0]]
        rows.append(
            [cell if index == 0 or chance.random() >= empty else "" for index, cell in enumerate(row)]
        )
    return rows


def _cell(chance: random.Random, name: str, number: int) -> str:
    match name:
        case "Unit price" | "Total":
            return f"{chance.uniform(0.1, 99_999):,.2f}"
        case "Quantity":
            return str(chance.randint(1, 9_999))
        case "Delivered on":
            return f"2026-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
    return " ".join(chance.sample(WORDS, chance.randint(1, 2))) + f" {number}"


def _built(parts: Sequence[Any], **options: Any) -> bytes:
    out = io.BytesIO()
    SimpleDocTemplate(out, **{"pagesize": A4} | options).build(list(parts))
    return out.getvalue()


def _table(rows: Rows, style: Sequence[Any], chance: random.Random, **options: Any) -> Table:
    aligned = [
        ("ALIGN", (column, 0), (column, -1), chance.choice(["LEFT", "RIGHT", "CENTER"]))
        for column in range(len(rows[0]))
    ]
    return Table(rows, style=TableStyle([*style, *aligned]), **options)


def ruled(rows: Rows) -> bytes:
    """These rows with lines around each cell."""
    return _built([Table(rows, style=TableStyle(GRID))])


def plain(chance: random.Random, style: Sequence[Any], *, empty: float = 0.0) -> Sample:
    rows = _rows(chance, chance.randint(3, 25), chance.randint(2, 6), empty=empty)
    parts = [Paragraph("A report on what was delivered", STYLE), Spacer(1, 20), _table(rows, style, chance)]
    return Sample("plain", _built([*parts, Spacer(1, 30), Paragraph("The end of it.", STYLE)]), [rows])


def over_pages(chance: random.Random, style: Sequence[Any]) -> Sample:
    rows = _rows(chance, chance.randint(60, 110), chance.randint(3, 5))
    return Sample("over pages", _built([_table(rows, style, chance, repeatRows=1)]), [rows])


def two_on_a_page(chance: random.Random, style: Sequence[Any]) -> Sample:
    first, second = _rows(chance, 6, 3), _rows(chance, 5, 4)
    parts = [_table(first, style, chance), Spacer(1, 40), Paragraph("And another one", STYLE), Spacer(1, 20)]
    return Sample("two on a page", _built([*parts, _table(second, style, chance)]), [first, second])


def rotated(chance: random.Random, style: Sequence[Any]) -> Sample:
    """The page is as large as ever, and what is on it stands on its side."""
    rows = _rows(chance, 10, 4)
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    table = _table(rows, style, chance)
    _, height = table.wrapOn(canvas, A4[1], A4[0])
    if chance.random() < 1 / 2:
        canvas.translate(A4[0], 0)
        canvas.rotate(90)
        table.drawOn(canvas, 60, A4[0] - height - 60)
    else:
        canvas.setPageRotation(90)
        canvas.translate(A4[0], 0)
        canvas.rotate(90)
        table.drawOn(canvas, 60, A4[0] - height - 60)
    canvas.save()
    return Sample("rotated", out.getvalue(), [rows])


def wide(chance: random.Random, style: Sequence[Any]) -> Sample:
    rows = _rows(chance, 12, 7)
    return Sample("landscape", _built([_table(rows, style, chance)], pagesize=landscape(A4)), [rows])


def merged(chance: random.Random, style: Sequence[Any]) -> Sample:
    """A cell reaches over the rows of its group: what it says stands in the first of them."""
    rows = _rows(chance, 9, 4)
    spans: list[Any] = []
    for start in range(1, 10, FIRST_GROUPS):
        spans.append(("SPAN", (0, start), (0, start + FIRST_GROUPS - 1)))
        for row in range(start + 1, start + FIRST_GROUPS):
            rows[row][0] = ""
    top = [("VALIGN", (0, 0), (-1, -1), "TOP")]
    return Sample("merged", _built([_table(rows, [*style, *spans, *top], chance)]), [rows])


def wrapped(chance: random.Random, style: Sequence[Any]) -> Sample:
    rows = _rows(chance, 8, 3)
    for row in rows[1:]:
        row[1] = " ".join(chance.choice(WORDS) for _ in range(12))
    shown = [
        [row[0], Paragraph(row[1], STYLE) if index else row[1], row[2]] for index, row in enumerate(rows)
    ]
    table = Table(
        shown, style=TableStyle([*style, ("VALIGN", (0, 0), (-1, -1), "TOP")]), colWidths=[130, 150, 130]
    )
    return Sample("wrapped", _built([table]), [rows])


def pages_of_their_own(chance: random.Random, style: Sequence[Any]) -> Sample:
    first, second = _rows(chance, 6, 3), _rows(chance, 6, 5)
    return Sample(
        "one a page",
        _built([_table(first, style, chance), PageBreak(), _table(second, style, chance)]),
        [first, second],
    )


KINDS: list[Callable[[random.Random, Sequence[Any]], Sample]] = [
    plain,
    over_pages,
    two_on_a_page,
    rotated,
    wide,
    merged,
    wrapped,
    pages_of_their_own,
    lambda chance, style: plain(chance, style, empty=0.2),
    lambda chance, style: plain(chance, [*style, ("BACKGROUND", (0, 0), (-1, 0), "lightgrey")]),
]


def sample(seed: int, *, is_ruled: bool) -> Sample:
    """One of each kind in turn."""
    chance = random.Random(seed)  # noqa: S311 (chance, no secret)
    return KINDS[seed % len(KINDS)](chance, GRID if is_ruled else [])


def written(*objects: bytes, version: bytes = b"%PDF-1.7", trailer: bytes = b"") -> bytes:
    """A PDF of these objects, the first of which is its catalogue."""
    out = io.BytesIO()
    out.write(version + b"\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % offset for offset in offsets)
    out.write(
        b"trailer\n<</Size %d /Root 1 0 R %b>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, start)
    )
    return out.getvalue()


def stream(data: bytes, entries: bytes = b"") -> bytes:
    """The body of an object with a stream."""
    return b"<</Length %d %b>>\nstream\n%b\nendstream" % (len(data), entries, data)


def right_to_left(rows: Rows) -> bytes:
    """An unruled table in Hebrew, its first column on the right. A font says what its codes mean."""
    letters = sorted({char for row in rows for cell in row for char in cell if "\u05d0" <= char <= "\u05ea"})
    codes = {letter: 0x80 + number for number, letter in enumerate(letters)}
    shows = []
    for index, row in enumerate(rows):
        for column, cell in enumerate(row):
            drawn = cell if cell[0].isdigit() else cell[::-1].translate(str.maketrans("()", ")("))
            text = "".join(f"{codes.get(char, ord(char)):02x}" for char in drawn)
            shows.append(f"1 0 0 1 {400 - 120 * column} {700 - 20 * index} Tm <{text}> Tj")
    content = ("BT /F 10 Tf " + " ".join(shows) + " ET").encode()
    meanings = "".join(f"<{code:02x}> <{ord(letter):04x}>\n" for letter, code in codes.items())
    cmap = (
        "/CIDInit /ProcSet findresource begin begincmap /CMapName /X def\n1 begincodespacerange <00> <ff> "
        f"endcodespacerange\n{len(codes)} beginbfchar\n{meanings}endbfchar endcmap end"
    )
    widths = " ".join(["500"] * 256)
    return written(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        stream(content),
        b"<</Type/Font/Subtype/TrueType/BaseFont/X/FirstChar 0/LastChar 255/Widths[%b]/ToUnicode 6 0 R>>"
        % widths.encode(),
        stream(cmap.encode()),
    )
