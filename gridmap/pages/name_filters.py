"""What every template may use: `{{ city|named }}`, `{{ row.name|place }}`, `{{ row.at|short }}`."""

from django.template import Library

from gridmap.layers.names import named, place_name
from gridmap.pages.dates import short

register = Library()
register.filter("named", named)
register.filter("place", place_name)
register.filter("short", short)
