# The sandbox in a container:
#   docker build -t storelab .
#   docker run --rm -p 127.0.0.1:8700:8700 -p 127.0.0.1:8701:8701 -v storelab:/data storelab
# Beyond loopback its control API wants a token, and a container is beyond: it is printed at the start.
FROM python:3.13-slim
COPY . /src
RUN pip install --no-cache-dir '/src[postgresql,verify]' && rm -rf /src \
    && useradd --create-home storelab && install -d -o storelab /data
USER storelab
ENV PACT_DO_NOT_TRACK=true PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 8700 8701
ENTRYPOINT ["storelab"]
CMD ["up", "--host", "0.0.0.0", "--data", "/data"]
