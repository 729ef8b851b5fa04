"""Ids on their way to workers: `messages` in `queues`, sent by a `connection`, in the background by the `publisher`."""
