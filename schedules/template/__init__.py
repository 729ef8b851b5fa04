"""From a schedule's template to the task of one occurrence: `tasks`, with `placeholders` filled in."""
