from django.urls import path

from secretariat.my_data import views

app_name = "my_data"

urlpatterns = [
    path("", views.show, name="show"),
    path("download/", views.download, name="download"),
    path("you/", views.you, name="you"),
    path("applicants/<int:pk>/", views.applicant, name="applicant"),
    path("close/", views.close, name="close"),
]
