# The sandbox in a container; docs/container.md has more of it.
#   docker build -t storelab .
#   docker run --rm -p 127.0.0.1:8700:8700 -p 127.0.0.1:8701:8701 -v storelab:/data storelab
FROM python:3.13-slim AS wheel
COPY . /src
RUN pip wheel --no-deps --wheel-dir /wheel /src

FROM python:3.13-slim
RUN useradd --uid 1000 --create-home storelab && install -d -o storelab /data /work
# What it needs is a layer of its own, which stays when only storelab changes.
COPY pyproject.toml /tmp/
RUN --mount=type=cache,target=/root/.cache/pip \
    python -c "import tomllib; known = tomllib.load(open('/tmp/pyproject.toml', 'rb'))['project']; \
more = known['optional-dependencies']; \
print(*known['dependencies'], *more['otel'], *more['postgresql'], *more['redis'], *more['verify'], sep='\n')" > /tmp/needed \
    && pip install --root-user-action=ignore -r /tmp/needed && rm /tmp/needed
COPY --from=wheel /wheel /wheel
RUN pip install --root-user-action=ignore --no-cache-dir --no-deps /wheel/*.whl && pip check

USER storelab
ENV PACT_DO_NOT_TRACK=true PYTHONUNBUFFERED=1
WORKDIR /work
VOLUME /data
EXPOSE 8700 8701 8702
ENTRYPOINT ["storelab"]
CMD ["up", "--host", "0.0.0.0", "--data", "/data"]
