"""Which part of the API stands at which address."""

from django.urls import URLPattern, URLResolver, path, register_converter
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.routers import DefaultRouter

from gridmap.api import (
    cases,
    coverage,
    errors,
    evaluation,
    fabric_files,
    fabrics,
    figures,
    history,
    incidents,
    jobs,
    ladder,
    loads,
    people,
    photos,
    places,
    plan_files,
    plan_ground,
    publications,
    reviews,
    rulings,
    search,
    signs,
    tell,
    terms,
    territory,
    tracks,
    visits,
)


class Anything:
    """Whatever is left of an address, line breaks too."""

    regex = r"[\s\S]+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Anything, "anything")
router = DefaultRouter(trailing_slash=False, use_regex_path=False)
router.include_format_suffixes = False
router.register("cities", territory.Cities, "city")
router.register("subdistricts", territory.Subdistricts, "subdistrict")
router.register("communities", territory.Communities, "community")
router.register("cells", territory.Cells, "cell")
router.register("ground", territory.Grounds, "ground")
router.register("streets", places.Streets, "street")
router.register("lanes", places.Lanes, "lane")
router.register("stretches", places.Stretches, "stretch")
router.register("buildings", places.Buildings, "building")
router.register("party-units", places.PartyUnits, "party-unit")
router.register("teams", people.Teams, "team")
router.register("chief-terms", terms.ChiefTerms, "chief-term")
router.register("handovers", terms.Handovers, "handover")
router.register("incidents", incidents.Incidents, "incident")
router.register("evaluations", evaluation.Evaluations, "evaluation-kept")
router.register("contests", evaluation.Contests, "contest")
router.register("rulings", rulings.Rulings, "ruling")
router.register("joint-tasks", rulings.JointTasks, "joint-task")
router.register("no-mans-land", rulings.NoMansLand, "no-mans-land")
router.register("loads", loads.Loads, "load")
router.register("fabrics", fabrics.Fabrics, "fabric")
router.register("plans", reviews.ReviewedPlans, "plan")
router.register("jobs", jobs.Jobs, "job")
router.register("publications", publications.Publications, "publication")
router.register("cell-handovers", publications.CellHandovers, "cell-handover")
router.register("signs", signs.Signs, "sign")
router.register("community-lines", signs.CommunityLines, "community-line")
router.register("duty-points", signs.DutyPoints, "duty-point")

urlpatterns: list[URLPattern | URLResolver] = [
    path("incidents/near", tell.Near.as_view(), name="near"),
    *router.urls,
    path("duty-borders", rulings.DutyBorders.as_view(), name="duty-borders"),
    path("evaluation", evaluation.EvaluationFigures.as_view(), name="evaluation"),
    path("evaluation/cases", evaluation.EvaluationCases.as_view(), name="evaluation-cases"),
    path("incidents/<int:pk>/steps", cases.IncidentSteps.as_view(), name="steps"),
    path("incidents/<int:pk>/deadline", cases.IncidentDeadline.as_view(), name="deadline"),
    path("deadlines/simulate", cases.Simulation.as_view(), name="simulate"),
    path("tracks", tracks.Tracks.as_view(), name="tracks"),
    path("tracks/file", tracks.TrackFiles.as_view(), name="track-files"),
    path("tell", tell.Tell.as_view(), name="tell"),
    path("incidents/<int:pk>/contact", history.IncidentContact.as_view(), name="contact"),
    path("incidents/<int:pk>/photos", photos.IncidentPhotos.as_view(), name="photos"),
    path("incidents/<int:pk>/<slug:verb>", cases.IncidentDeed.as_view(), name="deed"),
    path("photos/<uuid:uid>", photos.OnePhoto.as_view(), name="one-photo"),
    path("history", history.History.as_view(), name="history-list"),
    path("search", search.Search.as_view(), name="search"),
    path("people", terms.People.as_view(), name="people"),
    path("ladder", ladder.Ladder.as_view(), name="ladder"),
    path("figures", figures.Figures.as_view(), name="figures"),
    path("histogram", incidents.Histogram.as_view(), name="histogram"),
    path("names", search.Names.as_view(), name="names"),
    path("freshness", search.Freshness.as_view(), name="freshness"),
    path("standing", search.Standing.as_view(), name="standing"),
    path("standing/summary", search.StandingSummary.as_view(), name="standing-summary"),
    path(
        "fabrics/<int:pk>/tiles/<int:z>/<int:x>/<int:y>",
        fabrics.FabricTile.as_view(),
        name="fabric-tile",
    ),
    path("fabrics/<int:pk>/export", fabric_files.FabricExport.as_view(), name="fabric-export"),
    path("fabrics/import", fabric_files.FabricImport.as_view(), name="fabric-import"),
    path("plans/<int:pk>/ground", plan_ground.PlanGround.as_view(), name="plan-ground"),
    path("plans/<int:pk>/export", plan_files.PlanExport.as_view(), name="plan-export"),
    path("plans/<int:pk>/import", plan_files.PlanImport.as_view(), name="plan-import"),
    path("coverage/at", coverage.CoverageAt.as_view(), name="coverage-at"),
    path("visits/<int:pk>/withdraw", coverage.WithdrawVisit.as_view(), name="withdraw-visit"),
    path("visits/<int:pk>/correct", coverage.CorrectVisit.as_view(), name="correct-visit"),
    path("visits", visits.Visits.as_view(), name="visits"),
    path("where", publications.Where.as_view(), name="where"),
    path("schema", SpectacularAPIView.as_view(), name="schema"),
    path("docs", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("<anything:rest>", errors.unknown),
]
