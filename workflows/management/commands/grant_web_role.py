from django.core.management.base import BaseCommand
from django.db import connection
from psycopg import sql

# Rows of these tables come and never go. The guards refuse it too; this is the second lock.
ADD_ONLY = ["workflows_logentry", "workflows_checkpoint"]


class Command(BaseCommand):
    help = "Give the role that web, worker and beat log in as what it needs, and no more."

    def add_arguments(self, parser):
        parser.add_argument("role")

    def handle(self, *, role, **options):
        name = sql.Identifier(role)
        with connection.cursor() as cursor:
            for statement in [
                "GRANT USAGE ON SCHEMA public TO {role}",
                "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
                "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
                "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
                "REVOKE DELETE ON workflows_stream FROM {role}",
                *[f"REVOKE UPDATE, DELETE ON {table} FROM {{role}}" for table in ADD_ONLY],
            ]:
                cursor.execute(sql.SQL(statement).format(role=name))
        self.stdout.write(f"{role} may read and write, and only add to the log.")
