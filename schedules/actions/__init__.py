"""What people do with a schedule. Each locks its row, and first deals with what is due (`settling`)."""
