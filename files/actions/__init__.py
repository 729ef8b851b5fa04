"""What can be done with files. Callers hand in a project; nobody is asked who he is."""
