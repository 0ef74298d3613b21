"""The API's views: through a door, one act, and the new state."""

from django.http import Http404
from django.utils import translation
from drf_spectacular.utils import OpenApiParameter, extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from grants.pools.models import Call
from grants.statistics import disclosure, permissions, queries
from grants.statistics.forms import Filters
from secretariat.api import doors, pages, shapes, steps
from secretariat.api.errors import documented
from secretariat.api.schema import CSRF, REFERENCE, StepSchema

# --- The first page -------------------------------------------------------------------------


@extend_schema(exclude=True)
class Index(APIView):
    """Where to begin: the address of each list and of the schema. For everybody."""

    permission_classes = [AllowAny]

    def get(self, request):
        names = ["calls", "applications", "statistics", "schema"]
        return Response({name: reverse(f"api:{name}", request=request) for name in names})


# --- Calls ----------------------------------------------------------------------------------


class Calls(ListAPIView):
    """Every call: what is open, what was, what will be. For everybody."""

    permission_classes = [AllowAny]
    serializer_class = shapes.CallSerializer
    pagination_class = pages.NewestCallsFirst
    queryset = Call.objects.select_related("pool").prefetch_related("criteria", "pool__guidelines")


@extend_schema(responses={200: shapes.CallSerializer} | documented(404))
class OneCall(RetrieveAPIView):
    """One call, with its criteria, amounts and dates. For everybody."""

    permission_classes = [AllowAny]
    serializer_class = shapes.CallSerializer
    queryset = Calls.queryset
    lookup_field = "slug"


# --- Applications ---------------------------------------------------------------------------


@extend_schema(responses={200: shapes.ApplicationInBriefSerializer(many=True)} | documented(403))
class Applications(ListAPIView):
    """Your own applications, those of the pools you work for, and those you are to vote on."""

    serializer_class = shapes.ApplicationInBriefSerializer
    pagination_class = pages.NewestApplicationsFirst

    def get_queryset(self):
        return doors.applications(self.request.user)


class OneApplication(APIView):
    @extend_schema(
        parameters=[REFERENCE],
        responses={200: shapes.ApplicationSerializer} | documented(403, 404),
    )
    def get(self, request, reference):
        """One application, and the steps that you can take now."""
        return _shown(request, reference)


class Take(GenericAPIView):
    """A step of an application. `step` is given by the address."""

    schema = StepSchema()
    step = None

    def get_serializer_class(self):
        return self.step.body

    @extend_schema(
        parameters=[REFERENCE, CSRF],
        responses={200: shapes.ApplicationSerializer} | documented(400, 403, 404, 409),
    )
    def post(self, request, reference):
        application = doors.application_for(request.user, reference)
        steps.want_role(self.step, application, request.user)
        body = self.step.body(data=request.data, context={"application": application})
        body.is_valid(raise_exception=True)
        self.step.do(application, by=request.user, **body.validated_data)
        return _shown(request, reference)


def _shown(request, reference):
    application = doors.application_for(request.user, reference)
    return Response(shapes.ApplicationSerializer(application, context={"request": request}).data)


# --- Statistics -----------------------------------------------------------------------------


class Statistics(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="statistics_per_municipality",
        parameters=[
            OpenApiParameter("pool", str, description="The pool's code; without it your first."),
            OpenApiParameter("call", str, description="The slug of a call. Not for the public."),
            OpenApiParameter("year", int, description="Not for the public."),
        ],
        responses={200: shapes.StatisticsSerializer} | documented(404),
    )
    def get(self, request):
        """What each municipality paid in and what came of it; for the public, what was granted."""
        pool = permissions.pool(request.user, request.GET.get("pool", ""))
        sees_all = permissions.sees_all(request.user, pool)
        figures = _all_figures(pool, request.GET) if sees_all else _public_figures(pool)
        told = {"pool": pool, "is_public": not sees_all, **figures}
        return Response(shapes.StatisticsSerializer(told).data)


def _all_figures(pool, given):
    asked = Filters(given, pool=pool).asked()
    return {
        "municipalities": queries.per_municipality(pool, **asked),
        "totals": queries.totals(pool, **asked),
    }


def _public_figures(pool):
    rows = disclosure.public(queries.per_municipality(pool))
    totals = queries.totals(pool)
    if not disclosure.is_total_safe(rows, totals.awards):
        return {"municipalities": rows, "totals": None}
    return {
        "municipalities": rows,
        "totals": {"granted": totals.granted, "awards": totals.awards},
    }


# --- Everything else ------------------------------------------------------------------------


@extend_schema(exclude=True)
class Schema(SpectacularAPIView):
    """The description of all this, for programs: in English like its names. For everybody."""

    permission_classes = [AllowAny]

    def get(self, request, *args, **kwargs):
        with translation.override("en"):
            return super().get(request, *args, **kwargs)


@extend_schema(exclude=True)
class Nowhere(APIView):
    """An address that the API does not have, a step that nobody knows among them."""

    permission_classes = [AllowAny]

    def initial(self, request, *args, **kwargs):
        raise Http404
