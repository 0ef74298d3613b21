from django.urls import path

from grants.statistics import views

app_name = "statistics"

urlpatterns = [
    path("", views.index, name="index"),
    path("municipalities.csv", views.municipalities, name="csv"),
]
