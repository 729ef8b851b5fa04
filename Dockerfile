# One image for every part of the service: `python manage.py start ROLE` decides which part a container is.
# There is no HEALTHCHECK here, because it differs from part to part: docker-compose.yml has them.

ARG PYTHON_IMAGE=python:3.13.15-slim-trixie

FROM ${PYTHON_IMAGE} AS builder
WORKDIR /app
# The environment does without pip: nothing is installed at run time.
RUN python -m venv --without-pip /opt/venv
COPY requirements.txt requirements-pdf.txt ./
# Source maps and the sources of translations are a fifth of it, and nothing here reads them.
RUN python -m pip --python /opt/venv/bin/python install --no-cache-dir --require-hashes -r requirements.txt -r requirements-pdf.txt \
    && find /opt/venv \( -name '*.map' -o -name '*.po' \) -delete
# Packages of the operator's own, if the folder `apps` asks for some; none may replace one of ours. The brackets let
# the folder and the file be missing.
COPY app[s]/requirements.tx[t] apps/
RUN [ ! -f apps/requirements.txt ] || { \
    python -m pip --python /opt/venv/bin/python freeze > /tmp/ours.txt \
    && python -m pip --python /opt/venv/bin/python install --no-cache-dir -c /tmp/ours.txt -r apps/requirements.txt; }
# .dockerignore names what this brings. It is compiled here because the service cannot write to its own code, and all of it
# can be read, whoever cloned it.
COPY . .
RUN rm requirements*.txt misc/venv.py && chmod -R a+rX . && python -m compileall -q .


# For the git hooks, where there is no .venv: what `make` would make there. No part of the service is built on it.
FROM ${PYTHON_IMAGE} AS dev
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git make \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --create-home punctual
# Postgres, which the tests start, refuses to run as root.
USER punctual
ENV MYPY_CACHE_DIR=/home/punctual/.cache/mypy
RUN mkdir /home/punctual/.cache /home/punctual/snapshot
WORKDIR /home/punctual/snapshot
COPY --chown=punctual requirements*.txt ./
COPY --chown=punctual misc/venv.py misc/
RUN python misc/venv.py


FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="Punctual" \
      org.opencontainers.image.description="A self-hosted task-scheduling service that any program can use over HTTP" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="MIT"
# A new volume for files takes over the owner of the folder that it is mounted on.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin punctual \
    && install -d -o punctual -m 700 /var/lib/punctual
COPY --from=builder /opt/venv /opt/venv
COPY --from=builder /app /app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
# By number, so that an orchestrator can see that it is not root.
USER 10001
CMD ["python", "manage.py", "start", "web"]
