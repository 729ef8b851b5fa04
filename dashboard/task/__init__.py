"""`/ui/tasks/{id}/`: what became of one task, why, and what may be done with it."""
