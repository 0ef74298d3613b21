from django.urls import path, re_path

from secretariat.api import views
from secretariat.api.steps import STEPS

app_name = "api"

urlpatterns = [
    path("", views.Index.as_view(), name="index"),
    # calls
    path("calls", views.Calls.as_view(), name="calls"),
    path("calls/<slug:slug>", views.OneCall.as_view(), name="call"),
    # applications
    path("applications", views.Applications.as_view(), name="applications"),
    path("applications/<str:reference>", views.OneApplication.as_view(), name="application"),
    *[
        path(
            f"applications/<str:reference>/steps/{step.name}",
            views.Take.as_view(step=step),
            name=step.name,
        )
        for step in STEPS.values()
    ],
    # statistics
    path("statistics", views.Statistics.as_view(), name="statistics"),
    # what all this looks like, for programs
    path("schema/", views.Schema.as_view(), name="schema"),
    re_path("", views.Nowhere.as_view(), name="nowhere"),
]
