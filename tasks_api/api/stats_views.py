"""`/stats/`."""

from rest_framework.request import Request
from rest_framework.response import Response

from access.door import actor_of
from rest.input import read_query
from rest.openapi import documented
from rest.views import View
from tasks_api.api.stats import StatsQuery, stats
from tasks_api.api.stats_openapi import GET_STATS


class Statistics(View):
    """How tasks fare."""

    @documented(GET_STATS)
    def get(self, request: Request) -> Response:
        """Numbers, and nothing of any task."""
        query = read_query(StatsQuery, request.query_params)
        return Response(stats(query, actor_of(request).project_id))
