"""Whether the journal is as it was written."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gridmap.layers import journal


class Command(BaseCommand):
    help = (
        "Check the chain of the journal and the signed seal of every day. Ends with an error that "
        "names what was changed."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if found := journal.faults():
            raise CommandError("the journal was changed:\n" + "\n".join(found))
        self.stdout.write("The journal is as it was written.")
