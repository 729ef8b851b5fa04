"""`beat` says when to sweep; `sweeper` does it, after `waking` and `zone_data` found what else there is to look at."""
