"""The Dockerfile, step by step in a clean virtual environment, and compose.yaml."""

import re
import subprocess
from pathlib import Path

import pytest
import requests
import yaml
from django.core.management import get_commands

from demo import demo_provider
from harvests.embedded import free_port, stop_process
from tests.checkout import copy_checkout
from tests.image import Image, build_context, steps
from tests.installation import ROOT, own_database, until

SECRET = "not-for-the-image-0123456789abcdef-0123456789abcdef"
COMPOSE = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
LASTING = {name: s for name, s in SERVICES.items() if name != "migrate"}


@pytest.fixture
def context(tmp_path: Path) -> Path:
    """A checkout as operators have it: with what must not get into an image."""
    folder = copy_checkout(tmp_path / "checkout")
    for name in (".env", "var/harvesting.sqlite3", ".git/config", "harvests/.env"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(f"SECRET_KEY={SECRET}\n")
    return folder


def test_the_image_answers_and_harvests(context, tmp_path):
    image = Image(context, tmp_path / "image").build()
    assert re.fullmatch(r"python:3\.1[123]-slim-\w+", image.base)
    assert image.user == "10001:10001"
    assert SECRET not in image.run("grep", "-rh", "SECRET_KEY=", ".")
    env = {
        "SECRET_KEY": "made-for-the-container-0123456789abcdef-0123456789abcdef",
        "ALLOWED_HOSTS": "catalog.example.org",
        "ALLOW_PRIVATE_NETWORKS": "127.0.0.0/8",
        "WEB_PORT": str(free_port()),
    }
    with own_database() as database:
        it_serves(image, {**env, **database})
    it_harvests(image, env, tmp_path)


def it_serves(image: Image, env: dict[str, str]) -> None:
    image.run("python", "manage.py", "migrate", **env)
    container = image.start(**env)
    try:
        it_answers(image, env)
    finally:
        stop_process(container)
    assert container.returncode == 0


def it_answers(image: Image, env: dict[str, str]) -> None:
    site = f"http://127.0.0.1:{env['WEB_PORT']}/"
    headers = {"Host": "catalog.example.org"}

    def login() -> requests.Response | None:
        try:
            return requests.get(f"{site}admin/login/", headers=headers, timeout=5)
        except requests.ConnectionError:
            return None

    page = until(login, seconds=30)
    assert page.status_code == 200
    style = re.search(r'href="(/static/[^"]+\.css)', page.text)
    assert style is not None
    assert requests.get(site + style[1][1:], headers=headers, timeout=5).ok
    assert image.run(*image.health, **env).strip() == "web: well"


def it_harvests(image: Image, env: dict[str, str], tmp_path: Path) -> None:
    with demo_provider() as provider:
        once = ("-s", provider.url("good"), "-d", str(tmp_path / "waf"))
        said = image.run("python", "manage.py", "harvest", *once, **env)
    assert said.startswith("24 discovered, 24 added")


def test_only_what_runs_is_sent_to_the_engine(context):
    (context / "harvests" / "__pycache__").mkdir(exist_ok=True)
    (context / "harvests" / "__pycache__" / "models.pyc").write_text("old")
    sent = build_context(context)
    assert {name.partition("/")[0] for name in sent} == {
        *("manage.py", "gunicorn.conf.py", "requirements.txt"),
        *("demo", "harvests", "harvestsite", "templates"),
    }
    assert not [name for name in sent if "__pycache__" in name or ".env" in name]


def test_the_data_folder_belongs_to_the_user_of_the_image():
    found = steps(ROOT / "Dockerfile")
    order = [word for word, _ in found]
    assert order.index("USER") > max(i for i, w in enumerate(order) if w == "RUN")
    assert ("RUN", "install -d -o 10001 -g 10001 /data /data/waf") in found


@pytest.mark.parametrize("name", LASTING)
def test_compose_checks_the_health_of_every_part(name):
    check = LASTING[name]["healthcheck"]
    assert check["test"][0] in {"CMD", "CMD-SHELL"}
    assert LASTING[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", SERVICES)
def test_compose_runs_commands_that_exist_on_pinned_images(name):
    service = SERVICES[name]
    for words in (service.get("command", []), service["healthcheck"].get("test", [])):
        if "manage.py" in words:
            assert words[words.index("manage.py") + 1] in get_commands()
    assert service.get("build") == ".." or re.search(r":\d+\.\d+", service["image"])


def test_compose_opens_nothing_but_the_front():
    assert [name for name, s in SERVICES.items() if "ports" in s] == ["nginx"]
    assert COMPOSE["networks"]["back"]["internal"] is True
    for name in ("redis", "mongo"):
        assert SERVICES[name]["networks"] == ["back"]


def test_compose_sets_what_the_site_knows(settings):
    names = set(SERVICES["web"]["environment"])
    assert names <= set(settings.ENVIRONMENT.variables)


def test_all_parts_mean_the_same_folder_and_port():
    image = dict(steps(ROOT / "Dockerfile"))
    nginx = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    assert "OUTPUT_DIR=/data/waf " in image["ENV"]
    assert "alias /data/waf/;" in nginx
    assert "waf:/data/waf" in SERVICES["worker"]["volumes"]
    assert SERVICES["web"]["environment"]["OUTPUT_DIR"] == "/data/waf"
    assert SERVICES["web"]["environment"]["WEB_PORT"] == image["EXPOSE"]
    assert "waf:/data/waf:ro" in SERVICES["nginx"]["volumes"]
    assert f"server web:{image['EXPOSE']};" in nginx


def test_the_checkout_holds_no_env_file_in_git():
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not re.search(r"(^|/)\.env$", listed.stdout, re.MULTILINE)
