# The worker. Both bases are arguments, so that the same file builds on images of one's own:
#   podman build --build-arg BASE_IMAGE=registry.local/aspnet:10.0 -t cuda-wasm .
# A tag beside a digest is for people: the digest is what counts. Take newer ones for security updates.
ARG BUILD_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0-noble@sha256:2fa828c68761b1b8c23d7662dc134421b9d3b59fe1425fdbc80804e390cdb24d
ARG BASE_IMAGE=mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled@sha256:48e51f2f6798897be7ac4e775c049ed8fe60d3190f637e1f9c9dc7513efa659c

FROM ${BUILD_IMAGE} AS build
ARG TARGETARCH=amd64
WORKDIR /source
COPY Directory.Build.props Directory.Packages.props ./
COPY docs/examples docs/examples
COPY src src
# A known machine has its code compiled ahead: the worker is ready sooner. Style is checked elsewhere.
RUN case "$TARGETARCH" in arm64) rid=linux-arm64 ;; *) rid=linux-x64 ;; esac \
    && dotnet publish src/CudaWasm.Host --configuration Release --runtime $rid --self-contained false -p:GenerateDocumentationFile=false -p:DebugType=none -p:RunAnalyzers=false --output /app \
    && mkdir -p /cache

FROM ${BASE_IMAGE}
LABEL org.opencontainers.image.title="cuda-wasm" \
      org.opencontainers.image.description="Compiles and runs CUDA kernels, and serves them over HTTP" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /app /app
# A volume that is mounted here for the first time takes over its owner.
COPY --from=build --chown=10001:10001 /cache /var/cache/cuda-wasm
# Without diagnostics .NET writes nothing to /tmp: the root file system may be read-only.
ENV PATH=/app:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    DOTNET_EnableDiagnostics=0 \
    CUDA_WASM_URLS=http://*:8080 \
    CUDA_WASM_CACHE=/var/cache/cuda-wasm \
    CUDA_WASM_KERNEL_STORE=/var/cache/cuda-wasm/kernels
VOLUME /var/cache/cuda-wasm
EXPOSE 8080
USER 10001:10001
ENTRYPOINT ["/app/cuda-wasm"]
CMD ["serve"]
