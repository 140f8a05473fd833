"""A wrong setting is told when the site starts; every setting is in the README."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core import checks

from harvests.checks import check_mail_login, check_mail_ports, check_mail_sender

ROOT = Path(__file__).resolve().parent.parent


def check(tmp_path: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """`manage.py check` with these variables."""
    base = {"OUTPUT_DIR": str(tmp_path / "waf"), "SECRET_KEY": "x" * 60}
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**os.environ, **base, **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_good_settings_pass(tmp_path):
    done = check(tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("variables", "check_id", "words"),
    [
        pytest.param({"WORKERS": "abc"}, "E001", "a whole number", id="number"),
        pytest.param({"WORKERS": "0"}, "E001", "1 or more", id="too-small"),
        pytest.param({"FETCH_IDLE_TIMEOUT": "x"}, "E001", "a number", id="float"),
        pytest.param({"STALE_EXPIRATION_DAYS": "nan"}, "E001", "number", id="nan"),
        pytest.param({"MAIL_USE_TLS": "yess"}, "E002", "true or false", id="flag"),
        pytest.param({"CKAN_API": "ckan"}, "E003", "https://", id="url"),
        pytest.param({"REDIS_URL": "http://x"}, "E003", "redis://", id="redis"),
        pytest.param({"CRON_STRING": "daily"}, "E004", "0 3", id="cron"),
        pytest.param({"TIME_ZONE": "Mars"}, "E005", "Europe/Paris", id="zone"),
        pytest.param(
            {"ALLOW_PRIVATE_NETWORKS": "10.0.0.1/8"}, "E006", "10.0.0.0/8", id="net"
        ),
        pytest.param({"MONGO_URL": "mongo"}, "E007", "mongodb://", id="mongo"),
        pytest.param({"LOG_CFG": "/none.yml"}, "E008", "logging", id="log"),
        pytest.param({"OUTPUT_DIR": "/proc/x"}, "E010", "OUTPUT_DIR", id="output"),
        pytest.param(
            {"MAIL_USE_TLS": "1", "MAIL_USE_SSL": "1"}, "E011", "both", id="tls"
        ),
        pytest.param({"SECRET_KEY": ""}, "E013", "not set", id="secret"),
    ],
)
def test_a_wrong_value_says_what_to_do(tmp_path, variables, check_id, words):
    done = check(tmp_path, **variables)
    assert done.returncode == 1
    assert f"harvests.{check_id}" in done.stderr
    assert words in done.stderr
    assert "HINT" in done.stderr
    assert "Traceback" not in done.stderr


MAIL = {"EMAIL_HOST": "mail.example.org", "EMAIL_HOST_USER": ""}
MAIL |= {"EMAIL_HOST_PASSWORD": "", "EMAIL_USE_TLS": False, "EMAIL_USE_SSL": False}
LOGIN = {"EMAIL_HOST_USER": "ada", "EMAIL_HOST_PASSWORD": "secret"}


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"EMAIL_PORT": 465, "EMAIL_USE_TLS": True}, ["MAIL_PORT 465 does not fit"]),
        ({"EMAIL_PORT": 587, "EMAIL_USE_SSL": True}, ["MAIL_PORT 587 does not fit"]),
        ({"EMAIL_PORT": 25, "EMAIL_USE_SSL": True}, ["MAIL_PORT 25 does not fit"]),
        ({"EMAIL_PORT": 587, "EMAIL_USE_TLS": True}, []),
        ({"EMAIL_HOST_USER": "ada"}, ["only one is set"]),
        ({"EMAIL_HOST_PASSWORD": "secret"}, ["only one is set"]),
        (LOGIN, ["goes over the net unencrypted"]),
        ({**LOGIN, "EMAIL_PORT": 587, "EMAIL_USE_TLS": True}, []),
        ({**LOGIN, "EMAIL_HOST": "localhost"}, []),
        ({"DEFAULT_FROM_EMAIL": "Harvesting"}, ["'Harvesting': no address"]),
        ({"DEFAULT_FROM_EMAIL": "Harvesting <a b@c.org>"}, ["no address"]),
        ({"DEFAULT_FROM_EMAIL": "Harvesting <a@b.org>"}, []),
    ],
)
def test_what_the_mail_server_will_not_take_is_told(settings, values, found):
    for name, value in ({"EMAIL_PORT": 2525} | MAIL | values).items():
        setattr(settings, name, value)
    looks = (check_mail_ports, check_mail_login, check_mail_sender)
    told = [message.msg for look in looks for message in look()]
    assert len(told) == len(found)
    assert all(words in message for words, message in zip(found, told, strict=True))


def test_half_of_the_ckan_settings_is_a_warning(tmp_path):
    done = check(tmp_path, CKAN_API="https://ckan.example.org/api")
    assert done.returncode == 0
    assert "harvests.W012" in done.stderr


def test_a_logging_configuration_is_read(tmp_path):
    path = tmp_path / "logging.yml"
    path.write_text("version: 1\nroot: {level: ERROR}\n")
    assert check(tmp_path, LOG_CFG=str(path)).returncode == 0


def test_the_tests_themselves_run_on_good_settings():
    assert checks.run_checks(tags=["settings"]) == []


def test_every_setting_is_in_the_readme():
    readme = (ROOT / "README.md").read_text()
    told = set(re.findall(r"^\| `([A-Z_]+)`", readme, re.MULTILINE))
    assert set(settings.ENVIRONMENT.variables) - told == set()


def test_every_name_of_the_predecessor_is_kept():
    kept = [
        "OUTPUT_DIR",
        "MONGO_URL",
        "REDIS_URL",
        "STALE_EXPIRATION_DAYS",
        "WAF_URL_ROOT",
        "CKAN_API",
        "CKAN_API_KEY",
        "MAIL_SERVER",
        "MAIL_PORT",
        "MAIL_USE_TLS",
        "MAIL_USE_SSL",
        "MAIL_USERNAME",
        "MAIL_PASSWORD",
        "MAIL_DEFAULT_SENDER",
        "MAIL_MAX_EMAILS",
        "MAIL_DEBUG",
        "MAIL_ASCII_ATTACHMENTS",
        "MAIL_SUPPRESS_SEND",
        "LOG_CFG",
        "WEB_PORT",
        "WORKERS",
        "ENABLE_CRON",
        "CRON_STRING",
        "HARVEST_INIT",
    ]
    assert set(kept) <= set(settings.ENVIRONMENT.variables)
