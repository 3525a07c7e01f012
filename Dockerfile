# Targets: demo (the demonstration) and worker (the default).
ARG DOTNET_SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0
ARG DOTNET_ASPNET_IMAGE=mcr.microsoft.com/dotnet/aspnet:10.0
ARG DOTNET_DEPS_IMAGE=mcr.microsoft.com/dotnet/runtime-deps:10.0

FROM ${DOTNET_SDK_IMAGE} AS restore
WORKDIR /source
# Only what decides about packages, so that this layer stays as long as they do.
COPY Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY src/Contracts/Contracts.csproj src/Contracts/packages.lock.json src/Contracts/
COPY src/Persistence/Persistence.csproj src/Persistence/packages.lock.json src/Persistence/
COPY src/Worker/Worker.csproj src/Worker/packages.lock.json src/Worker/
COPY tools/Infrastructure/Infrastructure.csproj tools/Infrastructure/packages.lock.json tools/Infrastructure/
COPY examples/dotnet/Example.csproj examples/dotnet/Directory.*.props examples/dotnet/
COPY demo/Demo.csproj demo/packages.lock.json demo/
RUN dotnet restore demo/Demo.csproj --locked-mode

FROM restore AS publish
COPY src/ src/
COPY tools/Infrastructure/ tools/Infrastructure/
COPY examples/dotnet/ examples/dotnet/
COPY demo/ demo/
# The worker is compiled with its own runtime, as one: that takes some minutes. The lock file that was held above names no
# runtime: here it has another one.
RUN dotnet publish demo/Demo.csproj -c Release --no-restore -o /publish/demo \
 && dotnet publish examples/dotnet/Example.csproj -c Release --no-restore -o /publish/demo/kit \
 && dotnet publish src/Worker/Worker.csproj -c Release -o /publish/worker --use-current-runtime --self-contained \
    -p:PublishDocumentationFile=false -p:PublishReferencesDocumentationFiles=false

FROM ${DOTNET_ASPNET_IMAGE} AS demo
WORKDIR /demo
COPY --from=publish /publish/demo/ ./
USER $APP_UID
ENTRYPOINT ["dotnet", "VoiceWorker.Demo.dll"]

FROM ${DOTNET_DEPS_IMAGE} AS worker
WORKDIR /worker
COPY --from=publish /publish/worker/ ./
# The base image's HTTP_PORTS would be overruled by --urls with a warning.
ENV ASPNETCORE_HTTP_PORTS=
USER $APP_UID
EXPOSE 8080
STOPSIGNAL SIGTERM
# bash speaks HTTP well enough; the base image has no curl.
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=6 CMD ["bash", "-c", \
    "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /health/ready HTTP/1.0\r\n\r\n' >&3 && read -r _ status _ <&3 && [ \"$status\" = 200 ]"]
ENTRYPOINT ["./VoiceWorker"]
CMD ["run", "--urls", "http://0.0.0.0:8080"]
