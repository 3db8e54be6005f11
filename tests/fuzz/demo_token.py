"""Prints the access token of a demo account: the accounts file, the role and the site are given."""

import base64
import hmac
import json
import struct
import sys
import time
import urllib.error
import urllib.request

accounts, role, site = sys.argv[1:]
account = next(each for each in json.load(open(accounts, encoding="utf-8")) if each["role"] == role)


def post(path, body):
    request = urllib.request.Request(f"{site}/api/v1/session{path}", json.dumps(body).encode(), {"content-type": "application/json"})
    try:
        return json.load(urllib.request.urlopen(request))
    except urllib.error.HTTPError as refusal:
        return json.load(refusal)


def code(secret, step):
    """RFC 6238, and 5.3 of RFC 4226."""
    digest = hmac.digest(base64.b32decode(secret + "=" * (-len(secret) % 8)), struct.pack(">Q", step), "sha1")
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


answer = post("", {"login": account["login"], "password": account["password"]})
if answer.get("code") == "second_factor_required":
    challenge = answer["challenge"]
    # Each code is taken once: the one before, this one, and the next are good.
    for step in (int(time.time() // 30) + skew for skew in (-1, 0, 1, 2)):
        time.sleep(max(0, (step - 1) * 30 - time.time()))
        answer = post("/second-factor", {"challenge": challenge, "code": code(account["totp_secret"], step)})
        if "access_token" in answer:
            break
print(answer["access_token"])
