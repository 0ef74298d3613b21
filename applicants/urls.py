"""Of allauth's pages only those that somebody needs, under the names that it knows them by."""

from allauth.account.views import account_inactive, logout
from allauth.mfa.webauthn import views as webauthn
from django.urls import path
from django.views.generic import RedirectView

from applicants import views

urlpatterns = [
    # One entrance for the known and the new
    path("login/", views.AskForCode.as_view(), name="account_login"),
    path("login/", views.AskForCode.as_view(), name="account_request_login_code"),
    path("login/code/", views.TypeCode.as_view(), name="account_confirm_login_code"),
    path(
        "signup/",
        RedirectView.as_view(pattern_name="account_login", query_string=True),
        name="account_signup",
    ),
    path("logout/", logout, name="account_logout"),
    path("inactive/", account_inactive, name="account_inactive"),
    # Passkeys
    path("passkeys/", webauthn.list_webauthn, name="mfa_list_webauthn"),
    path("passkeys/", webauthn.list_webauthn, name="mfa_index"),
    path("passkeys/add/", webauthn.add_webauthn, name="mfa_add_webauthn"),
    path("passkeys/<int:pk>/name/", webauthn.edit_webauthn, name="mfa_edit_webauthn"),
    path("passkeys/<int:pk>/remove/", webauthn.remove_webauthn, name="mfa_remove_webauthn"),
    path("passkeys/login/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path("passkeys/not-now/", views.no_passkey_now, name="no_passkey_now"),
]
