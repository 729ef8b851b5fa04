"""Files: what people upload, what operations read and write.

`models` holds what is told of them, `storage` their bytes. `actions` are all that can be done with them.
"""
