from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Somebody new keeps the language in which they signed up."""

    def save_user(self, request, user, form, commit=True):
        user.language = request.LANGUAGE_CODE if request.LANGUAGE_CODE in user.Language else "da"
        return super().save_user(request, user, form, commit)
