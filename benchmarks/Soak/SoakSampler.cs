using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace DataPipeline.Benchmarks.Soak;

/// <summary>Looks at what the processes and the database take up, again and again.</summary>
internal sealed class SoakSampler
{
    private const double Mebibyte = 1 << 20;
    private const string HeapMetric = "dotnet_gc_last_collection_heap_size_bytes{";
    private const string Tables = """
        SELECT coalesce(sum(n_dead_tup) FILTER (WHERE relname = 'batch_chunks'), 0)::bigint, coalesce(sum(n_dead_tup) FILTER (WHERE relname <> 'batch_chunks'), 0)::bigint,
          coalesce(sum(pg_total_relation_size(relid)) FILTER (WHERE relname = 'batch_chunks'), 0)::bigint, coalesce(sum(pg_total_relation_size(relid)) FILTER (WHERE relname <> 'batch_chunks'), 0)::bigint,
          (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')
        FROM pg_stat_user_tables
        """;

    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly IReadOnlyList<Watched> _processes;
    private readonly NpgsqlDataSource _database;
    private readonly string _files;

    // Up until the next visit of autovacuum and down again; what vacuum never reaches would grow by two thirds of its median.
    private readonly SoakSeries _deadChunks = new("dead rows of the queue", 0.4, 2_000);
    private readonly SoakSeries _deadRows = new("dead rows of other tables", 0.4, 5_000);
    private readonly SoakSeries _queueSize = new("size of the queue, MiB", 0.1, 4);
    private readonly SoakSeries _tableSize = new("size of other tables, MiB", 0.1, 16);
    private readonly SoakSeries _connections = new("connections to the database", 0.1, 5);
    private readonly SoakSeries _filesLeft = new("files under Files:Root", 0.1, 32);

    /// <param name="processes">The processes by name, each with its temporary folder.</param>
    /// <param name="files">The folder of the <c>file</c> destination.</param>
    internal SoakSampler(IEnumerable<(string Name, ServiceProcess Process, string Temporary)> processes, NpgsqlDataSource database, string files)
    {
        _processes = [.. processes.Select(process => new Watched(process.Name, process.Process, process.Temporary))];
        (_database, _files) = (database, files);
    }

    internal IEnumerable<SoakSeries> Series => [.. _processes.SelectMany(process => process.Series), _deadChunks, _deadRows, _queueSize, _tableSize, _connections, _filesLeft];

    /// <summary>Takes a sample of everything; of nothing where something cannot be read.</summary>
    internal async Task SampleAsync()
    {
        var seconds = Stopwatch.GetElapsedTime(_start).TotalSeconds;
        var values = new List<(SoakSeries Series, double Value)>();
        foreach (var process in _processes) values.AddRange(await process.SampleAsync());
        await using (var tables = _database.CreateCommand(Tables))
        await using (var row = await tables.ExecuteReaderAsync())
        {
            await row.ReadAsync();
            values.AddRange([
                (_deadChunks, row.GetInt64(0)), (_deadRows, row.GetInt64(1)), (_queueSize, row.GetInt64(2) / Mebibyte), (_tableSize, row.GetInt64(3) / Mebibyte), (_connections, row.GetInt64(4)),
                (_filesLeft, FilesIn(_files))]);
        }

        foreach (var (series, value) in values) series.Add(seconds, value);
    }

    internal async Task WriteAsync(string path)
    {
        var series = Series.ToList();
        await using var file = new StreamWriter(path);
        await file.WriteLineAsync("seconds," + string.Join(',', series.Select(s => $"\"{s.Name}\"")));
        for (var i = 0; i < series.Min(s => s.Samples.Count); i++)
            await file.WriteLineAsync(string.Join(',', series.Select(s => s.Samples[i].Value).Prepend(series[0].Samples[i].Seconds).Select(value => value.ToString("F1", CultureInfo.InvariantCulture))));
    }

    private static int FilesIn(string folder) => Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None }).Count();

    private sealed class Watched(string name, ServiceProcess process, string temporary)
    {
        private readonly SoakSeries _resident = new($"{name}: resident memory, MiB", 0.1, 16);
        private readonly SoakSeries _heap = new($"{name}: managed heap, MiB", 0.1, 8);
        private readonly SoakSeries _handles = new($"{name}: handles", 0.1, 10);
        private readonly SoakSeries _threads = new($"{name}: threads", 0.1, 5);
        private readonly SoakSeries _temporaryFiles = new($"{name}: temporary files", 0.1, 5);

        internal IEnumerable<SoakSeries> Series => [_resident, _heap, _handles, _threads, _temporaryFiles];

        internal async Task<(SoakSeries Series, double Value)[]> SampleAsync()
        {
            var metrics = await process.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative));
            var heap = metrics.Split('\n').Where(line => line.StartsWith(HeapMetric, StringComparison.Ordinal)).Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
            var folder = string.Create(CultureInfo.InvariantCulture, $"/proc/{process.Id}");
            return [
                (_resident, process.ResidentMemory / Mebibyte), (_heap, heap / Mebibyte), (_handles, Directory.GetFiles($"{folder}/fd").Length), (_threads, Directory.GetDirectories($"{folder}/task").Length),
                (_temporaryFiles, FilesIn(temporary))];
        }
    }
}
