"""A process of ours: its `heartbeat`, and for workers the `consumer` of messages and the `pool` of children that
`worker_node` watches."""
