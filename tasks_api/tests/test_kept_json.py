"""What of a JSON body is kept on its way through the database to the other side, as the docs say."""

import pytest

from operations.http.requests import encode_body
from tasks_api.models import Task
from testing.api import Api

pytestmark = pytest.mark.django_db

LONG = "9" * 60


def sent(api: Api, body: str) -> str:
    """The bytes that go to the other side, for a body as a client wrote it."""
    url = '"url": "https://shop.example/"'
    text = f'{{"operation": "http_request", "arguments": {{{url}, "body": {body}}}}}'
    answer = api.send("POST", "/tasks/", text.encode())
    assert answer.status == 202, answer.json
    content, _ = encode_body(Task.objects.get().arguments["body"])
    return (content or b"").decode()


@pytest.mark.parametrize(
    ("written", "arrives"),
    [
        ('{"state": "paid", "b": 1, "a": [2, 1]}', '{"a":[2,1],"b":1,"state":"paid"}'),
        ("[1e2, 1.50, 1.0, 0.1, -0.0]", "[100.0,1.5,1.0,0.1,0.0]"),
        ("[12345678901234567890.5, 1e22]", "[12345678901234567000,10000000000000000000000]"),
        (f"[9007199254740993, -{LONG}]", f"[9007199254740993,-{LONG}]"),
        ('"Zo\\u00eb \\/"', '"Zoë /"'),
    ],
)
def test_json_arrives_as_the_same_value(api: Api, written: str, arrives: str) -> None:
    assert sent(api, f'{{"json": {written}}}') == arrives


def test_text_arrives_as_it_is(api: Api) -> None:
    assert sent(api, r'{"text": "{\"b\" : 1.50,\n \"a\": 1e2}"}') == '{"b" : 1.50,\n "a": 1e2}'
