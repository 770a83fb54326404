"""Authlib's and requests-oauthlib's OAuth2Session (Debian's) refresh by themselves when an access token has run out."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # loopback only; set before the import that reads it
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"

import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc6749 import OAuth2Token
from requests.auth import HTTPBasicAuth
import requests_oauthlib

PASSWORD = "correct-horse-battery-staple"


class Authlib(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="tally-test-")
        cls.server = subprocess.Popen(
            [os.environ["TALLYD"], "--data-dir", cls.folder, "--listen", "127.0.0.1:0"],
            env={**os.environ, "TALLY_OPERATOR_PASSWORD": PASSWORD},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for line in cls.server.stdout:
            found = re.match(r"tallyd: listening on (http://\S+)$", line)
            if found:
                cls.url = found[1]
                break
        cls.people = requests.Session()
        cls.people.headers["Origin"] = cls.url
        cls.post("/v1/session", {"username": "operator", "password": PASSWORD})
        cls.workspace = cls.post("/v1/workspaces", {"name": "Payments"})
        user = cls.people.get(cls.url + "/v1/session").json()["user"]
        answer = cls.people.put(
            f"{cls.url}/v1/workspaces/{cls.workspace['id']}/members/{user['id']}", json={"role": "admin"}
        )
        answer.raise_for_status()

    @classmethod
    def tearDownClass(cls):
        cls.server.terminate()
        cls.server.stdout.close()
        assert cls.server.wait() == 0
        shutil.rmtree(cls.folder)

    @classmethod
    def post(cls, path, body):
        answer = cls.people.post(cls.url + path, json=body)
        answer.raise_for_status()
        return answer.json()

    def test_an_expired_access_token_is_refreshed_and_the_new_pair_handed_on(self):
        generated = self.post(
            f"/v1/workspaces/{self.workspace['id']}/tokens",
            {"name": "nightly report", "lifetime_days": 30, "scope": "tally:tokens.read"},
        )
        handed_on = []
        session = OAuth2Session(
            client_id=self.workspace["client_id"],
            token_endpoint=self.workspace["token_endpoint"],
            token_endpoint_auth_method="none",
            update_token=lambda token, refresh_token=None, access_token=None: handed_on.append((token, refresh_token)),
            token=OAuth2Token.from_dict(
                {
                    "access_token": generated["access_token"],
                    "refresh_token": generated["refresh_token"],
                    "token_type": "Bearer",
                    "expires_at": 1,
                }
            ),
        )
        answer = session.get(f"{self.url}/v1/workspaces/{self.workspace['id']}/tokens/{generated['token']['id']}")
        self.assertEqual(answer.status_code, 200, answer.text)
        self.assertEqual(len(handed_on), 1)
        token, spent = handed_on[0]
        self.assertEqual(spent, generated["refresh_token"])
        self.assertNotEqual(token["refresh_token"], generated["refresh_token"])
        self.assertEqual(answer.json()["refresh_count"], 1)

    def test_a_dead_refresh_token_is_an_invalid_grant(self):
        generated = self.post(
            f"/v1/workspaces/{self.workspace['id']}/tokens", {"name": "short", "lifetime_days": 1}
        )
        self.post(f"/v1/workspaces/{self.workspace['id']}/tokens/{generated['token']['id']}:disable", {})
        session = OAuth2Session(client_id=self.workspace["client_id"], token_endpoint_auth_method="none")
        with self.assertRaisesRegex(Exception, "invalid_grant"):
            session.refresh_token(self.workspace["token_endpoint"], refresh_token=generated["refresh_token"])

    def test_requests_oauthlib_refreshes_with_the_client_id_in_the_body_and_by_basic(self):
        for by_basic in (False, True):
            generated = self.post(
                f"/v1/workspaces/{self.workspace['id']}/tokens",
                {"name": "nightly report", "lifetime_days": 30, "scope": "tally:tokens.read"},
            )
            client_id = self.workspace["client_id"]
            handed_on = []
            session = requests_oauthlib.OAuth2Session(
                client_id,
                token={
                    "access_token": generated["access_token"],
                    "refresh_token": generated["refresh_token"],
                    "token_type": "Bearer",
                    "expires_in": -1,
                },
                auto_refresh_url=self.workspace["token_endpoint"],
                auto_refresh_kwargs={} if by_basic else {"client_id": client_id},
                token_updater=handed_on.append,
            )
            target = f"{self.url}/v1/workspaces/{self.workspace['id']}/tokens/{generated['token']['id']}"
            if by_basic:
                handed_on.append(
                    session.refresh_token(self.workspace["token_endpoint"], auth=HTTPBasicAuth(client_id, ""))
                )
            self.assertEqual(session.get(target).status_code, 200)
            self.assertEqual(len(handed_on), 1)
            self.assertNotEqual(handed_on[0]["refresh_token"], generated["refresh_token"])
            self.assertEqual(handed_on[0]["refresh_token_timeout"], handed_on[0]["authorization_expires_in"])


if __name__ == "__main__":
    unittest.main()
