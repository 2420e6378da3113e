"""Upload and download."""

import io

import pytest

from legacy_app.models import Attachment


def upload(client, content=b"hello", filename="a.txt", content_type="text/plain", **form):
    data = {"file": (io.BytesIO(content), filename, content_type), **form}
    return client.post("/api/attachments", data=data)


def test_list(viewer):
    body = viewer.get("/api/attachments").get_json()
    assert len(body["attachments"]) == 10
    assert body["size"] == 2 * sum(each["size"] for each in body["attachments"][:5])
    of_order = viewer.get("/api/attachments?order=3").get_json()
    assert [each["filename"] for each in of_order["attachments"]] == ["manual.pdf", "empty.csv"]


def test_metadata(viewer):
    body = viewer.get("/api/attachments/2").get_json()
    assert body["filename"] == "größe & maß.txt"
    assert body["product"] == "P-00002"
    assert body["order"] is None
    assert body["url"] == "/api/attachments/2/download"


def test_download(viewer):
    response = viewer.get("/api/attachments/2/download")
    assert response.get_data(as_text=True) == "Größe: 12 ½\nmaß: ∞\n"
    assert (
        "filename*=UTF-8''gr%C3%B6%C3%9Fe%20&%20ma%C3%9F.txt"
        in (response.headers["Content-Disposition"])
    )
    assert response.headers["Last-Modified"] == "Mon, 01 Apr 2019 11:07:00 GMT"


def test_download_is_conditional(viewer):
    etag = viewer.get("/api/attachments/3/download").headers["ETag"]
    response = viewer.get("/api/attachments/3/download", headers={"If-None-Match": etag})
    assert response.status_code == 304


def test_download_a_part(viewer):
    response = viewer.get("/api/attachments/5/download", headers={"Range": "bytes=10-15"})
    assert response.status_code == 206
    assert response.data == b"abcdef"


def test_download_inline_and_empty(viewer):
    response = viewer.get("/api/attachments/4/download?inline=1")
    assert response.data == b""
    assert response.headers["Content-Disposition"].startswith("inline")


def test_upload_for_a_product(warehouse, database):
    response = upload(warehouse, filename="../é/plan.txt", sku="P-00001")
    assert response.status_code == 201
    body = response.get_json()
    assert body["filename"] == "e_plan.txt"
    assert body["product"] == "P-00001"
    assert body["size"] == 5
    assert database.get(Attachment, body["id"]).content == b"hello"


def test_the_same_bytes_are_kept_once(sales):
    first = upload(sales, order="1")
    second = upload(sales, filename="b.txt", order="1")
    elsewhere = upload(sales, order="2")
    assert (first.status_code, second.status_code, elsewhere.status_code) == (201, 200, 201)
    assert first.get_json()["id"] == second.get_json()["id"]


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ({"content_type": "text/html"}, 415),
        ({"sku": "no-such"}, 404),
        ({"order": "421"}, 404),
        ({"order": "x"}, 404),
        ({"filename": ""}, 400),
    ],
)
def test_upload_refused(sales, arguments, status):
    assert upload(sales, **arguments).status_code == status


def test_upload_without_a_file(sales):
    assert sales.post("/api/attachments", data={"sku": "P-00001"}).status_code == 400


def test_delete(admin, sales):
    assert sales.delete("/api/attachments/1").status_code == 403
    assert admin.delete("/api/attachments/1").status_code == 204
    assert admin.get("/api/attachments/1").status_code == 404
    assert admin.delete("/api/attachments/11").status_code == 404
