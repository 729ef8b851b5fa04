"""Small applications that show how Punctual is used. `APPS=examples.feedback make run` runs one."""
