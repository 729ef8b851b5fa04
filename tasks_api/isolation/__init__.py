"""What fails costs itself alone: a row of a set (`refusals`, `sets`), a duty of a process (`duties`)."""
