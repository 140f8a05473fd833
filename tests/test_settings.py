"""A wrong setting is told when the site starts; every setting is in the README."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core import checks

from harvests.checks import (
    check_mail_host,
    check_mail_login,
    check_mail_ports,
    check_mail_sender,
)

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


WRONG = (
    ({"WORKERS": "abc"}, "E001", "a whole number"),
    ({"FETCH_IDLE_TIMEOUT": "x"}, "E001", "a number"),
    ({"MAIL_USE_TLS": "yess"}, "E002", "true or false"),
    ({"CKAN_API": "ckan"}, "E003", "https://"),
    ({"MONGO_URL": "mongodb://localhost/bad.name"}, "E007", "mongodb://"),
    ({"CRON_STRING": "daily"}, "E004", "0 3"),
    ({"TIME_ZONE": "Mars"}, "E005", "Europe/Paris"),
    ({"ALLOW_PRIVATE_NETWORKS": "10.0.0.1/8"}, "E006", "10.0.0.0/8"),
    ({"LOG_CFG": "/none.yml"}, "E008", "logging"),
    ({"OUTPUT_DIR": "/proc/x"}, "E010", "OUTPUT_DIR"),
)
WRONG_TOO = (
    ({"WORKERS": "0"}, "E001", "1 or more"),
    ({"STALE_EXPIRATION_DAYS": "nan"}, "E001", "number"),
    ({"REDIS_URL": "http://x"}, "E003", "redis://"),
    ({"MAIL_USE_TLS": "1", "MAIL_USE_SSL": "1"}, "E011", "both"),
    ({"SECRET_KEY": ""}, "E013", "not set"),
    ({"WEB_PORT": "99999"}, "E001", "to 65535"),
    ({"MAIL_PORT": "0"}, "E001", "to 65535"),
    ({"ALLOWED_HOSTS": "localhost,http://foo"}, "E007", "Leave out http://"),
    ({"CONTACT_URL": "foo"}, "E007", "mailto:"),
    ({"STATIC_ROOT": __file__}, "E020", "Give a folder"),
    ({"SQLITE_PATH": "/"}, "E020", "path of a file"),
)


@pytest.mark.parametrize("wrong", [WRONG, WRONG_TOO], ids=["some", "more"])
def test_wrong_values_are_told_at_once_each_with_what_to_do(tmp_path, wrong):
    variables = {name: value for given, *_ in wrong for name, value in given.items()}
    done = check(tmp_path, **variables)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    told = dict(re.findall(r"\?: (\(harvests\.E.*)\n\tHINT: (.+)", done.stderr))
    assert len(told) == len(wrong)
    for given, check_id, words in wrong:
        start = f"(harvests.{check_id}) {next(iter(given))}"
        [line] = [line for line in told if line.startswith(start)]
        assert words in line + told[line]


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


def test_a_check_makes_no_folder_for_the_database(tmp_path):
    good = {
        "ALLOWED_HOSTS": "*, .example.org, a-b.org, 10.0.0.1, [::1], bücher.example"
    }
    good |= {"CONTACT_URL": "mailto:ada@example.org", "WEB_PORT": "65535"}
    done = check(tmp_path, SQLITE_PATH=str(tmp_path / "none" / "db"), **good)
    assert (done.returncode, done.stderr) == (0, "")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("suppressed", ["", "true"])
def test_a_mail_server_without_a_name_is_a_warning(settings, suppressed):
    settings.EMAIL_HOST, settings.MAIL_SUPPRESS_SEND = "", bool(suppressed)
    assert len(check_mail_host()) == (not suppressed)


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
