"""`/files/`: forms, answers and views."""
