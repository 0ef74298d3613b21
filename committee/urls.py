from django.urls import path

from committee import views

app_name = "committee"

urlpatterns = [
    path("", views.desk, name="desk"),
    path("<str:reference>/", views.case, name="case"),
    path("<str:reference>/files/<int:pk>/", views.attachment, name="attachment"),
    path("<str:reference>/files/<int:pk>/thumbnail/", views.thumbnail, name="thumbnail"),
    path("<str:reference>/recuse/", views.recuse, name="recuse"),
    path("<str:reference>/vote/", views.vote, name="vote"),
    path("<str:reference>/close/", views.close, name="close"),
]
