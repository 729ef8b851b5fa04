"""The forecast: how many tasks schedules are to make in each hour to come, counted by the sweep while somebody asks.

- `shares`: what one schedule adds, hour by hour
- `progress`: how far a project's counting is, and who works on it
- `turns`: the sweep's part: some schedules at a time, those whose share is not what it was
- `expected`: the reading side, and the note that somebody asked
"""
