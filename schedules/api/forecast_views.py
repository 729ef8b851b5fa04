"""`/task-schedules/forecast/`."""

from rest_framework.request import Request
from rest_framework.response import Response

from access.door import actor_of
from rest.input import read_query
from rest.openapi import documented
from rest.views import View
from schedules.api.forecast import ForecastQuery, forecast
from schedules.api.forecast_openapi import GET_FORECAST


class ScheduleForecast(View):
    """What is to come of all schedules."""

    @documented(GET_FORECAST)
    def get(self, request: Request) -> Response:
        """Numbers, as the sweep counted them."""
        query = read_query(ForecastQuery, request.query_params)
        return Response(forecast(query, actor_of(request).project_id))
