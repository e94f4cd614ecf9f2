"""Departments that help (协办): named wherever the case is, found by their own filter."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gridmap.layers.incidents import Incident
from gridmap.layers.people import Department
from tests.cases.conftest import Office, department


def helped(office: Office, east: float = 50) -> Incident:
    case = office.upto("filed", east, 50)
    urban = Department.objects.get(code="urban")
    return office.act(case, "dispatch", "duty", helpers=(urban.pk,)).incident


def signed_in(client: Client, name: str) -> Client:
    client.force_login(User.objects.get(username=name))
    return client


def test_a_case_names_who_helps_to_map_and_list(client: Client, office: Office) -> None:
    case, alone = helped(office), office.upto("dispatched", 60, 50)
    signed_in(client, "duty")
    urban = Department.objects.get(code="urban")
    told = client.get(f"/api/incidents/{case.pk}").json()["properties"]
    assert told["helping"] == [{"id": urban.pk, "name": "城管", "name_en": ""}]
    assert told["department_name"] == "环卫"
    rows = client.get("/api/incidents").json()["features"]
    assert {row["id"]: len(row["properties"]["helping"]) for row in rows} == {
        case.pk: 1, alone.pk: 0,
    }  # fmt: skip


def test_a_department_is_found_by_what_it_leads_and_what_it_helps_with(
    client: Client, office: Office
) -> None:
    case, alone = helped(office), office.upto("dispatched", 60, 50)
    signed_in(client, "duty")
    by_code = dict(Department.objects.values_list("code", "pk"))

    def found(department: str) -> set[int]:
        rows = client.get(f"/api/incidents?department={by_code[department]}").json()["features"]
        return {row["id"] for row in rows}

    assert found("urban") == {case.pk}
    assert found("sanitation") == {case.pk, alone.pk}
    desk = client.get(f"/desk?department={by_code['urban']}").content.decode()
    assert case.number in desk
    assert alone.number not in desk
    assert 'title="协办 城管"' in desk


def test_who_helps_no_more_is_not_named(client: Client, office: Office) -> None:
    case = helped(office)
    urban = Department.objects.get(code="urban")
    office.act(case, "redispatch", "duty", department=urban.pk, why="由城管主办")
    told = signed_in(client, "duty").get(f"/api/incidents/{case.pk}").json()["properties"]
    assert (told["department_name"], told["helping"]) == ("城管", [])


def test_helpers_of_many_cost_no_more_questions_than_of_few(client: Client, office: Office) -> None:
    helped(office)
    signed_in(client, "duty")
    counts = []
    for _ in range(2):
        for address in ("/api/incidents", "/desk"):
            with CaptureQueriesContext(connection) as asked:
                assert client.get(address).status_code == 200
            counts.append(len(asked))
        for east in (20, 30, 40, 70):
            helped(office, east)
    assert counts[:2] == counts[2:]


def test_it_is_asked_for_what_a_department_leads_or_for_what_it_helps_with(
    client: Client, office: Office
) -> None:
    case, alone = helped(office), office.upto("dispatched", 60, 50)
    signed_in(client, "duty")
    by_code = dict(Department.objects.values_list("code", "pk"))

    def found(asked: str) -> set[int]:
        rows = client.get(f"/api/incidents?{asked}").json()["features"]
        return {row["id"] for row in rows}

    urban, sanitation = by_code["urban"], by_code["sanitation"]
    assert found(f"helped_by={urban}") == {case.pk}
    assert found(f"led_by={urban}") == set()
    assert found(f"led_by={sanitation}") == {case.pk, alone.pk}
    assert found(f"helped_by={sanitation}") == set()
    assert found(f"led_by={sanitation}&helped_by={urban}") == {case.pk}
    refused = client.get("/api/incidents?helped_by=城管")
    assert refused.status_code == 400
    assert "helped_by" in refused.content.decode()


def test_the_desk_of_a_department_tells_its_own_cases_from_those_it_helps_with(
    client: Client, office: Office
) -> None:
    case = helped(office)
    own = office.upto("filed", 60, 50)
    urban = Department.objects.get(code="urban").pk
    office.act(own, "dispatch", "duty", department=urban)
    signed_in(client, "urban")

    def shown(query: str) -> set[str]:
        page = client.get(f"/desk{query}").content.decode()
        return {one.number for one in (case, own) if f"{one.number}</span>" in page}

    assert shown("") == {case.number, own.number}
    assert shown("?part=help") == {case.number}
    assert shown("?part=lead") == {own.number}
    assert shown("?part=neither") == {case.number, own.number}
    assert 'value="help" selected' in client.get("/desk?part=help").content.decode()


def test_who_coordinates_is_asked_for_the_part_once_a_department_is_chosen(
    client: Client, office: Office
) -> None:
    case = helped(office)
    urban = Department.objects.get(code="urban").pk
    signed_in(client, "duty")
    assert 'name="part"' not in client.get("/desk").content.decode()
    page = client.get(f"/desk?department={urban}&part=help").content.decode()
    assert 'name="part"' in page
    assert f"{case.number}</span>" in page
    page = client.get(f"/desk?department={urban}&part=lead").content.decode()
    assert f"{case.number}</span>" not in page


def test_a_department_opens_what_it_helps_with_and_answers_there_for_as_long_as_it_helps(
    client: Client, office: Office
) -> None:
    case = office.upto("filed")
    signed_in(client, "urban")
    addresses = (f"/cases/{case.number}", f"/api/incidents/{case.pk}")

    def answers() -> list[int]:
        return [client.get(address).status_code for address in addresses]

    assert answers() == [404, 404], "not yet its business"
    urban = Department.objects.get(code="urban")
    case = office.act(case, "dispatch", "duty", helpers=(urban.pk,)).incident
    assert answers() == [200, 200]
    office.act(case, "contribute", "urban", why="已劝离摊贩")
    third = department("greens", "园林")
    office.act(case, "redispatch", "duty", department=third.pk, why="由园林单独处理")
    assert answers() == [404, 404], "it helps no more"
