"""Tasks: from the request to the result.

Read in this order; each imports only what stands above it:

- `lifecycle`, pure: the states of a task; `models`: its row; `database`: statements as they are sent
- `broker/`: messages, the queues that they go to, and how they are sent
- `submission`: how a task is born; `transitions/`: one guarded statement for each change of its state
- `execution/`: one task from its claim to its record; `node/`: the process around it, and its heartbeat
- `isolation/`: what fails in a set, or in a duty, costs itself alone
- `upkeep`: what each sweep does for tasks that wait; `retention`: what it deletes
- `actions`: what people do with tasks; `watching`: who waits for them; `health/`: whether all is well
- `api/`: the HTTP of `/tasks/`; `client`: the same for code in this Django; `worker`: Celery's way in
"""
