"""One command to run: embedded servers, and the processes of this service under supervision."""
