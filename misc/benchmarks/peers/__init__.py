"""Others who do the same work, from their packages of PyPI, in an environment of their own.

`environment` makes it, and `contenders` lets them take part; these two are ours. The other modules are run by the
peers' Python. Each peer is set up as its documentation does it, as fast as it can be without losing tasks; its workers
keep their connections to the database.
"""
