from django.db import migrations


class Migration(migrations.Migration):
    """procrastinate's reference from a job to its worker is looked up when a worker ends."""

    dependencies = [("layers", "0026_jobs"), ("procrastinate", "0036_add_worker_model")]
    operations = [
        migrations.RunSQL(
            "CREATE INDEX procrastinate_jobs_worker ON procrastinate_jobs (worker_id)",
            "DROP INDEX procrastinate_jobs_worker",
        )
    ]
