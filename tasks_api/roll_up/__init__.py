"""The roll-up: how many tasks ended in each minute, how, and how long they took, so that nobody has to count tasks.

- `buckets`: durations counted by size, and percentiles of them (pure)
- `periods`: the time that somebody asks for, in equal parts (pure)
- `progress`: how far the roll-up is, and who may work on it
- `filling`: a minute rolled up from the rows of its tasks
- `rolling`: which minutes, and when: the sweep's share
- `thinning`: minutes become hours, hours go
- `totals`: the reading side, added up by parts of a period
- `present`: what is so now, which no roll-up knows
"""
