# The service, without a build step: Node runs the TypeScript as it is. The base image is a variable, so that a registry of one's own fits.
ARG NODE_IMAGE=node:24.21.0-slim

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM ${NODE_IMAGE}
# the tunables are those that bin/arenascope.js would start a second process to set
ENV NODE_ENV=production ARENASCOPE_HOST=0.0.0.0 GLIBC_TUNABLES=glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=1048576
WORKDIR /app
# mount points of volumes, which take their owner from here
RUN mkdir -p /run/arenascope /var/lib/arenascope && chown node:node /run/arenascope && chown 65534:65534 /var/lib/arenascope
COPY --from=dependencies /app/node_modules node_modules
COPY package.json ./
COPY bin bin
COPY scenarios scenarios
COPY src src
USER node
EXPOSE 3000
HEALTHCHECK --interval=5s --timeout=4s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.ARENASCOPE_PORT ?? 3000}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# node is process 1 and gets SIGTERM itself: the command must not be wrapped in a shell that stays
ENTRYPOINT ["node", "bin/arenascope.js"]
CMD ["serve"]
