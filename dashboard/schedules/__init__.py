"""The pages below `/ui/schedules/`.

Read `list_view`, `schedule_view`, `deed_views` and `editor`: what they show comes from `schedules.shown` and
`schedules.occurrences`, and what they change goes through the API's views, by `calling`. `forms` turns what was typed
into bodies of the API; `*_svg` draw.
"""
