"""The site as a table of contents."""

from django.contrib import admin
from django.urls import include, path

from secretariat.views import health

urlpatterns = [
    path("", include("grants.portal.urls")),
    path("committee/", include("committee.urls")),
    path("desk/payouts/", include("grants.payouts.urls")),
    path("statistics/", include("grants.statistics.urls")),
    path("desk/", include("secretariat.urls")),
    path("api/v1/", include("secretariat.api.urls")),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
    path("health/", health.health, name="health"),
]

handler500 = "secretariat.views.errors.server_error"
