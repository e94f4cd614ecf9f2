"""The administration at /admin/: reference data only, every save a deed."""

from gridmap.pages.admin import accounts, calendar, carried, reference
from gridmap.pages.admin.site import site

reference.register(site)
calendar.register(site)
accounts.register(site)
carried.register(site)

__all__ = ["site"]
