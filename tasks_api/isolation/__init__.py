"""What fails costs itself alone: a row of a set (`refusals`, `sets`, `chunks`), a duty of a process (`duties`)."""
