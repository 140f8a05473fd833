"""Environment → Django settings. No behaviour; see README for every variable."""

import contextlib
from importlib.util import find_spec
from pathlib import Path

import environ
from django.core.management.utils import get_random_secret_key

from harvestsite.databases import bundled_redis, database
from harvestsite.environment import Environment
from harvestsite.logs import logging_from
from harvestsite.theme import UNFOLD  # noqa: F401 - a setting

BASE_DIR = Path(__file__).resolve().parent.parent
environ.Env.read_env(BASE_DIR / ".env")
ENVIRONMENT = env = Environment()
VAR_DIR = BASE_DIR / "var"

# The store and what is around it
OUTPUT_DIR = Path(env.text("OUTPUT_DIR", str(VAR_DIR / "waf"))).absolute()
WEB_PORT = env.port("WEB_PORT", 8000)
WAF_URL_ROOT = env.url(
    "WAF_URL_ROOT", f"http://localhost:{WEB_PORT}/waf/", schemes=("http", "https")
)
STALE_EXPIRATION_DAYS = env.number("STALE_EXPIRATION_DAYS", 3)
TRASH_DAYS = env.integer("TRASH_DAYS", 30)
JOB_HISTORY_DAYS = env.integer("JOB_HISTORY_DAYS", 365)

# Fetching
ALLOW_PRIVATE_NETWORKS = env.networks("ALLOW_PRIVATE_NETWORKS")
CONTACT_URL = env.matching(
    "CONTACT_URL",
    "",
    r"(https?://|mailto:)[!-~]+",
    "an address that starts with https://, http:// or mailto:",
)
CONNECTIONS_PER_HOST = env.integer("CONNECTIONS_PER_HOST", 8, least=1)
FETCH_CONNECT_TIMEOUT = env.number("FETCH_CONNECT_TIMEOUT", 15, least=0.1)
FETCH_IDLE_TIMEOUT = env.number("FETCH_IDLE_TIMEOUT", 30, least=1)
FETCH_TOTAL_TIMEOUT = env.number("FETCH_TOTAL_TIMEOUT", 300, least=1)
ROBOTS_MAX_DELAY = env.number("ROBOTS_MAX_DELAY", 10)
MAX_RECORD_BYTES = env.integer("MAX_RECORD_BYTES", 20_000_000, least=1000)
MAX_LISTING_PAGES = env.integer("MAX_LISTING_PAGES", 10_000, least=1)
MAX_RECORDS = env.integer("MAX_RECORDS", 1_000_000, least=1)

# Scheduling
ENABLE_CRON = env.flag("ENABLE_CRON", True)
CRON_STRING = env.cron("CRON_STRING")
HARVEST_INIT = env.flag("HARVEST_INIT", False)
WORKERS = env.integer("WORKERS", 2, least=1)

# CKAN
CKAN_API = env.url("CKAN_API", schemes=("http", "https"))
CKAN_API_KEY = env.text("CKAN_API_KEY")

# Mail
EMAIL_HOST = env.text("MAIL_SERVER", "localhost")
EMAIL_PORT = env.port("MAIL_PORT", 25)
EMAIL_USE_TLS = env.flag("MAIL_USE_TLS", False)
EMAIL_USE_SSL = env.flag("MAIL_USE_SSL", False)
EMAIL_HOST_USER = env.text("MAIL_USERNAME")
EMAIL_HOST_PASSWORD = env.text("MAIL_PASSWORD")
DEFAULT_FROM_EMAIL = env.text("MAIL_DEFAULT_SENDER", "harvesting@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_TIMEOUT = 30
MAIL_MAX_EMAILS = env.integer("MAIL_MAX_EMAILS", 100, least=1)
MAIL_DEBUG = env.flag("MAIL_DEBUG", False)
MAIL_ASCII_ATTACHMENTS = env.flag("MAIL_ASCII_ATTACHMENTS", False)
MAIL_SUPPRESS_SEND = env.flag("MAIL_SUPPRESS_SEND", False)
EMAIL_BACKEND = "django.core.mail.backends.{}.EmailBackend".format(
    "dummy" if MAIL_SUPPRESS_SEND else "smtp"
)

# The site
DEBUG = env.flag("DEBUG", False)
SECRET_KEY = env.text("SECRET_KEY")
SECRET_KEY_IS_RANDOM = not SECRET_KEY
if not SECRET_KEY:
    SECRET_KEY = get_random_secret_key()
SECRETS_KEY = env.names("SECRETS_KEY")
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.names("CSRF_TRUSTED_ORIGINS")
SITE_URL = env.url(
    "SITE_URL", f"http://localhost:{WEB_PORT}/", schemes=("http", "https")
)
HTTPS = env.flag("HTTPS", False)
SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_FAILURE_VIEW = "harvests.error_pages.no_token"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
BEHIND_PROXY = env.flag("BEHIND_PROXY", False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# The API
API_REQUESTS_PER_MINUTE = env.integer("API_REQUESTS_PER_MINUTE", 300, least=1)

# Storage
MONGO_URL = env.matching(
    "MONGO_URL",
    "",
    r"mongodb(\+srv)?://[^/]+/[\w-]+(\?.*)?",
    "mongodb://HOST[:PORT]/DATABASE",
)
SQLITE_PATH = Path(env.text("SQLITE_PATH", str(VAR_DIR / "harvesting.sqlite3")))
DATABASES = {"default": database(MONGO_URL, SQLITE_PATH)}
ON_MONGODB = bool(MONGO_URL)
DEFAULT_AUTO_FIELD = (
    "harvestsite.mongodb.ObjectIdAutoField"
    if ON_MONGODB
    else "django.db.models.BigAutoField"
)
MIGRATION_MODULES = (
    {
        app: f"harvestsite.mongo_migrations.{app}"
        for app in ("admin", "auth", "contenttypes", "django_rq")
    }
    if ON_MONGODB
    else {}
)

# The queue
REDIS_URL = env.url(
    "REDIS_URL", bundled_redis(VAR_DIR), schemes=("redis", "rediss", "unix")
)
STALLED_AFTER = env.integer("STALLED_AFTER", 45, least=5)
JOB_TIMEOUT = env.integer("JOB_TIMEOUT", 24 * 3600, least=60)
RQ_QUEUES = {
    name: {"URL": REDIS_URL, "DEFAULT_TIMEOUT": JOB_TIMEOUT}
    for name in ("default", "housekeeping")
}
RQ = {"COMMIT_MODE": "on_db_commit", "WORKER_CLASS": "harvests.workers.HarvestWorker"}
RQ_SHOW_ADMIN_LINK = False

INSTALLED_APPS = [
    "unfold",
    *(
        f"harvestsite.apps.Mongo{app}" if ON_MONGODB else path
        for app, path in (
            ("Admin", "harvestsite.apps.Admin"),
            ("Auth", "django.contrib.auth"),
            ("ContentTypes", "django.contrib.contenttypes"),
            ("RQ", "django_rq"),
        )
    ),
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "harvests",
]
MIDDLEWARE = [
    "harvests.api.middleware.Problems",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
NINJA = Path(str(find_spec("ninja").origin)).parent  # see harvests.api.site.Page
ROOT_URLCONF = "harvestsite.urls"
WSGI_APPLICATION = "harvestsite.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates", NINJA / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTHENTICATION_BACKENDS = ["harvests.signin.SignIn"]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "about"
LANGUAGE_CODE = "en"
USE_I18N = True
FORMAT_MODULE_PATH = "harvestsite.formats"
TIME_ZONE = env.time_zone("TIME_ZONE")
USE_TZ = True
STATIC_URL = "static/"
STATICFILES_DIRS = [NINJA / "static"]
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(VAR_DIR / "static")))
with contextlib.suppress(OSError):  # whitenoise warns where there is no folder
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)
WHITENOISE_USE_FINDERS = True
LOGGING = logging_from(env, "LOG_CFG")
