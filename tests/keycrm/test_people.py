"""Buyers, companies, users, calls, cards of pipelines, transactions."""

from __future__ import annotations

from .conftest import Crm


def test_a_buyer_is_found_by_any_of_the_addresses(crm: Crm) -> None:
    made = crm.ask("POST", "/buyer", {"full_name": "Olena", "email": ["a@x", "b@x"], "phone": ["+1"]})

    assert made.status == 201
    assert crm.get("/buyer", "filter[buyer_email]=b@x")["data"][0]["id"] == made.body["id"]
    assert crm.get("/buyer", "filter[buyer_phone]=%2B2")["total"] == 0


def test_an_order_knows_its_buyer_by_phone_then_by_email(crm: Crm) -> None:
    known = crm.ask("POST", "/buyer", {"full_name": "Olena", "email": ["a@x"], "phone": ["+1"]}).body["id"]

    def buyer(**who: str) -> int:
        order = crm.ask("POST", "/order", {"source_id": 1, "buyer": who}).body
        return int(crm.get(f"/order/{order['id']}", "include=buyer")["buyer"]["id"])

    assert [buyer(phone="+1"), buyer(email="a@x"), buyer(phone="+2", email="a@x")] == [known] * 3
    assert buyer(phone="+3") != known


def test_a_change_of_a_buyer_leaves_the_rest_and_moves_the_addresses(crm: Crm) -> None:
    made = crm.ask("POST", "/buyer", {"full_name": "Olena", "email": ["a@x"], "note": "n"}).body

    got = crm.ask("PUT", f"/buyer/{made['id']}", {"email": ["c@x"]})

    assert (got.status, got.body["full_name"], got.body["note"]) == (202, "Olena", "n")
    assert crm.get("/buyer", "filter[buyer_email]=a@x")["total"] == 0
    assert crm.get("/buyer", "filter[buyer_email]=c@x")["total"] == 1


def test_buyers_are_imported_all_or_none(crm: Crm) -> None:
    bad = crm.ask("POST", "/buyer/import", {"buyers": [{"full_name": "A"}, {"full_name": "B", "company_id": 9}]})
    good = crm.ask("POST", "/buyer/import", {"buyers": [{"full_name": "A"}, {"full_name": "B"}]})

    assert list(bad.body["errors"]) == ["buyers.1.company_id"]
    assert (good.status, crm.get("/buyer")["total"]) == (201, 2)


def test_a_company_shows_its_buyers_and_its_change_answers_200(crm: Crm) -> None:
    company = crm.ask("POST", "/companies", {"name": "Mugs Ltd"}).body
    crm.ask("POST", "/buyer", {"full_name": "Olena", "company_id": company["id"]})

    changed = crm.ask("PUT", f"/companies/{company['id']}", {"note": "pays late", "manager_id": 1})

    assert (changed.status, changed.body["note"], changed.body["name"]) == (200, "pays late", "Mugs Ltd")
    whole = crm.get(f"/companies/{company['id']}", "include=buyer,manager,custom_fields")
    assert [buyer["full_name"] for buyer in whole["buyer"]] == ["Olena"]
    assert (
        crm.get("/buyer/1", "include=company,loyalty,shipping,manager,custom_fields")["company"]["name"] == "Mugs Ltd"
    )


def test_users_are_filtered(crm: Crm) -> None:
    assert crm.get("/users", "filter[email]=owner@keycrm.example&filter[status]=active&filter[id]=1")["total"] == 1
    assert crm.get("/users", "filter[role_id]=9")["total"] == 0


def test_a_logged_call_is_listed_with_its_manager(crm: Crm) -> None:
    crm.do("log call", phone="+1", duration=30)

    (call,) = crm.get("/calls", "filter[client_phone]=%2B1&filter[type]=incoming&include=manager")["data"]

    assert (call["duration"], call["manager"]["id"]) == (30, 1)


def test_a_card_walks_through_its_pipeline(crm: Crm) -> None:
    crm.do("add trigger", url="http://shop/t", event="lead.change_lead_status")
    stages = crm.get("/pipelines/1/statuses")["data"]
    rows = [{"sku": "MUG", "price": 5, "quantity": 2}]
    body = {
        "contact": {"full_name": "Olena", "phone": "+1"},
        "products": rows,
        "payments": [{"amount": 3, "payment_method_id": 1}],
    }

    made = crm.ask("POST", "/pipelines/cards", body).body
    moved = crm.ask("PUT", f"/pipelines/cards/{made['id']}", {"status_id": stages[2]["id"]})
    paid = crm.ask("POST", f"/pipelines/cards/{made['id']}/payment", {"amount": 4, "payment_method_id": 1}).body
    crm.ask("PUT", f"/pipelines/cards/{made['id']}/payment/{paid['id']}", {"status": "canceled"})

    assert (made["status_id"], made["title"], made["products_total"]) == (stages[0]["id"], str(made["id"]), 10)
    assert moved.status == 202
    whole = crm.get(
        f"/pipelines/cards/{made['id']}", "include=contact.client,products,manager,status,payments,custom_fields"
    )
    assert (whole["status"]["title"], whole["payments_total"]) == ("Won", 3)
    assert whole["contact"]["client"]["full_name"] == "Olena"
    assert crm.get("/pipelines/cards", f"filter[status_id]={stages[2]['id']}")["total"] == 1
    assert [sent["event"] for sent in crm.settle()] == ["lead.change_lead_status"]


def test_a_card_for_a_known_client_ignores_the_rest_of_the_contact(crm: Crm) -> None:
    client = crm.state("a buyer")["buyer_id"]

    card = crm.ask("POST", "/pipelines/cards", {"contact": {"client_id": client, "full_name": "Else"}}).body

    assert card["contact_id"] == client
    assert crm.ask("POST", "/pipelines/cards", {"contact": {}, "pipeline_id": 9}).status == 422


def test_a_reported_transaction_is_tied_to_a_payment(crm: Crm) -> None:
    order = crm.state("an order")["order_id"]
    payment = crm.ask("POST", f"/order/{order}/payment", {"amount": 3, "payment_method_id": 1}).body
    reported = crm.do("report transaction", amount=3)
    path = f"/payments/{payment['id']}/external-transactions"

    tied = crm.ask("POST", path, {"transaction_uuid": reported["uuid"]})

    assert tied.status == 201
    assert (
        crm.get("/payments/external-transactions", "filter[is_attached]=true")["data"][0]["payment_id"] == payment["id"]
    )
    shown = crm.get(f"/order/{order}", "include=payments")["payments"][0]
    assert shown["transaction_uuid"] == reported["uuid"]
    assert crm.ask("POST", path, {"transaction_id": 99}).status == 422
    assert crm.ask("POST", "/payments/99/external-transactions", {"transaction_id": 1}).status == 404
