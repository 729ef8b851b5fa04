"""From due schedules to rows: `facts` are looked up, `expanding` plans and writes, `isolation` copes with refusals."""
