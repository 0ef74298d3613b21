from django.contrib import admin
from django.contrib.auth import admin as _register_groups_first  # noqa: F401
from django.contrib.auth.models import Group

from applicants.models import User

# Roles belong to a pool and stand in PoolRole; Django's groups mean nothing here.
admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """People log in with a code by e-mail, so there is no password to set here."""

    list_display = ["name", "email", "language", "is_active", "is_staff"]
    list_filter = ["is_active", "is_staff"]
    search_fields = ["name", "email"]
    ordering = ["email"]
    fields = ["email", "name", "language", "is_active", "is_staff", "is_superuser"]

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        if not change:
            obj.set_unusable_password()
        obj.email = obj.email.lower()
        super().save_model(request, obj, form, change)
        User.objects.let_in_by_code(obj)
