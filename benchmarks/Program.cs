using System.Globalization;
using DataPipeline.Benchmarks;
using DataPipeline.Benchmarks.Soak;

switch (args)
{
    case ["orders", var count]:
        await using (var output = Console.OpenStandardOutput()) await output.WriteAsync(Orders.AsNdJson(0, int.Parse(count, CultureInfo.InvariantCulture)));
        return 0;
    case ["processes"]:
        await ProcessesBenchmark.RunAsync();
        return 0;
    case ["reader"]:
        await ReaderBenchmark.RunAsync();
        return 0;
    case ["processors"] or ["processors", _]:
        ProcessorBenchmark.Run(args.ElementAtOrDefault(1));
        return 0;
    case ["schema"]:
        SchemaBenchmark.Run();
        return 0;
    case ["telemetry"] or ["telemetry", "sqlite" or "postgres"]:
        await TelemetryBenchmark.RunAsync(args.ElementAtOrDefault(1));
        return 0;
    case ["queue"]:
        await QueueBenchmark.RunAsync(await BenchmarkDatabase.PostgresAsync());
        return 0;
    case ["soak"] or ["soak", _] or ["soak", _, _]:
        return await SoakTest.RunAsync(TimeSpan.FromMinutes(double.Parse(args.ElementAtOrDefault(1) ?? "60", CultureInfo.InvariantCulture)), args.ElementAtOrDefault(2)) ? 0 : 1;
    case ["claims"]:
        await ClaimBenchmark.RunAsync(await BenchmarkDatabase.PostgresAsync());
        return 0;
    case ["limiter"]:
        await RateLimiterBenchmark.RunAsync();
        return 0;
    case [] or ["sqlite"] or ["postgres"]:
        if (args is not ["postgres"]) await EndToEnd.RunAsync("SQLite", await BenchmarkDatabase.SqliteAsync());
        if (args is not ["sqlite"]) await EndToEnd.RunAsync("PostgreSQL", await BenchmarkDatabase.PostgresAsync());
        return 0;
    default:
        await Console.Error.WriteLineAsync("Usage: [sqlite | postgres | processes | reader | schema | limiter | queue | claims | processors [<type>] | telemetry [sqlite | postgres] | soak [<minutes> [<file of samples>]] | orders <count>]");
        return 2;
}
