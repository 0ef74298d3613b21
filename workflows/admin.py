from django.contrib import admin

from workflows.models import Checkpoint


class ReadOnly(admin.ModelAdmin):
    """To be looked at, and by nobody to be changed."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Checkpoint)
class CheckpointAdmin(ReadOnly):
    list_display = ["number", "at", "occasion", "hash"]
    ordering = ["-number"]
