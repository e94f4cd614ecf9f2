"""Figures beside peers, measured in one run and printed as ratios; never a test that can fail."""
