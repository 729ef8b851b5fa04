"""Places that few may take at a time, and whose requests count together."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress

import pytest

from rest.places import AllTaken, Places, address_of

CROWD = 40
PATIENCE_SECONDS = 30


@pytest.fixture
def held() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


class TestPlaces:
    def test_it_works(self, held: ExitStack) -> None:
        places = Places(8, of_one=2)
        for address in ("192.0.2.1", "192.0.2.1", "192.0.2.2"):
            held.enter_context(places.place(address))

    def test_of_one_address_are_fewer(self, held: ExitStack) -> None:
        places = Places(8, of_one=2)
        for _ in range(2):
            held.enter_context(places.place("192.0.2.1"))
        with pytest.raises(AllTaken), places.place("192.0.2.1"):
            pass
        with places.place("192.0.2.2"):
            pass

    def test_in_all_are_no_more_than_the_limit(self, held: ExitStack) -> None:
        places = Places(2, of_one=2)
        for address in ("192.0.2.1", "192.0.2.2"):
            held.enter_context(places.place(address))
        for another in ("192.0.2.3", None):
            with pytest.raises(AllTaken), places.place(another):
                pass

    def test_a_few_addresses_cannot_take_all(self, held: ExitStack) -> None:
        places = Places(64, of_one=16)
        taken = Counter[str]()
        for number in range(8):
            with suppress(AllTaken):
                while True:
                    held.enter_context(places.place(f"192.0.2.{number}"))
                    taken[f"192.0.2.{number}"] += 1
        assert list(taken.values()) == sorted(taken.values(), reverse=True)
        assert taken["192.0.2.0"] == 16
        with places.place("198.51.100.7"):
            pass

    def test_nobody_knows_whose_it_is_and_all_places_may_be_taken(self, held: ExitStack) -> None:
        places = Places(3, of_one=1)
        for _ in range(3):
            held.enter_context(places.place(None))

    def test_one_that_was_left_can_be_taken(self) -> None:
        places = Places(1, of_one=1)
        for _ in range(3):
            with places.place("192.0.2.1"):
                pass

    def test_one_that_failed_is_left(self) -> None:
        places = Places(1, of_one=1)
        for _ in range(3):
            with pytest.raises(ZeroDivisionError), places.place("192.0.2.1"):
                raise ZeroDivisionError

    def test_a_refusal_takes_nothing(self, held: ExitStack) -> None:
        places = Places(1, of_one=1)
        with places.place("192.0.2.1"), pytest.raises(AllTaken), places.place("192.0.2.2"):
            pass
        held.enter_context(places.place("192.0.2.2"))

    def test_a_crowd_that_moves_is_let_in(self) -> None:
        places = Places(2, of_one=2)
        together = threading.Barrier(CROWD)

        def come_and_go() -> int:
            together.wait(PATIENCE_SECONDS)
            for _ in range(20):
                with places.place("192.0.2.1"):
                    pass
            return 1

        with ThreadPoolExecutor(CROWD) as crowd:
            assert sum(each.result() for each in [crowd.submit(come_and_go) for _ in range(CROWD)]) == CROWD


class TestAddresses:
    @pytest.mark.parametrize(
        ("remote", "counted"),
        [
            ("192.0.2.1", "192.0.2.1"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("", None),
            ("nonsense", None),
        ],
    )
    def test_without_a_proxy_it_is_who_connects(self, remote: str, counted: str | None) -> None:
        environ = {"REMOTE_ADDR": remote, "HTTP_X_FORWARDED_FOR": "198.51.100.7"}
        assert address_of(environ, behind_proxy=False) == counted

    @pytest.mark.parametrize(
        ("forwarded", "counted"),
        [
            ("198.51.100.7", "198.51.100.7"),
            ("10.0.0.1, 198.51.100.7", "198.51.100.7"),
            ("198.51.100.7,2001:db8::1", "2001:db8::/64"),
            ("unknown", "127.0.0.1"),
            ("", "127.0.0.1"),  # of text that is not ASCII, the web server tells nothing
            (None, "127.0.0.1"),
        ],
    )
    def test_behind_one_it_is_whom_the_proxy_names_last(self, forwarded: str | None, counted: str) -> None:
        environ = {"REMOTE_ADDR": "127.0.0.1"} | (
            {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
        )
        assert address_of(environ, behind_proxy=True) == counted
