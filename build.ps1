#!/usr/bin/env pwsh
# ./build.ps1 [build | test | faults | coverage | client | run | publish], build unless told.
param(
    [ValidateSet('build', 'test', 'faults', 'coverage', 'client', 'run', 'publish')]
    [string] $Target = 'build'
)

$ErrorActionPreference = 'Stop'
Set-Location $PSScriptRoot

function Step {
    $command, $arguments = $args
    & $command @arguments
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
}

switch ($Target) {
    'build' {
        Step dotnet build DataPipeline.sln
    }
    'test' {
        Step dotnet test
    }
    'faults' {
        $env:DATAPIPELINE_TEST_LONG = '1'
        Step dotnet run --project tests/WebApi.IntegrationTests '--' --filter-trait Duration=Long --parallel none
    }
    'coverage' {
        Step dotnet tool restore
        Step dotnet build DataPipeline.sln
        Step dotnet test --no-build --results-directory artifacts/test --report-trx --coverlet --coverlet-output-format cobertura --coverlet-include '[DataPipeline.*]*' --coverlet-exclude '[DataPipeline.*Tests]*'
        Step dotnet reportgenerator '-reports:artifacts/test/**/*.cobertura*.xml' '-targetdir:artifacts/coverage' '-reporttypes:JsonSummary;Html' '-verbosity:Warning'
        Step dotnet run build/gate.cs '--' artifacts/test artifacts/coverage/Summary.json
    }
    'client' {
        Step dotnet build src/WebApi '-t:UpdateClient'
        Step npm '--prefix' clients/typescript ci
        Step npm '--prefix' clients/typescript run lint
        Step npm '--prefix' clients/typescript test
    }
    'run' {
        Step dotnet run --project src/WebApi
    }
    'publish' {
        Step dotnet publish src/WebApi --configuration Release --output artifacts/publish
    }
}
