"""A process of ours: its `heartbeat`, and for workers the `pool` of children that `worker_node` watches."""
