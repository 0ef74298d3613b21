"""The site as a table of contents."""

from django.contrib import admin
from django.urls import include, path

from config import again, language
from secretariat.views import health, pages

urlpatterns = [
    path("", include("grants.portal.urls")),
    path("my/data/", include("secretariat.my_data.urls")),
    path("accessibility/", pages.accessibility, name="accessibility"),
    path("privacy/", pages.privacy, name="privacy"),
    path("cookies/", pages.cookies, name="cookies"),
    path("committee/", include("committee.urls")),
    path("desk/payouts/", include("grants.payouts.urls")),
    path("statistics/", include("grants.statistics.urls")),
    path("desk/", include("secretariat.urls")),
    path("api/v1/", include("secretariat.api.urls")),
    path("accounts/", include("applicants.urls")),
    path("accounts/again/", again.again, name="send_again"),
    path("i18n/setlang/", language.choose, name="set_language"),
    path("admin/", admin.site.urls),
    path("health/", health.health, name="health"),
]

handler500 = "secretariat.views.errors.server_error"
