"""One load in a process of its own, which tells how long it took and how much memory the process had at most."""

import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

from operations import testing
from operations.files import FolderFiles
from operations.load import Target, Targets


def main(url: str, path: str, mode: str) -> None:
    """Load a file into public.orders."""
    parts = urlsplit(url)
    plain = parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", "@")).geturl()
    target = Target.model_validate(
        {
            "description": "A target.",
            "url": plain,
            "password": {"$secret": "warehouse_password"},
            "tables": ["public.orders"],
        }
    )
    with tempfile.TemporaryDirectory(prefix="punctual-loading-") as folder:
        files = FolderFiles(Path(folder))
        file = files.add("rows.csv", Path(path), "text/csv")
        with testing.configured(targets=Targets({"it": target})):
            began = time.perf_counter()
            testing.run(
                "load_csv",
                {"file": file, "target": "it", "table": "public.orders", "mode": mode},
                task_id=str(uuid4()),
                secrets={"warehouse_password": parts.password or ""},
                files=files,
            )
            seconds = time.perf_counter() - began
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    json.dump({"seconds": seconds, "megabytes": megabytes}, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
