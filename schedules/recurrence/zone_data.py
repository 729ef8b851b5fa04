"""Which release of the IANA time zone data is installed, and what it says of each zone."""

from hashlib import blake2b
from importlib import resources
from importlib.metadata import version

from .zone_names import zone_names

RELEASE = version("tzdata")


def digests() -> dict[str, str]:
    """A short digest of each zone's data. Two releases agree on a zone where its digests do."""
    folder = resources.files("tzdata") / "zoneinfo"
    return {
        name: blake2b(folder.joinpath(*name.split("/")).read_bytes(), digest_size=8).hexdigest()
        for name in sorted(zone_names())
    }
