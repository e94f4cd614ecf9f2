"""The administration at /admin/: reference data only, every save a deed."""

from gridmap.pages.admin import accounts, carried, reference
from gridmap.pages.admin.site import site

reference.register(site)
accounts.register(site)
carried.register(site)

__all__ = ["site"]
