from django.urls import path

from grants.payouts import views

app_name = "payouts"

urlpatterns = [
    # what is to be done
    path("", views.work, name="list"),
    path("plan/", views.plan, name="plan"),
    path("approve/", views.approve, name="approve"),
    path("release/", views.release, name="release"),
    path("confirm/", views.confirm, name="confirm"),
    # one payout
    path("<int:pk>/unapprove/", views.unapprove, name="unapprove"),
    path("<int:pk>/cancel/", views.cancel, name="cancel"),
    path("<int:pk>/bounce/", views.bounce, name="bounce"),
    # payment files
    path("files/", views.files, name="files"),
    path("files/<str:reference>/", views.file, name="file"),
    # final reports and repayments
    path("reports/", views.reports, name="reports"),
    path("reports/<str:reference>/", views.report, name="report"),
    path("reports/<str:reference>/approve/", views.approve_report, name="approve_report"),
    path("repayments/", views.repayments, name="repayments"),
    path("repayments/<int:pk>/settle/", views.settle, name="settle"),
]
