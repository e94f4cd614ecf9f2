"""The one Django app that owns every table."""

from django.apps import AppConfig


class LayersConfig(AppConfig):
    name = "gridmap.layers"
    label = "layers"
    default_auto_field = "django.db.models.BigAutoField"
