"""What the document calls a method of a path, told by the path itself.

GET /tasks/                 list_tasks      in "Tasks"
PATCH /tasks/{task_id}/     change_task     where `task_id` is "The `id` of a task."
POST /tasks/{task_id}/retry/    retry_task
POST /tasks/retry/          retry_tasks
"""

_VERBS = {"get": "get", "post": "create", "put": "put", "patch": "change", "delete": "delete"}


def tag_of(path: str) -> str:
    """The group that a path belongs to: its first segment."""
    return path.split("/")[1].replace("-", " ").capitalize()


def operation_id_of(method: str, path: str) -> str:
    """A name for a method (in lower case), as generated clients call it."""
    collection, *rest = (segment.replace("-", "_") for segment in path.strip("/").split("/"))
    verb = "list" if method == "get" else _VERBS[method]
    if not rest:
        return f"{verb}_{collection if method == 'get' else _one(collection)}"
    if not _is_parameter(rest[0]):
        return f"{rest[0]}_{collection}"
    if len(rest) == 1:
        return f"{_VERBS[method]}_{_one(collection)}"
    if len(rest) == 2:
        return f"list_{rest[1]}" if method == "get" else f"{rest[1]}_{_one(collection)}"
    return f"{_VERBS[method]}_{_one(rest[1])}"


def parameter_text(name: str, path: str) -> str:
    """What a parameter of the path is, where its name says it."""
    return f"The `id` of a {_one(tag_of(path).lower())}." if name.endswith("_id") else ""


def _one(many: str) -> str:
    return many.removesuffix("s")


def _is_parameter(segment: str) -> bool:
    return segment.startswith("{")
