"""The example of docs/how-to/write-an-operation.md: operations, models and a signal that submits tasks."""
