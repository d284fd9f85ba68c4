# One image for every role: `serve` runs the bot; other arguments are other commands of signalbox.
FROM python:3.13-slim-bookworm AS build
WORKDIR /src
RUN python -m venv /opt/signalbox
COPY requirements.txt ./
RUN /opt/signalbox/bin/pip install --no-cache-dir --require-hashes --no-deps -r requirements.txt

FROM python:3.13-slim-bookworm
LABEL org.opencontainers.image.title="Signalbox" \
      org.opencontainers.image.description="A GitHub App that keeps branches, reviews, releases and environments to the rules a team wrote down." \
      org.opencontainers.image.licenses="MIT"
RUN useradd --system --uid 10001 --home-dir /var/lib/signalbox --create-home signalbox
COPY --from=build /opt/signalbox /opt/signalbox
# Run from source: nothing is built here, so nothing is fetched but what requirements.txt pins.
COPY bot /opt/signalbox/source/bot
COPY service /opt/signalbox/source/service
COPY app.yml /opt/signalbox/source/app.yml
ENV PATH="/opt/signalbox/bin:$PATH" \
    PYTHONPATH=/opt/signalbox/source \
    PYTHONUNBUFFERED=1 \
    MALLOC_ARENA_MAX=2 \
    PORT=8080 \
    SIGNALBOX_DATA_DIR=/var/lib/signalbox
USER 10001
WORKDIR /var/lib/signalbox
VOLUME /var/lib/signalbox
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
    CMD ["python", "-c", "import os, urllib.request as web; web.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/healthz', timeout=4)"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["serve"]
