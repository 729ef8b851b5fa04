"""Addresses of the web are read in one way only, or not at all."""

import socket
from ipaddress import ip_address

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from operations.http.target import InvalidTarget, Target, next_target, read_target


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://example.com", Target("http", "example.com", 80, "/")),
        ("HTTPS://Example.COM/A?b=C", Target("https", "example.com", 443, "/A?b=C")),
        ("https://example.com:8443/a/../b", Target("https", "example.com", 8443, "/a/../b")),
        ("http://example.com?q=1", Target("http", "example.com", 80, "/?q=1")),
        ("http://example.com/a#b?c", Target("http", "example.com", 80, "/a")),
        ("http://a_b-c.xn--bcher-kva.example/", Target("http", "a_b-c.xn--bcher-kva.example", 80, "/")),
        ("http://192.0.2.1/", Target("http", "192.0.2.1", 80, "/", ip_address("192.0.2.1"))),
        ("http://[2001:DB8::1]:81/", Target("http", "2001:db8::1", 81, "/", ip_address("2001:db8::1"))),
        ("http://[::ffff:7f00:1]/", Target("http", "::ffff:7f00:1", 80, "/", ip_address("::ffff:127.0.0.1"))),
        ("http://a/%0d%0a?x=%00;y=[]", Target("http", "a", 80, "/%0d%0a?x=%00;y=[]")),
        ("http://a/@b:c//d", Target("http", "a", 80, "/@b:c//d")),
    ],
)
def test_what_is_plain_is_read(url: str, target: Target) -> None:
    # Python 3.13 writes mapped addresses in another way.
    found = read_target(url)
    assert (found.scheme, found.port, found.path, found.address) == (
        target.scheme, target.port, target.path, target.address,
    )  # fmt: skip
    assert found.host in (target.host, str(target.address))


ODD = {
    "other schemes": ["", "example.com", "//example.com/", "ftp://a/", "file:///etc/passwd", "gopher://a:70/_x",
                      "javascript:alert(1)", "http:a", "http:/a", "https:///a", "http//a"],
    "numbers": ["http://2130706433/", "http://0x7f000001/", "http://0x7f.1/", "http://0X7F.0.0.1/",
                "http://0177.0.0.1/", "http://127.1/", "http://127.0.1/", "http://00127.0.0.1/",
                "http://127.0.0.01/", "http://0/", "http://0x/", "http://1.2.3.4.5/", "http://256.1.1.1/",
                "http://a.1/", "http://a.0x1/", "http://017700000001/"],
    "dots": ["http://127.0.0.1./", "http://localhost./", "http://./", "http://../", "http://a..b/", "http://.a/"],
    "other alphabets": ["http://\uff11\uff12\uff17.0.0.1/", "http://127。0。0。1/", "http://①②⑦.0.0.1/", "http://loc%61lhost/",
                        "http://bücher.example/", "http://ⓛocalhost/", "http://a\u00ad.test/", "http://%31/"],
    "users": ["http://user@example.com/", "http://user:pass@example.com/", "http://example.com@127.0.0.1/",
              "http://@127.0.0.1/", "http://a%40b@c/", "http://127.0.0.1:80@example.com/"],
    "ports": ["http://a:/", "http://a:0/", "http://a:65536/", "http://a:80:80/", "http://a:+80/", "http://a:8 0/",
              "http://a:\u0668/", "http://a:-1/", "http://a:999999999999/"],
    "brackets": ["http://[::1/", "http://::1/", "http://[]/", "http://[127.0.0.1]/", "http://[::1]a/",
                 "http://[::1%25lo]/", "http://[::1%lo]/", "http://[fe80::1%eth0]/", "http://[v1.a]/",
                 "http://[[::1]]/", "http://a[::1]/", "http://[::1]:80:/", "http://[:::1]/"],
    "slashes": ["http:\\\\127.0.0.1/", "http://a\\@127.0.0.1/", "http://a\\.b/", "http://127.0.0.1\\@a/"],
    "blanks": [" http://a/", "http://a/ ", "http://a b/", "http://a/b c", "http://a\t/", "http://a/\r\nX: y",
               "http://a/\x00", "http://a\n/", "\thttp://a/", "http://a/\x7f", "http://a/\u2028"],
    "names": ["http://-a/", "http://a-/", "http://a,b/", "http://a!/", "http://*/", "http://" + "a" * 64 + "/",
              "http://" + "a." * 127 + "aa/", "http://a$b/", "http://a;b/"],
    "length": ["http://a/" + "b" * 4096],
    "unsafe": ['http://a/"', "http://a/<b>", "http://a/{b}", "http://a/|", "http://a/^", "http://a/`"],
}  # fmt: skip


@pytest.mark.parametrize("url", [url for urls in ODD.values() for url in urls])
def test_what_is_odd_is_refused(url: str) -> None:
    with pytest.raises(InvalidTarget, match=r"^must "):
        read_target(url)


HOSTS = st.text(alphabet="0123456789abcdefx.:[]%-_@\\/ \t。\uff11", max_size=20)


@given(HOSTS)
@example("0x7f.1")
@example("2130706433")
def test_a_host_is_an_address_in_its_usual_form_or_a_name_that_no_resolver_takes_for_one(host: str) -> None:
    try:
        target = read_target(f"http://{host}/")
    except InvalidTarget:
        return
    if target.address is None:
        with pytest.raises(OSError, match=r"."):
            socket.inet_aton(target.host)
        with pytest.raises(OSError, match=r"."):
            socket.getaddrinfo(target.host, None, flags=socket.AI_NUMERICHOST)
    else:
        assert target.address == ip_address(host.partition("/")[0].strip("[]").partition("]")[0])


@given(HOSTS, st.text(alphabet="/?#%ab@:[]\\", max_size=10))
def test_what_was_read_is_read_again_as_the_same(host: str, path: str) -> None:
    try:
        target = read_target(f"https://{host}/{path}")
    except InvalidTarget:
        return
    assert read_target(target.url) == target


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("http://a:80/b?c", "http://a"),
        ("https://a:80/b", "https://a:80"),
        ("https://a:443/", "https://a"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
    ],
)
def test_the_origin_tells_no_path(url: str, origin: str) -> None:
    assert read_target(url).origin == origin


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("/c", "http://a/c"),
        ("c", "http://a/b/c"),
        ("?c", "http://a/b/?c"),
        ("//c/d", "http://c/d"),
        ("https://c:444/d", "https://c:444/d"),
        ("/\u00c3\u00bc", "http://a/%C3%BC"),
        ("/a b|c", "http://a/a%20b%7Cc"),
        ("/a%20b#c", "http://a/a%20b"),
    ],
)
def test_a_redirect_is_read_from_where_it_came(location: str, url: str) -> None:
    assert next_target(read_target("http://a/b/"), location).url == url


@pytest.mark.parametrize(
    "location",
    ["ftp://c/", "//127.1/", "http://c@d/", "//c:0/", "javascript:1", "http://\u00e4/", "http:\\\\c\\", "//[::1%lo]/",
     "//[", "http://[x]/", "/\ufffd"],
)  # fmt: skip
def test_a_redirect_to_what_is_odd_is_refused(location: str) -> None:
    with pytest.raises(InvalidTarget, match=r"^must "):
        next_target(read_target("http://a/b/"), location)
