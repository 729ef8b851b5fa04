"""The states of a task as a picture, drawn from the table that the statements are guarded by."""

from collections.abc import Mapping

from tasks_api.lifecycle import FINAL, TRANSITIONS, Status, Transition


def text(transitions: Mapping[str, Transition] = TRANSITIONS) -> str:
    """A block in Mermaid's language, with one arrow for each pair of states."""
    causes: dict[tuple[Status, Status], list[str]] = {}
    for transition in transitions.values():
        for source in transition.sources:
            for target in transition.targets:
                causes.setdefault((source, target), []).append(transition.cause)
    arrows = [f"{source} --> {target}: {', or '.join(why)}" for (source, target), why in causes.items()]
    ends = [f"{status} --> [*]" for status in FINAL]
    lines = ["stateDiagram-v2", f"    [*] --> {Status.PENDING}", *(f"    {line}" for line in arrows + ends)]
    return "\n".join(["```mermaid", *lines, "```"])
