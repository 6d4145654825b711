from fastapi.testclient import TestClient

from backend.web.security import key_hash, owner_of


def test_each_key_opens_in_the_name_of_its_holder(
    anonymous: TestClient, api_key: str, other_key: str
) -> None:
    for key in [api_key, other_key]:
        answer = anonymous.get("/api/session", headers={"X-API-Key": key})
        assert answer.json() == {"owner": owner_of(key_hash(key)), "admin": False}


def test_an_admin_key_alone_opens_a_session(admin: TestClient, admin_key: str) -> None:
    owner = owner_of(key_hash(admin_key))
    assert admin.get("/api/session").json() == {"owner": owner, "admin": True}


def test_with_both_keys_tasks_are_in_the_name_of_the_user_key(
    client: TestClient, api_key: str, admin_key: str
) -> None:
    answer = client.get("/api/session", headers={"X-Admin-Key": admin_key})
    assert answer.json() == {"owner": owner_of(key_hash(api_key)), "admin": True}


def test_an_owner_tells_little_of_the_hash() -> None:
    assert owner_of(key_hash("a")) == "ca978112ca1b"
