import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest

from rest.json import MAX_DEPTH, JSONRefused, dump, instant_text, load


def nested(depth: int, opening: str = "[", innermost: str = "", closing: str = "]") -> bytes:
    return (opening * depth + innermost + closing * depth).encode()


class TestLoad:
    def test_it_works(self) -> None:
        text = '{"a": [1, 2.5, true, null, "é", "\\u00e9", "\\ud83d\\ude00"], "b": {"a": {}}}'
        assert load(text.encode()) == {"a": [1, 2.5, True, None, "é", "é", "😀"], "b": {"a": {}}}

    @pytest.mark.parametrize("value", [7, -1.5e300, "text", True, None, [], {}])
    def test_any_value_is_json(self, value: Any) -> None:
        assert load(json.dumps(value).encode()) == value

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            (b"", "is not JSON: Expecting value at line 1, column 1"),
            (b"   ", "is not JSON"),
            (b"{", "is not JSON: .* at line 1, column 2"),
            (b"{'a': 1}", "is not JSON"),
            (b'{"a": 1,}', "is not JSON"),
            (b'{"a": 1} 2', "is not JSON: Extra data at line 1, column 10"),
            (b'"a\nb"', "is not JSON: Invalid control character"),
            (b'"a\0b"', "is not JSON: Invalid control character"),
            (b"01", "is not JSON"),
            (b'\xef\xbb\xbf{"a": 1}', "is not JSON: Unexpected UTF-8 BOM"),
        ],
    )
    def test_it_refuses_what_is_not_json(self, text: bytes, reason: str) -> None:
        with pytest.raises(JSONRefused, match=reason):
            load(text)

    @pytest.mark.parametrize("text", [b'"\xff"', b'"\xc3"', b'"\xed\xa0\x80"', '{"a": 1}'.encode("utf-16")])
    def test_it_refuses_what_is_not_utf_8(self, text: bytes) -> None:
        with pytest.raises(JSONRefused, match=r"is not UTF-8: byte \d+ is 0x"):
            load(text)

    @pytest.mark.parametrize(
        "text",
        ['{"a": 1, "a": 1}', '{"a": 1, "\\u0061": 2}', '[{"b": {"a": 1, "c": 2, "a": 3}}]'],
    )
    def test_it_refuses_duplicate_keys(self, text: str) -> None:
        with pytest.raises(JSONRefused, match='names the key "a" twice in one object'):
            load(text.encode())

    def test_it_shows_little_of_a_long_duplicate_key(self) -> None:
        key = "k" * 100_000
        with pytest.raises(JSONRefused) as caught:
            load(f'{{"{key}": 1, "{key}": 2}}'.encode())
        assert len(str(caught.value)) < 200

    @pytest.mark.parametrize("name", ["NaN", "Infinity", "-Infinity"])
    def test_it_refuses_what_is_no_number(self, name: str) -> None:
        with pytest.raises(JSONRefused, match=f"holds {name}, which is not a JSON number"):
            load(f'{{"a": [{name}]}}'.encode())

    @pytest.mark.parametrize("digits", ["1e400", "-1e400", "9" * 400 + ".5", "1e" + "9" * 5000])
    def test_it_refuses_numbers_beyond_the_range(self, digits: str) -> None:
        with pytest.raises(JSONRefused, match="beyond the range of numbers") as caught:
            load(digits.encode())
        assert len(str(caught.value)) < 200

    def test_it_takes_long_whole_numbers_and_refuses_longer_ones(self) -> None:
        assert load(b"9" * 4_300) == 10**4_300 - 1
        with pytest.raises(JSONRefused, match="holds a number of more than 4300 digits"):
            load(b"9" * 4_301)

    @pytest.mark.parametrize("innermost", ["", "1", '"a"'])
    def test_it_takes_so_many_levels(self, innermost: str) -> None:
        load(nested(MAX_DEPTH, innermost=innermost))

    @pytest.mark.parametrize("innermost", ["", "1", '"a"'])
    @pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 1_000, 100_000])
    def test_it_refuses_more_levels(self, depth: int, innermost: str) -> None:
        with pytest.raises(JSONRefused, match="is nested deeper than 64 levels"):
            load(nested(depth, innermost=innermost))

    def test_objects_are_levels_too(self) -> None:
        load(nested(MAX_DEPTH, '{"a":', "1", "}"))
        with pytest.raises(JSONRefused, match="is nested deeper than 64 levels"):
            load(nested(MAX_DEPTH + 1, '{"a":', "1", "}"))

    @pytest.mark.parametrize(
        "text",
        ['"a\\u0000b"', '{"\\u0000": 1}', '{"a": [[{"b": "\\u0000"}]]}', nested(64, innermost='"\\u0000"')],
    )
    def test_it_refuses_nul(self, text: str | bytes) -> None:
        with pytest.raises(JSONRefused, match="holds the character NUL"):
            load(text.encode() if isinstance(text, str) else text)

    @pytest.mark.parametrize("text", ['"\\ud800"', '"\\udc00\\ud800"', '{"a": {"\\udfff": 1}}'])
    def test_it_refuses_half_of_a_surrogate_pair(self, text: str) -> None:
        with pytest.raises(JSONRefused, match="holds half of a surrogate pair"):
            load(text.encode())


class TestDump:
    def test_it_works(self) -> None:
        value = {"a": [1, 2.5, True, None], "é": "😀"}
        assert dump(value) == '{"a":[1,2.5,true,null],"é":"😀"}'.encode()

    def test_instants_and_ids_are_text(self) -> None:
        number = UUID(int=7)
        assert dump([datetime(2026, 1, 2, 3, tzinfo=UTC), number]) == (
            b'["2026-01-02T03:00:00Z","00000000-0000-0000-0000-000000000007"]'
        )

    @pytest.mark.parametrize("value", [float("nan"), float("inf")])
    def test_it_writes_no_number_that_is_none(self, value: float) -> None:
        with pytest.raises(ValueError, match="not JSON compliant"):
            dump(value)

    def test_it_refuses_other_types(self) -> None:
        with pytest.raises(TypeError, match="set has no JSON form"):
            dump({1, 2})


class TestInstantText:
    @pytest.mark.parametrize(
        ("instant", "text"),
        [
            (None, None),
            (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05Z"),
            (datetime(2026, 1, 2, 3, 4, 5, 120_000, tzinfo=UTC), "2026-01-02T03:04:05.120000Z"),
            (datetime(2026, 1, 2, 3, tzinfo=timezone(timedelta(hours=2))), "2026-01-02T01:00:00Z"),
        ],
    )
    def test_it_is_utc_with_z(self, instant: datetime | None, text: str | None) -> None:
        assert instant_text(instant) == text
