"""Requests to other systems that cannot be turned against one's own network.

`configuration` holds what the operator decides, `target` reads an address, `addresses` and `policy` judge where it
leads, `connecting` opens a socket to exactly what was judged, `exchange` speaks HTTP over it, `redirects` goes on,
`content` reads what comes back and `verdict` says what it means for the task.
"""
