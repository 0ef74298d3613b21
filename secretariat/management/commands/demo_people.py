from django.core.management.base import BaseCommand

from secretariat.navigation import demo_people


class Command(BaseCommand):
    help = "Lists the people of the demo: name, role, e-mail."

    def handle(self, *args, **options):
        for person in demo_people():
            self.stdout.write(f"{person['name']:<28} {person['role']:<34} {person['email']}")
