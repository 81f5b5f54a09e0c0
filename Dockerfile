# Two stages: wheels with checked hashes, then a small image that runs as nobody in particular.
# The base image is named by tag: its digest was not known to us when this was written, and an
# invented one would be worse. Pin it where the image is built: --build-arg BASE=python@sha256:…
ARG BASE=python:3.11-slim

FROM ${BASE} AS build
WORKDIR /src
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/build && python -m venv /opt/rotations
COPY requirements.lock requirements-dev.lock ./
RUN /opt/rotations/bin/pip install --require-hashes -r requirements.lock
RUN /opt/build/bin/pip install --require-hashes -r requirements-dev.lock
COPY pyproject.toml README.md LICENSE ./
COPY api api
COPY data data
COPY models models
COPY scheduler scheduler
RUN PYTHON=/opt/build/bin/python sh api/pages/assets/fetch.sh
RUN /opt/build/bin/python -m hatchling build -t wheel -d /wheel \
    && /opt/rotations/bin/pip install --no-deps /wheel/*.whl \
    && /opt/rotations/bin/python -m compileall -q /opt/rotations/lib

FROM ${BASE}
COPY --from=build /opt/rotations /opt/rotations
RUN install -d -o 10001 -g 10001 -m 0700 /var/lib/rotations
ENV PATH=/opt/rotations/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    ROTATIONS_DATA_DIR=/var/lib/rotations
USER 10001
WORKDIR /tmp
VOLUME /var/lib/rotations
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "-c", \
    "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/livez', timeout=4)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["rotations"]
CMD ["serve", "--host", "0.0.0.0"]
