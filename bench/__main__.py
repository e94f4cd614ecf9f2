"""``script/bench [tiles|where|overlay …]``: make city M once, then measure.

``ladder``, ``card``, ``tracks``, ``recount``, ``orders`` or ``plans`` alone make what they need in
a database of its own.
"""

import os
import sys

DATABASE = "gridmap_bench"
TOWN = "gridmap_bench_town"
PLANS = "gridmap_bench_plans"
RECOUNT = "gridmap_bench_recount"
ORDERS = "gridmap_bench_orders"


def main() -> None:
    """Measure what the arguments name; everything where they name nothing."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gridmap.settings")
    if sys.argv[1:2] in (["crash"], ["hot"]):
        from bench import cases  # noqa: PLC0415

        sys.exit(cases.main(sys.argv[1:]))
    # These need no city M.
    own = {"ladder": TOWN, "card": TOWN, "tracks": TOWN, "recount": RECOUNT, "plans": PLANS}
    own["orders"] = ORDERS
    own["plans --interleaved"] = PLANS
    os.environ["GRIDMAP_DB_NAME"] = own.get(" ".join(sys.argv[1:]), DATABASE)
    import django  # noqa: PLC0415 -- reads the name of the database set above

    django.setup()
    from bench import interleaved, orders, plans, recount, run, tracks  # noqa: PLC0415

    if sys.argv[1:] == ["plans"]:
        plans.measure()
    elif sys.argv[1:] == ["plans", "--interleaved"]:
        interleaved.measure()
    elif sys.argv[1:] == ["tracks"]:
        run.make_town()
        tracks.measure()
    elif sys.argv[1:] == ["recount"]:
        run.make_town()
        recount.measure()
    elif sys.argv[1:] == ["orders"]:
        run.make_town()
        orders.measure()
    else:
        run.everything(sys.argv[1:])


if __name__ == "__main__":
    main()
