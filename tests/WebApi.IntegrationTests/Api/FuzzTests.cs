using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace DataPipeline.WebApi.IntegrationTests.Api;

public sealed class FuzzOnSqlite(SqliteApi app) : FuzzTests(app), IClassFixture<SqliteApi>;

public sealed class FuzzOnPostgres(PostgresApi app) : FuzzTests(app), IClassFixture<PostgresApi>;

/// <summary>
/// Requests that were right until something was done to them, to every route. A run is repeated with its seed in <c>FUZZ_SEED</c>, and made longer with
/// <c>FUZZ_REQUESTS</c>; both are read from the environment.
/// </summary>
public abstract partial class FuzzTests(ApiFixture app)
{
    private const int DefaultRequests = 800;

    private static readonly string[] Values =
    [
        "null", "true", "0", "-0", "1e400", "-1", "1.5", "99999999999999999999", "1E-400", "\"\"", "\" \"", "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\ufeff\"", "\"***\"", "\"{{a}}\"", "\"{{\"", "\"a.b..c\"",
        "\"%s%n\"", "\"'; DROP TABLE pipelines; --\"", "\"\\u202e\"", "\"e\u0301\"", "\"\u00e9\"", "\"\ud835\udd18\"", "[]", "{}", "[[]]", "{\"\":{}}", "{\"a\":1,\"a\":2}", "[null]", "{\"type\":\"script\"}", "{\"type\":\"set\",\"options\":{}}",
        "\"00000000-0000-0000-0000-000000000000\"", "\"2026-02-30T25:61:61Z\"", "\"(a+)+$\"", "\"(?<=x)\"", "\"%{NOTHING}\"", "NaN", "01", "'x'", "\"\t\"", "/**/1", "\"\\x\"",
        Repeat("[", 80) + Repeat("]", 80), Repeat("{\"a\":", 70) + "1" + Repeat("}", 70), $"\"{Repeat("x", 3_000)}\"", $"\"{Repeat("(", 500)}\"", $"[{Repeat("1,", 2_000)}1]",
    ];

    private static readonly string[] Texts =
    [
        "", " ", "0", "-1", "1", "1000", "1001", "99999999999", "x", "1.5", "null", "%0d%0aX-Evil:%201", "%ff%fe", "%c3%a9", "%ed%a0%80", "%2e%2e%2f", "..", "%2f", "%5c", "a%2fb", "*", "'", "\"", "%25", "%", "%zz", "%F0%9D%94%98", "1m", "7d", "8d", "0s", "99999999d",
        "active", "ACTIVE", "pending", "eyJ9", "AAAA", "____", "00000000-0000-0000-0000-000000000000", "{00000000-0000-0000-0000-000000000000}", "00000000000000000000000000000000", "+", "a&b", Repeat("9", 400), Repeat("%41", 300),
    ];

    /// <summary>In a path the server itself refuses it, before a request comes of it.</summary>
    private static readonly string[] QueryTexts = [.. Texts, "%00"];

    private static readonly (string Name, string[] Values)[] Headers =
    [
        ("Accept", ["", "*/*", "text/html", "application/x-ndjson", "application/json;q=0", ";", "application/*;q=2"]),
        ("Content-Type", ["application/json; charset=utf-16", "text/csv", "application/x-ndjson", "application/problem+json", "text/plain", "multipart/form-data", ";;", "application/json;charset=\"", ""]),
        ("Content-Encoding", ["gzip", "br", "deflate", "gzip, br", "identity", "zstd", "x", ""]),
        ("Content-Length", ["0"]),
        ("Prefer", ["wait=0", "wait=61", "wait=-1", "wait", "wait=x", ",,,", "wait=\"0\"", "respond-async; wait=1"]),
        ("If-Match", ["*", "\"1\"", "W/\"1\"", "1", "\"", "\"99999999999\"", "\"1\",", "\"\u00e9\""]),
        ("If-None-Match", ["*", "\"1\"", "W/\"1\"", "x", "\"\""]),
        ("Idempotency-Key", ["", " ", "a", "\u00e9", "a,b", "\0", Repeat("k", 256), Repeat("k", 300)]),
        ("X-Request-Id", ["", "a b", "\u00e9", Repeat("r", 500)]),
        ("traceparent", ["", "00-x", "00-00000000000000000000000000000000-0000000000000000-00", "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"]),
        ("X-HTTP-Method-Override", ["DELETE"]),
        ("X-Forwarded-For", ["::1", "x", "1.1.1.1, 2.2.2.2"]),
        ("Expect", ["100-continue", "x"]),
        ("Range", ["bytes=0-0", "x"]),
    ];

    private static readonly JsonNode[] Processors =
    [
        .. ((string[])
        [
            """{"type":"set","options":{"field":"b","value":"{{a}}"}}""",
            """{"type":"grok","options":{"field":"a","patterns":["%{NUMBER:n}"]}}""",
            """{"type":"script","options":{"source":"record.b = record.a;"}}""",
            """{"type":"foreach","options":{"field":"a","processor":{"type":"uppercase","options":{"field":"_item"}}},"ignoreFailure":true}""",
            """{"type":"convert","options":{"field":"a","type":"integer"},"onFailure":[{"type":"drop"}],"if":{"all":[{"field":"a","op":"exists"}]}}""",
            """{"type":"validate","options":{"schema":{"type":"object","properties":{"a":{"type":"string","pattern":"^a"}}}}}""",
            """{"type":"date","options":{"field":"a","formats":["ISO8601"]}}""",
            """{"type":"gsub","options":{"field":"a","pattern":"a+","replacement":"b"}}""",
        ]).Select(text => JsonNode.Parse(text)!),
    ];

    [Fact]
    public async Task WhateverIsSent_IsAnsweredAsTheContractSays_AndNeverByAFault()
    {
        var seed = Number("FUZZ_SEED") ?? Environment.TickCount;
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var owner = await app.NewOwner();
        var pipeline = (await owner.CreateActivePipeline()).Id;
        var batch = (await owner.Finished(await owner.Submit(pipeline, """[{"a":1},7]"""))).Id;
        using var http = app.Http();
        var statuses = new HashSet<int>();
        for (var i = 0; i < (Number("FUZZ_REQUESTS") ?? DefaultRequests); i++)
        {
            var asked = Ask(random, pipeline, batch);
            var what = $"seed {seed}, request {i}: {asked}";
            using var request = asked.ToMessage(owner.Key!);
            if (request is null) continue; // The client would not send it.
            try
            {
                using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
                var isStream = response.Content.Headers.ContentType?.MediaType == "text/event-stream"; // It ends when the pipeline does.
                var answer = new Answer(response.StatusCode, response.Headers, response.Content.Headers, isStream ? "" : await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
                statuses.Add((int)answer.Status);
                Judge(answer, asked.Verb, what);
            }
            catch (Exception failure) when (failure is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"{what} ended with {failure}");
            }
        }

        // Not all requests are wrong, and not all for one reason.
        Assert.Superset(new HashSet<int> { 200, 201, 202, 400, 404, 405, 415 }, statuses);
        (await owner.Get(ApiClient.Pipeline(pipeline))).Expect(System.Net.HttpStatusCode.OK);
    }

    private static void Judge(Answer answer, string verb, string what)
    {
        var status = (int)answer.Status;
        Assert.True(status < 500, $"{what} answered {status} {answer.Text}");
        answer.TellsBrowsersToBeCareful();
        if (status < 400 || verb == "HEAD") return;
        Assert.True(answer.ContentHeaders.ContentType?.ToString() == "application/json", $"{what} answered {status} as {answer.ContentHeaders.ContentType}");
        var error = answer["error"];
        Assert.True(Code().IsMatch(error.GetProperty("code").GetString()!) && !string.IsNullOrWhiteSpace(error.GetProperty("message").GetString()) && error.GetProperty("traceId").GetString()!.Length == 32, $"{what} answered {answer.Text}");
        Assert.All(error.EnumerateObject(), member => Assert.Contains(member.Name, (string[])["code", "message", "details", "traceId"]));
    }

    private static Asked Ask(Random random, string pipeline, string batch)
    {
        var (one, batches) = ($"/api/v1/pipelines/{pipeline}", $"/api/v1/pipelines/{pipeline}/batches");
        var definition = ApiClient.Definition(null, Pick(random, Processors).DeepClone());
        var config = definition["config"]!.DeepClone();
        (string Verb, string Path, string? Body)[] right =
        [
            ("POST", "/api/v1/pipelines", definition.ToJsonString()),
            ("GET", "/api/v1/pipelines?status=active&limit=5&name=x", null),
            ("GET", one, null),
            ("PUT", one, new JsonObject { ["name"] = $"fuzzed {pipeline}", ["config"] = config }.ToJsonString()),
            ("DELETE", $"/api/v1/pipelines/{Guid.Empty}", null),
            ("POST", $"{one}/start", null),
            ("GET", $"{one}/metrics?window=1h&step=1m&version=1", null),
            ("POST", "/api/v1/pipelines/simulate", new JsonObject { ["config"] = config.DeepClone(), ["records"] = new JsonArray(new JsonObject { ["a"] = "1" }), ["verbose"] = true }.ToJsonString()),
            ("POST", "/api/v1/pipelines/simulate", new JsonObject { ["config"] = config.DeepClone(), ["failuresOf"] = batch }.ToJsonString()),
            ("POST", $"{one}/simulate", """{"records":[{"a":"1"}]}"""),
            ("POST", batches, """[{"a":"1"},{"b":[1,2,{"c":null}]}]"""),
            ("POST", batches, """{"records":[{"a":"1"}]}"""),
            ("GET", $"{batches}?status=completed&limit=2", null),
            ("GET", $"{batches}/{batch}", null),
            ("GET", $"{batches}/{batch}/errors?limit=1", null),
            ("GET", $"{batches}/{batch}/records?limit=1", null),
            ("GET", $"{batches}/{batch}/events", null),
            ("POST", $"{batches}/{batch}/retry", null),
            ("POST", $"{batches}/{batch}/cancel", null),
            ("GET", "/api/v1/processors", null),
            ("GET", "/api/v1/destinations", null),
            ("GET", "/api/v1/sources", null),
        ];
        var (verb, path, text) = Pick(random, right);
        var body = text is null ? null : Encoding.UTF8.GetBytes(text);
        var headers = new List<(string, string)>();
        for (var changes = random.Next(4); changes > 0; changes--)
        {
            switch (random.Next(body is null ? 4 : 8))
            {
                case 0: path = ChangePath(random, path); break;
                case 1: path = ChangeQuery(random, path); break;
                case 2: headers.Add(Pick(random, Headers) is var (name, values) ? (name, Pick(random, values)) : default); break;
                case 3: verb = random.Next(4) == 0 ? Pick(random, (string[])["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) : verb; break;
                case 4 or 5 or 6: body = Encoding.UTF8.GetBytes(ChangeValue(random, Encoding.UTF8.GetString(body!))); break;
                default: body = ChangeBytes(random, body!); break;
            }
        }

        // What is asked about the fuzzed pipeline has to find it at the end.
        return new Asked(verb == "DELETE" && path.Contains(pipeline, StringComparison.OrdinalIgnoreCase) ? "GET" : verb, path, body, headers);
    }

    private static string ChangePath(Random random, string path)
    {
        var parts = path.Split('?');
        var segments = parts[0].Split('/');
        segments[random.Next(1, segments.Length)] = Pick(random, Texts);
        parts[0] = string.Join('/', segments);
        return string.Join('?', parts);
    }

    private static string ChangeQuery(Random random, string path) =>
        $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{Pick(random, (string[])["limit", "cursor", "status", "name", "window", "step", "version", "x", "", "limit[]"])}={Pick(random, QueryTexts)}";

    /// <summary>Puts something in the place of a value, a name or a stretch between two marks, without regard to whether JSON comes of it.</summary>
    private static string ChangeValue(Random random, string json)
    {
        var tokens = Token().Matches(json);
        if (tokens.Count == 0) return json + Pick(random, Values);
        var token = tokens[random.Next(tokens.Count)];
        return string.Concat(json.AsSpan(0, token.Index), random.Next(6) == 0 ? "" : Pick(random, Values), json.AsSpan(token.Index + token.Length));
    }

    private static byte[] ChangeBytes(Random random, byte[] body)
    {
        var at = random.Next(body.Length + 1);
        return random.Next(5) switch
        {
            0 => body[..at],
            1 => [.. body[..at], (byte)random.Next(256), .. body[at..]],
            2 => [0xEF, 0xBB, 0xBF, .. body],
            3 => [.. body, .. body],
            _ => [.. body[..at], 0xED, 0xA0, 0x80, .. body[at..]],
        };
    }

    private static T Pick<T>(Random random, IReadOnlyList<T> from) => from[random.Next(from.Count)];

    private static string Repeat(string text, int count) => new StringBuilder().Insert(0, text, count).ToString();

    private static int? Number(string variable) => int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    [GeneratedRegex("^[A-Z][A-Z_]+$")]
    private static partial Regex Code();

    [GeneratedRegex("""("[^"]*"|[0-9]+|null|true|false|\[[^\[\]]*\]|\{[^{}]*\})""")]
    private static partial Regex Token();

    private sealed record Asked(string Verb, string Path, byte[]? Body, List<(string Name, string Value)> Headers)
    {
        public override string ToString() => $"{Verb} {Path} {string.Join(' ', Headers)} {(Body is null ? "" : Convert.ToBase64String(Body))}";

        internal HttpRequestMessage? ToMessage(string key)
        {
            if (!Uri.TryCreate($"http://localhost{Path}", UriKind.Absolute, out var address)) return null;
            if (Path.Split('?')[0].Contains("%00", StringComparison.Ordinal)) return null; // The server refuses it before the service sees it.
            var message = new HttpRequestMessage(new HttpMethod(Verb), address);
            if (Body is not null)
            {
                message.Content = new ByteArrayContent(Body);
                message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            }

            message.Headers.Add("X-API-Key", key);
            foreach (var (name, value) in Headers)
            {
                if (message.Headers.TryAddWithoutValidation(name, value) || message.Content is null) continue;
                message.Content.Headers.Remove(name);
                message.Content.Headers.TryAddWithoutValidation(name, value);
            }

            return message;
        }
    }
}
