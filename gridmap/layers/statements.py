"""The impact statement of a plan in one piece: what it changes, its cells, and its faults."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from gridmap.layers import divisions, plan_states
from gridmap.layers.bundles import bundle_of
from gridmap.layers.impact import impact_of
from gridmap.layers.plan_faults import faults_of
from gridmap.layers.plan_figures import figures_of
from gridmap.layers.plans import Plan

TOLD = ("uid", "code", "name", "kind")  # of a cell


def statement(plan: Plan) -> dict[str, Any]:
    """Return the impact statement of a plan as it is now, worked out ``at`` this moment."""
    state, bundle = plan_states.head_of(plan), bundle_of(plan.fabric_id)
    drawn = divisions.pictures(plan.fabric_id, state, plan.community)
    figures = {row["no"]: row for row in figures_of(state.labels, bundle, state.cells)}
    return {
        "seq": plan.head_seq,
        "at": timezone.now(),
        **impact_of(plan, drawn),
        "faults": faults_of(plan, state, bundle),
        "cells": [
            {
                "no": one.no,
                **{name: value for name, value in one.fields.items() if name in TOLD},
                "households": figures[one.no]["households"],
            }
            for one in drawn
        ],
    }
