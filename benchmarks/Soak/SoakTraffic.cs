using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace DataPipeline.Benchmarks.Soak;

/// <summary>
/// What the users of an installation do, at a pace: they submit in every format to every destination, good records and bad ones, repeat themselves, cancel, retry,
/// redefine, pause and delete, watch and read. Everything that is accepted is followed to its end, and each record looked for where it should be.
/// </summary>
internal sealed class SoakTraffic(IReadOnlyList<SoakOwner> owners, SoakReceiver receiver, string files, SoakLedger ledger, int seed) : IDisposable
{
    private const int MaxUnderWay = 64;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan WatchTime = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LastOnes = TimeSpan.FromMinutes(3);
    private readonly SemaphoreSlim _places = new(MaxUnderWay);
    private int _runs;

    public void Dispose() => _places.Dispose();

    internal async Task RunAsync(CancellationToken enough)
    {
        var homes = new List<Home>();
        foreach (var owner in owners) homes.Add(await SettleAsync(owner));
        (string Name, int Weight, Func<Home, Random, Task> Do)[] deeds =
        [
            ("store", 30, StoreAsync),
            ("file", 10, FileAsync),
            ("webhook", 10, WebhookAsync),
            ("all bad", 4, AllBadAsync),
            ("error policy", 4, ErrorPolicyAsync),
            ("refused", 3, RefusedAsync),
            ("cancel", 5, CancelAsync),
            ("retry", 5, RetryAsync),
            ("repeat", 5, RepeatAsync),
            ("redefine", 4, RedefineAsync),
            ("pause", 4, PauseAsync),
            ("watch a batch", 4, WatchBatchAsync),
            ("watch a pipeline", 2, WatchPipelineAsync),
            ("read", 8, ReadAsync),
            ("ask wrongly", 4, AskWronglyAsync),
        ];
        var dice = new Random(seed);
        var table = deeds.SelectMany(deed => Enumerable.Repeat(deed, deed.Weight)).ToArray();
        while (!enough.IsCancellationRequested)
        {
            var (deed, home, own) = (table[dice.Next(table.Length)], homes[dice.Next(homes.Count)], new Random(dice.Next()));
            if (_places.Wait(0, CancellationToken.None)) _ = DoAsync(deed.Name, () => deed.Do(home, own));
            await Task.Delay(Pace, enough).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        using var last = new CancellationTokenSource(LastOnes);
        try
        {
            for (var i = 0; i < MaxUnderWay; i++) await _places.WaitAsync(last.Token);
        }
        catch (OperationCanceledException)
        {
            ledger.Fault($"The last of what was begun did not end within {LastOnes}.");
        }
    }

    private async Task DoAsync(string name, Func<Task> deed)
    {
        try
        {
            await deed();
        }
        catch (Exception failure)
        {
            ledger.Fault($"{name}: {failure.Message}");
        }
        finally
        {
            _places.Release();
        }
    }

    private async Task<Home> SettleAsync(SoakOwner owner) => new(
        owner,
        await CreateAsync(owner, "store", new { type = "store" }),
        await CreateAsync(owner, "file", new { type = "file", options = new { path = "{{batch.id}}", compression = "gzip" } }),
        await CreateAsync(owner, "webhook", new { type = "webhook", options = new { url = $"{receiver.Url}/orders", secret = "a secret of the soak", maxRecordsPerRequest = 200 } }),
        await CreateAsync(owner, "refused", new { type = "webhook", options = new { url = $"{receiver.Url}/refuse" } }),
        await CreateAsync(owner, "strict", new { type = "store" }, new { maxFailedRecords = 1 }));

    private static async Task<string> CreateAsync(SoakOwner owner, string name, object destination, object? errorPolicy = null)
    {
        var created = await owner.PostAsync("pipelines", Definition(name, destination, errorPolicy), HttpStatusCode.Created);
        var pipeline = $"pipelines/{created.Json.GetProperty("id").GetString()}";
        await owner.PostAsync($"{pipeline}/start", null, HttpStatusCode.OK);
        return pipeline;
    }

    private static object Definition(string name, object destination, object? errorPolicy = null, string edition = "first") => new
    {
        name,
        config = new
        {
            source = new { type = "api" },
            processors = new object[]
            {
                new { type = "drop", @if = new { field = "status", equals = "cancelled" } },
                new { type = "convert", options = new { field = "n", type = "integer" } },
                new { type = "convert", options = new { field = "amount", type = "double" } },
                new { type = "set", options = new { field = "edition", value = edition } },
            },
            destination,
            errorPolicy,
        },
    };

    private SoakRecords Records(int count, bool allBad = false) => new(string.Create(CultureInfo.InvariantCulture, $"run-{Interlocked.Increment(ref _runs)}"), count, allBad);

    private async Task StoreAsync(Home home, Random dice)
    {
        var records = Records(dice.Next(20) == 0 ? dice.Next(5_000, 15_000) : dice.Next(10, 500));
        var content = dice.Next(4) switch { 0 => records.AsJson(), 1 => records.AsCsv(), 2 => records.AsGzip(), _ => records.AsNdJson() };
        var batch = await SubmitAsync(home.Owner, home.Store, content);
        await EndAsync(home.Owner, batch, records, "completed");
        await CheckStoredAsync(home.Owner, batch, records);
        await CheckFailedAsync(home.Owner, batch, records);
        ledger.Finish(batch.Id);
    }

    private async Task FileAsync(Home home, Random dice)
    {
        var records = Records(dice.Next(10, 3_000));
        var batch = await SubmitAsync(home.Owner, home.File, records.AsNdJson());
        await EndAsync(home.Owner, batch, records, "completed");
        var folder = Path.Combine(files, batch.Id.ToString());
        Require(File.Exists(Path.Combine(folder, "_SUCCESS")), batch, "has no _SUCCESS");
        var written = new List<int>();
        foreach (var part in Directory.EnumerateFiles(folder, "part-*").Order(StringComparer.Ordinal))
        {
            using var lines = new StreamReader(new GZipStream(File.OpenRead(part), CompressionMode.Decompress));
            while (await lines.ReadLineAsync() is { } line) written.Add(JsonElement.Parse(line).GetProperty("n").GetInt32());
        }

        Require(written.SequenceEqual(records.Delivered), batch, $"wrote {written.Count} records into files, of {records.Delivered.Count}");
        Directory.Delete(folder, true);
        ledger.Finish(batch.Id);
    }

    private async Task WebhookAsync(Home home, Random dice)
    {
        var records = Records(dice.Next(10, 1_000));
        var batch = await SubmitAsync(home.Owner, home.Webhook, records.AsJson());
        await EndAsync(home.Owner, batch, records, "completed");
        var taken = receiver.Collect(records.Run);
        Require(taken.SequenceEqual(records.Delivered), batch, $"sent {taken.Count} records, of {records.Delivered.Count}");
        ledger.Finish(batch.Id);
    }

    private async Task AllBadAsync(Home home, Random dice)
    {
        var records = Records(dice.Next(10, 500), allBad: true);
        var batch = await SubmitAsync(home.Owner, home.Store, records.AsJson());
        await EndAsync(home.Owner, batch, records, "failed", "ALL_RECORDS_FAILED");
        await CheckFailedAsync(home.Owner, batch, records);
        ledger.Finish(batch.Id);
    }

    private async Task ErrorPolicyAsync(Home home, Random dice)
    {
        var batch = await SubmitAsync(home.Owner, home.Strict, Records(dice.Next(200, 1_000)).AsNdJson());
        await EndAsync(home.Owner, batch, null, "failed", "ERROR_THRESHOLD_EXCEEDED");
        ledger.Finish(batch.Id);
    }

    private async Task RefusedAsync(Home home, Random dice)
    {
        var batch = await SubmitAsync(home.Owner, home.Refused, Records(dice.Next(10, 200)).AsNdJson());
        await EndAsync(home.Owner, batch, null, "failed", "DESTINATION_FAILED");
        ledger.Finish(batch.Id);
    }

    private async Task CancelAsync(Home home, Random dice)
    {
        var batch = await SubmitAsync(home.Owner, home.Store, Records(dice.Next(2_000, 10_000)).AsNdJson());
        await home.Owner.PostAsync($"{batch.Path}/cancel", null, HttpStatusCode.Accepted, HttpStatusCode.Conflict);
        var ended = await EndAsync(home.Owner, batch, null, "cancelled or completed");
        var stored = await ReadStoredAsync(home.Owner, batch);
        Require(stored.Count == ended.GetProperty("deliveredCount").GetInt32() && stored.Distinct().Count() == stored.Count, batch, $"holds {stored.Count} records: {ended}");
        ledger.Finish(batch.Id);
    }

    private async Task RetryAsync(Home home, Random dice)
    {
        var records = Records(dice.Next(100, 500));
        var batch = await SubmitAsync(home.Owner, home.Store, records.AsNdJson());
        await EndAsync(home.Owner, batch, records, "completed");
        var retry = Accepted(await home.Owner.PostAsync($"{batch.Path}/retry", null, HttpStatusCode.Accepted), home.Store);
        Require(retry.Count == records.Failed.Count, retry, $"has {retry.Count} records of {records.Failed.Count} failed ones");
        await EndAsync(home.Owner, retry, Records(retry.Count, allBad: true), "failed", "ALL_RECORDS_FAILED");
        ledger.Finish(batch.Id);
        ledger.Finish(retry.Id);
    }

    /// <summary>The same submission several times at once, to several processes: one batch.</summary>
    private async Task RepeatAsync(Home home, Random dice)
    {
        var records = Records(dice.Next(10, 500));
        (string, string)[] key = [("Idempotency-Key", records.Run)];
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => home.Owner.SendAsync(HttpMethod.Post, $"{home.Store}/batches", records.AsNdJson(), key, HttpStatusCode.Accepted, HttpStatusCode.Conflict)));
        var accepted = answers.Where(answer => answer.Status == HttpStatusCode.Accepted).ToList();
        var batch = Accepted(accepted[0], home.Store);
        Require(accepted.All(answer => answer.Json.GetProperty("id").GetGuid() == batch.Id), batch, "is not the only one for its idempotency key");
        await EndAsync(home.Owner, batch, records, "completed");
        await CheckStoredAsync(home.Owner, batch, records);
        ledger.Finish(batch.Id);
    }

    private async Task RedefineAsync(Home home, Random dice)
    {
        var shown = await home.Owner.GetAsync(home.Store, HttpStatusCode.OK);
        var definition = JsonSerializer.Serialize(Definition("store", new { type = "store" }, edition: string.Create(CultureInfo.InvariantCulture, $"edition {dice.Next()}")), JsonSerializerOptions.Web);
        await home.Owner.SendAsync(HttpMethod.Put, home.Store, Json(definition), [("If-Match", shown.ETag!)], HttpStatusCode.OK, HttpStatusCode.PreconditionFailed);
    }

    /// <summary>A pipeline of its own, from its creation to its deletion.</summary>
    private async Task PauseAsync(Home home, Random dice)
    {
        var records = Records(dice.Next(500, 2_000));
        var pipeline = await CreateAsync(home.Owner, records.Run, new { type = "store" });
        var batch = await SubmitAsync(home.Owner, pipeline, records.AsNdJson());
        await home.Owner.PostAsync($"{pipeline}/stop", null, HttpStatusCode.OK);
        await home.Owner.PostAsync($"{pipeline}/batches", Records(10).AsNdJson(), HttpStatusCode.Conflict);
        await home.Owner.PostAsync($"{pipeline}/start", null, HttpStatusCode.OK);
        await EndAsync(home.Owner, batch, records, "completed");
        await CheckStoredAsync(home.Owner, batch, records);
        await home.Owner.SendAsync(HttpMethod.Delete, pipeline, null, [], HttpStatusCode.NoContent);
        await home.Owner.GetAsync(batch.Path, HttpStatusCode.NotFound);
    }

    private async Task WatchBatchAsync(Home home, Random dice)
    {
        var records = Records(dice.Next(500, 2_000));
        var batch = await SubmitAsync(home.Owner, home.Store, records.AsNdJson());
        var events = await home.Owner.WatchAsync($"{batch.Path}/events", CancellationToken.None);
        Require(events.Count > 0 && events[^1] == "finished", batch, $"told {string.Join(", ", events)}");
        await EndAsync(home.Owner, batch, records, "completed");
        ledger.Finish(batch.Id);
    }

    private async Task WatchPipelineAsync(Home home, Random dice)
    {
        using var unwanted = new CancellationTokenSource(WatchTime * dice.NextDouble() + TimeSpan.FromSeconds(5));
        var events = await home.Owner.WatchAsync($"{home.Store}/events", unwanted.Token);
        if (!events.Contains("pipeline")) throw new InvalidOperationException($"The stream of a pipeline told {string.Join(", ", events)}.");
    }

    private static async Task ReadAsync(Home home, Random dice)
    {
        foreach (var path in (string[])["pipelines?limit=200", home.Store, $"{home.Store}/batches?limit=50", $"{home.Store}/metrics?window=1h&step=1m", "processors", "destinations"]) await home.Owner.GetAsync(path, HttpStatusCode.OK);
        var records = new SoakRecords("tried", dice.Next(1, 100));
        var tried = JsonSerializer.Serialize(new { records = Enumerable.Range(0, records.Count).Select(n => new { n, amount = "1" }), verbose = true }, JsonSerializerOptions.Web);
        await home.Owner.PostAsync($"{home.Store}/simulate", Json(tried), HttpStatusCode.OK);
    }

    private static async Task AskWronglyAsync(Home home, Random dice)
    {
        await home.Owner.PostAsync("pipelines", Json("{\"name\":"), HttpStatusCode.BadRequest);
        await home.Owner.PostAsync("pipelines", Definition("wrong", new { type = "nowhere" }), HttpStatusCode.BadRequest);
        await home.Owner.PostAsync($"{home.Store}/batches", Json("[]"), HttpStatusCode.BadRequest);
        await home.Owner.PostAsync($"{home.Store}/batches", Json("{\"records\":[{\"n\":1},"), HttpStatusCode.BadRequest);
        await home.Owner.GetAsync($"{home.Store}/batches/{dice.Next()}", HttpStatusCode.NotFound);
        await home.Owner.SendAsync(HttpMethod.Patch, home.Store, null, [], HttpStatusCode.MethodNotAllowed);
    }

    private async Task<Submitted> SubmitAsync(SoakOwner owner, string pipeline, HttpContent content) =>
        Accepted(await owner.PostAsync($"{pipeline}/batches", content, HttpStatusCode.Accepted), pipeline);

    private Submitted Accepted(SoakOwner.Answer answer, string pipeline)
    {
        var batch = answer.Json;
        var (id, count) = (batch.GetProperty("id").GetGuid(), batch.GetProperty("recordCount").GetInt32());
        ledger.Accept(count);
        return new Submitted(id, $"{pipeline}/batches/{id}", count);
    }

    /// <summary>Waits for the end of the batch, and checks that its counts add up.</summary>
    /// <param name="records">What was submitted, where every record is processed.</param>
    private async Task<JsonElement> EndAsync(SoakOwner owner, Submitted batch, SoakRecords? records, string status, string? code = null)
    {
        JsonElement ended;
        do ended = (await owner.SendAsync(HttpMethod.Get, batch.Path, null, [("Prefer", "wait=30")], HttpStatusCode.OK)).Json;
        while (ended.GetProperty("status").GetString() is "pending" or "processing");

        var (processed, delivered, dropped, failed) = (Count("processedCount"), Count("deliveredCount"), Count("droppedCount"), Count("failedCount"));
        ledger.Account(processed, batch.Count - processed);
        Require(status.Contains(ended.GetProperty("status").GetString()!, StringComparison.Ordinal), batch, $"is not {status}: {ended}");
        Require(code is null || ended.GetProperty("error").GetProperty("code").GetString() == code, batch, $"does not say {code}: {ended}");
        Require(processed == delivered + dropped + failed && processed <= batch.Count, batch, $"does not add up: {ended}");
        Require(records is null || (delivered, dropped, failed) == (records.Delivered.Count, records.Dropped, records.Failed.Count), batch, $"has other counts than it should: {ended}");
        return ended;

        int Count(string property) => ended.GetProperty(property).GetInt32();
    }

    private static async Task CheckStoredAsync(SoakOwner owner, Submitted batch, SoakRecords records)
    {
        var stored = await ReadStoredAsync(owner, batch);
        Require(stored.SequenceEqual(records.Delivered), batch, $"holds {stored.Count} records of {records.Delivered.Count}");
    }

    private static async Task<List<int>> ReadStoredAsync(SoakOwner owner, Submitted batch)
    {
        var stored = await owner.SendAsync(HttpMethod.Get, $"{batch.Path}/records", null, [("Accept", "application/x-ndjson")], HttpStatusCode.OK);
        return [.. stored.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line).GetProperty("n").GetInt32())];
    }

    private static async Task CheckFailedAsync(SoakOwner owner, Submitted batch, SoakRecords records)
    {
        var failed = new List<int>();
        for (var cursor = ""; cursor is not null;)
        {
            var page = (await owner.GetAsync($"{batch.Path}/errors?limit=200{cursor}", HttpStatusCode.OK)).Json;
            failed.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("recordIndex").GetInt32()));
            cursor = page.GetProperty("nextCursor").GetString() is { } next ? $"&cursor={Uri.EscapeDataString(next)}" : null;
        }

        Require(failed.SequenceEqual(records.Failed), batch, $"tells of {failed.Count} failed records, of {records.Failed.Count}");
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, MediaTypeHeaderValue.Parse("application/json"));

    private static void Require(bool holds, Submitted batch, string otherwise)
    {
        if (!holds) throw new InvalidOperationException($"Batch {batch.Id} {otherwise}.");
    }

    /// <summary>An owner with pipelines that last.</summary>
    private sealed record Home(SoakOwner Owner, string Store, string File, string Webhook, string Refused, string Strict);

    private sealed record Submitted(Guid Id, string Path, int Count);
}
