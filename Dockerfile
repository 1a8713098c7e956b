# syntax=docker/dockerfile:1

FROM mcr.microsoft.com/dotnet/sdk:10.0-noble AS build
WORKDIR /source
ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

# What the restore depends on comes first, so that a change of code does not repeat it.
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY src/Domain/DataPipeline.Domain.csproj src/Domain/
COPY src/Application/DataPipeline.Application.csproj src/Application/
COPY src/Infrastructure/DataPipeline.Infrastructure.csproj src/Infrastructure/
COPY src/WebApi/DataPipeline.WebApi.csproj src/WebApi/
RUN --mount=type=cache,target=/root/.nuget/packages dotnet restore src/WebApi

COPY src src
COPY samples/orders.* samples/
RUN --mount=type=cache,target=/root/.nuget/packages dotnet publish src/WebApi --no-restore --configuration Release --output /app

# No shell, no package manager; with time zones and cultures, which the date processor needs.
FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled-extra
WORKDIR /app
COPY --from=build /app ./

# The one folder that is written to, and the user that owns it.
ENV ASPNETCORE_HTTP_PORTS=8080 \
    ConnectionStrings__Sqlite="Data Source=/home/app/data/datapipeline.db" \
    Files__Root=/home/app/data/files \
    TMPDIR=/home/app/tmp
VOLUME /home/app
USER $APP_UID
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["dotnet", "DataPipeline.WebApi.dll", "health"]
ENTRYPOINT ["dotnet", "DataPipeline.WebApi.dll"]
