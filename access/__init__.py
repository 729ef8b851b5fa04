"""Who may do what: whose a request is, in which project it acts, and what it may do there.

Knows neither tasks nor schedules. An actor is made at the door and handed down as an argument; nothing reads it from a
global. Read `scopes`, `actor`, `key_text` and `restrictions`, which are pure, then `door`.
"""
