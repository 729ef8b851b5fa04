"""Arguments that refer to a file, `{"$file": "<id>"}`, and files that operations make.

The function receives a `File`, which tells what it is, and opens it by its `Context`. What it makes is kept if the
attempt succeeds and the result names it. Read in this order:

- `references`: what stands in arguments
- `file`: a file, the type of a parameter; `annotations`: what may be asked of it, and how results name one
- `access`: where files are: behind the API, in a worker, in a test
- `making`: a file that an operation writes; `folder`: files for tests
"""

from operations.files.access import NO_FILES, FileAccess, Files, FilesOfRun
from operations.files.annotations import FileReference, MaxBytes, Media
from operations.files.file import File, NoFile
from operations.files.folder import FolderFiles
from operations.files.making import NewFile
from operations.files.references import KEY, Newest, file_ids, mentions_files

__all__ = [
    "KEY",
    "NO_FILES",
    "File",
    "FileAccess",
    "FileReference",
    "Files",
    "FilesOfRun",
    "FolderFiles",
    "MaxBytes",
    "Media",
    "NewFile",
    "Newest",
    "NoFile",
    "file_ids",
    "mentions_files",
]
