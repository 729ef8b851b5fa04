"""What `load_csv` and `query_to_csv` are made of: targets that the operator names, the rows of a file, databases.

Read in this order; each imports only what stands above it:

- `definition`, `collection`, `reading`: what the operator says of targets, and what a task may ask of them
- `text`, `rows`, `columns`: a CSV file as text, as rows with their lines, and which cell goes where; pure
- `order`: one load, and what comes of it
- `postgres/`, `redshift/`: the two kinds of targets; `kinds`: one function for both
"""

from operations.load.collection import Targets
from operations.load.definition import Target
from operations.load.reading import read_targets

__all__ = ["Target", "Targets", "read_targets"]
