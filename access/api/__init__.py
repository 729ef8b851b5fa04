"""The HTTP of `/keys/`, `/projects/` and `/access/`: `urls`, then `*views`, then forms and their OpenAPI texts."""
