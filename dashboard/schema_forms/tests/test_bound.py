"""Fields with their texts and what is wrong with those."""

from dashboard.schema_forms import Field, Kind, Mistake, bind

PREFIX = "arguments."
FIELDS = (
    Field("url", Kind.TEXT, required=True, hint="Where to.", takes_secret=True),
    Field("a/b", Kind.JSON),
    Field("method", Kind.CHOICE, choices=("GET", "POST")),
    Field("flag", Kind.BOOLEAN),
    Field("seconds", Kind.NUMBER, minimum=0, maximum=300, default=30),
)


def test_texts_are_beside_their_fields() -> None:
    form = bind(FIELDS, {"arguments.url": "https://x", "arguments.method": "POST"}, PREFIX)
    [url] = form.required
    assert (url.name, url.id, url.text, url.errors) == ("arguments.url", "arguments-0", "https://x", ())
    by_name = {each.field.name: each for each in form.optional}
    assert by_name["method"].options == [("GET", "GET", False), ("POST", "POST", True)]
    assert by_name["flag"].options == [("true", "yes", False), ("false", "no", False)]
    assert form.shows_optional
    assert not bind(FIELDS, {"arguments.url": "https://x"}, PREFIX).shows_optional


def test_hints() -> None:
    form = bind(FIELDS, {}, PREFIX)
    assert form.required[0].hint == 'Where to. {"$secret": "name"} stands for a secret.'
    assert form.optional[-1].hint == "From 0 to 300. Default: 30."
    assert (form.optional[-1].is_number, form.optional[-1].input_mode) == (True, "decimal")


def test_what_is_written_as_json_stays_so() -> None:
    form = bind(FIELDS, {"arguments.url#json": "7"}, PREFIX)
    assert (form.required[0].name, form.required[0].kind) == ("arguments.url#json", Kind.JSON)


def test_errors_are_beside_their_fields() -> None:
    form = bind(
        FIELDS,
        {},
        PREFIX,
        mistakes=[Mistake("seconds", "must be a number"), Mistake(None, "is not JSON")],
        errors=[
            {"pointer": "#/arguments/url", "code": "missing", "detail": "is required"},
            {"pointer": "#/arguments/a~1b/0/c", "code": "x", "detail": "must be a text"},
            {"pointer": "#/arguments/unknown", "code": "x", "detail": "is unknown"},
            {"pointer": "#/priority", "code": "x", "detail": "must be at most 9"},
            {"parameter": "wait", "code": "x", "detail": "must be a number"},
        ],
    )
    told = {each.field.name: each.errors for each in (*form.required, *form.optional) if each.errors}
    assert told == {
        "url": ("is required",),
        "a/b": ("0/c: must be a text",),
        "seconds": ("must be a number",),
    }
    assert form.errors == (
        "is not JSON",
        "unknown: is unknown",
        "priority: must be at most 9",
        "must be a number",
    )
    assert form.required[0].described_by == "arguments-0-hint arguments-0-error"


def test_as_a_whole() -> None:
    form = bind(
        FIELDS,
        {"arguments.#": "{}"},
        PREFIX,
        errors=[{"pointer": "#/arguments/url", "detail": "is required"}],
    )
    assert form.whole is not None
    assert (form.whole.name, form.whole.text, form.whole.errors) == (
        "arguments.#",
        "{}",
        ("url: is required",),
    )
    assert bind(None, {}, PREFIX).whole is not None
    assert bind(FIELDS, {}, PREFIX, whole=True).whole is not None
