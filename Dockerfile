FROM node:24.21.0-slim

# A number for the user, so that an orchestrator can see that it is not root, and a name, so that tools that ask for one get one.
RUN groupadd --gid 10001 rolecall && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin rolecall \
  && install --directory --owner rolecall --group rolecall --mode 0700 /data

WORKDIR /app
ENV NODE_ENV=production DATA_DIR=/data HEALTH_PORT=8080

# The image brings its own Node: without install scripts the one that npm would fetch (120 MB) stays out.
COPY package.json package-lock.json ./
RUN npm install --omit=dev --ignore-scripts --no-audit --no-fund && npm cache clean --force

COPY LICENSE ./
COPY bin ./bin
COPY commands ./commands
COPY migrations ./migrations
COPY src ./src

USER 10001:10001
VOLUME /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD node src/telemetry/probe.ts "http://127.0.0.1:${HEALTH_PORT}/healthz"
CMD ["node", "src/main.ts"]
