# The site in one image: web, workers and scheduler differ by their command only.
# docker build -t catalog-harvesting .   All parts together: deploy/compose.yaml
FROM python:3.12-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app

COPY requirements.txt ./
RUN pip install --quiet -r requirements.txt
RUN install -d -o 10001 -g 10001 /data /data/waf

COPY . .
ENV OUTPUT_DIR=/data/waf \
    SQLITE_PATH=/data/harvesting.sqlite3 \
    STATIC_ROOT=/app/static \
    WEB_HOST=0.0.0.0
RUN python manage.py collectstatic --no-input --verbosity 0

USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=60s --timeout=20s --start-period=30s --start-interval=5s \
    CMD python manage.py health web
CMD ["gunicorn", "harvestsite.wsgi"]
