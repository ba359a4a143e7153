# docker build -t covidcxr .
# docker run -p 8080:8080 -v covidcxr-data:/data covidcxr     another port: -p 9000:8080
#
# It serves and trains on the CPU. For an NVIDIA GPU: --build-arg TORCH_BACKEND=cuda at the build, --gpus all at the run; not tried.

FROM mcr.microsoft.com/dotnet/sdk:10.0-noble AS build
ARG TORCH_BACKEND=cpu
WORKDIR /source
COPY . .
RUN dotnet publish src/CovidCxr.Web -c Release -r linux-x64 --self-contained false -p:TorchBackend=${TORCH_BACKEND} -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble
RUN apt-get update \
 && apt-get install -y --no-install-recommends curl dcmtk libcharls2 libgomp1 libopenjp2-7 \
 && rm -rf /var/lib/apt/lists/* \
 && install -d -o app -g app /data
COPY --from=build /app /app
WORKDIR /app
ENV ASPNETCORE_ENVIRONMENT=Production \
    ASPNETCORE_HTTP_PORTS=8080 \
    Storage__DataFolder=/data
USER app
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD curl -fsS http://localhost:8080/health/alive || exit 1
ENTRYPOINT ["dotnet", "CovidCxr.Web.dll"]
