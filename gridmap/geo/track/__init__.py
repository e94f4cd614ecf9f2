"""A recorded walk: cleaned of what the receiver got wrong, then told as the stretches walked.

Everything here is in metres, in the metric system of the city. A track is input like any other: it
says which places were seen and when, and nothing about who went how far or how fast; none of its
points outlives the call.
"""

from gridmap.geo.track.cleaning import Cleaned, Fixes, clean
from gridmap.geo.track.matching import Network, Walked, walked

__all__ = ["Cleaned", "Fixes", "Network", "Walked", "clean", "walked"]
