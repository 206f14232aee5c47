"""Signed calls to Messaging Interactions under the vendor's host names, through the stand-in proxy."""

import time

import requests
from requests_oauthlib import OAuth1Session

from conductor import check, done, settings

DAY_MS = 86_400_000

known = settings()
account = known["account"]


def session(key, secret=None):
    return OAuth1Session(
        key["appKey"],
        client_secret=secret or key["secret"],
        resource_owner_key=key["accessToken"],
        resource_owner_secret=key["accessTokenSecret"],
    )


def expect(answer, *statuses):
    assert answer.status_code in statuses, f"{answer.status_code}: {answer.text[:200]}"
    return answer


with check("service discovery at the vendor's host gives a host of the vendor"):
    where = expect(
        requests.get(
            f"https://api.liveperson.net/api/account/{account}/service/msgHist/baseURI.json",
            params={"version": "1.0"},
        ),
        200,
    ).json()["baseURI"]
    assert where.endswith(".liveperson.net"), where

base = f"https://{where}/messaging_history/api/account/{account}/conversations"
now = int(time.time() * 1000)
window = {"start": {"from": now - 30 * DAY_MS, "to": now}}
query = {"v": "2", "offset": "0", "limit": "10", "source": "LeInterop"}
reader, stranger = known["apiKeys"]

with check("a search signed with HMAC-SHA1 is answered"):
    found = expect(session(reader).post(f"{base}/search", params=query, json=window), 200).json()
    metadata, records = found["_metadata"], found["conversationHistoryRecords"]
    assert metadata["count"] > 0 and 0 < len(records) <= 10, metadata

with check("the base string may hold values that need escaping twice"):
    awkward = {**query, "sort": "start:desc", "source": "Le Interop+1/2~å&=%"}
    expect(session(reader).post(f"{base}/search", params=awkward, json=window), 200)

with check("a request that is sent twice with one nonce is refused the second time"):
    with session(reader) as signer:
        once = signer.prepare_request(requests.Request("POST", f"{base}/search", params=query, json=window))
        # `prepare_request` signs; a plain session sends what was signed as it is.
        with requests.Session() as plain:
            settings_of_environment = plain.merge_environment_settings(once.url, {}, None, None, None)
            expect(plain.send(once, **settings_of_environment), 200)
            refusal = expect(plain.send(once, **settings_of_environment), 401)
    assert "oauth_problem" in refusal.text + str(refusal.headers), refusal.text

with check("a wrong secret is refused as oauth_problem"):
    refusal = expect(session(reader, "0" * 16).post(f"{base}/search", params=query, json=window), 401)
    assert "oauth_problem" in refusal.text + str(refusal.headers), refusal.text

with check("a key without the privilege for the history is refused"):
    expect(session(stranger).post(f"{base}/search", params=query, json=window), 403)

done()
