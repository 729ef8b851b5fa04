"""How often somebody may ask: limits of a key, of a project and of an address, off unless they are set.

Read `gcra`, which is pure. `shared` counts for all processes, in the broker where that is a Redis; `memory` counts for
one process, where it is not, or is away. `limits` says which limits a request meets, and refuses it.
"""
