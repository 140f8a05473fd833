# make run   the site on this machine        make test   every test, on SQLite and MongoDB
# make test-ckan   against a real CKAN, which it installs in .venv/ckan
# make test COVERAGE=yes   measures too what the tests run, as CI does
# make bench side by side with other tools   make clean  remove .venv and var
PYTHON ?= python3
VENV = .venv
BIN = $(VENV)/bin
PYTEST = $(BIN)/python -m pytest -p no:cacheprovider
# The tracer takes half as much time again: where it runs is told apart
MEASURED = $(if $(COVERAGE),--cov --cov-report=)
# All at once; the quicker ones (on SQLite) stand back
ON_MONGODB = test-mongodb-files test-mongodb-folders test-mongodb-admin
ON_SQLITE = test-sqlite-files test-sqlite-folders-admin
PRODUCTION = SECRET_KEY=$$($(BIN)/python -c "import secrets; print(secrets.token_urlsafe(60))") \
	HTTPS=true MAIL_SUPPRESS_SEND=true ALLOWED_HOSTS=catalog.example.org OUTPUT_DIR=$(VENV)/check-waf

# Where it is set, each process that the tests start compiles the project anew
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test lint check coverage test-once test-sqlite test-mongodb test-ckan ckan bench clean

run: $(VENV)/.run
	@exec $(BIN)/python -m harvests.up

test: lint check
	@echo "Six parts side by side; each says at its end how it went."
	@rm -f .coverage*
	@$(MAKE) --no-print-directory -j6 -O $(ON_MONGODB) test-once $(ON_SQLITE)
	$(if $(COVERAGE),@$(MAKE) --no-print-directory coverage)

coverage:
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --skip-covered --fail-under=95
	$(BIN)/coverage report --include='harvests/pipeline/*' --fail-under=99 --skip-covered

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

check: $(VENV)/.dev
	$(PRODUCTION) MONGO_URL= $(BIN)/python manage.py makemigrations --check --dry-run
	$(PRODUCTION) MONGO_URL= $(BIN)/python manage.py check --deploy --fail-level WARNING

test-once: $(VENV)/.tools
	TEST_DATABASE=none COVERAGE_FILE=.coverage.once $(PYTEST) $(MEASURED)

test-sqlite: $(ON_SQLITE)

test-sqlite-%: $(VENV)/.tools
	TEST_DATABASE=sqlite TEST_SHARE=$* COVERAGE_FILE=.coverage.$* \
		NOT_MEASURED='harvests/pipeline/*' nice -n 10 $(PYTEST) $(MEASURED)

test-mongodb: $(ON_MONGODB)

test-mongodb-%: $(VENV)/.tools
	TEST_DATABASE=mongodb TEST_SHARE=$* $(PYTEST)

# Not a part of `make test`: installing CKAN takes minutes, and needs PostgreSQL
test-ckan: $(VENV)/.dev ckan
	$(PYTEST) tests/ckan/walk.py tests/ckan/reading.py

ckan: $(VENV)/ckan/.done

bench: $(VENV)/.tools
	$(BIN)/python -m bench

$(VENV)/.run: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo \
		"Python 3.11 or newer is needed: set PYTHON, such as PYTHON=python3.12 make run"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

$(VENV)/.tools: $(VENV)/.dev $(VENV)/pycsw/.done tests/tools.sh
	sh tests/tools.sh
	touch $@

# Without it the tests that need it fail, and say so: Python 3.13 cannot run it
$(VENV)/pycsw/.done: $(VENV)/.run requirements-pycsw.txt
	-$(PYTHON) -m venv $(VENV)/pycsw
	-$(VENV)/pycsw/bin/pip install --quiet --disable-pip-version-check -r requirements-pycsw.txt \
		&& touch $@

$(VENV)/ckan/.done: requirements-ckan.txt tests/ckan/install.sh
	sh tests/ckan/install.sh
	$(PYTHON) -m venv $(VENV)/ckan
	$(VENV)/ckan/bin/pip install --quiet --disable-pip-version-check -r requirements-ckan.txt
	touch $@

clean:
	rm -rf $(VENV) var .coverage*
