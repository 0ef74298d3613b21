from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("grants", "0003_reminders_and_accounts")]

    operations = [
        migrations.AlterModelOptions(
            name="teammember",
            options={
                "ordering": ["id"],
                "verbose_name": "team member",
                "verbose_name_plural": "team members",
            },
        ),
        migrations.AddField(
            model_name="teammember",
            name="is_offered_contact",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddConstraint(
            model_name="teammember",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_offered_contact", True)),
                fields=("application",),
                name="the_contact_is_offered_to_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="teammember",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_offered_contact", False), ("can_write", True), _connector="OR"
                ),
                name="a_contact_can_write",
            ),
        ),
    ]
