"""Names in the reader's language in every template: `{{ city|named }}`, `{{ row.name|place }}`."""

from django.template import Library

from gridmap.layers.names import named, place_name

register = Library()
register.filter("named", named)
register.filter("place", place_name)
