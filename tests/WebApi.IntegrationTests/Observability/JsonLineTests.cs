using System.Text.Json;
using DataPipeline.WebApi.Observability;
using Microsoft.Extensions.Logging;
using NLog.Config;
using NLog.Extensions.Logging;
using NLog.Targets;

namespace DataPipeline.WebApi.IntegrationTests.Observability;

/// <summary>What a line of the log may look like, whatever is logged.</summary>
public sealed class JsonLineTests : IDisposable
{
    private readonly MemoryTarget _lines = new("lines") { Layout = new JsonLineLayout() };
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;

    public JsonLineTests()
    {
        _loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Trace).AddNLog(new NLogProviderOptions { IncludeScopes = true }, _ =>
        {
            var factory = new NLog.LogFactory { ThrowConfigExceptions = true };
            JsonLines.RegisterRenderers(factory);
            var configuration = new LoggingConfiguration(factory);
            configuration.AddRule(NLog.LogLevel.Trace, NLog.LogLevel.Fatal, _lines);
            factory.Configuration = configuration;
            return factory;
        }));
        _logger = _loggers.CreateLogger("Some.Component");
    }

    public static TheoryData<string> Injections => [.. new[]
    {
        "a\nb", "a\r\n{\"level\":\"error\"}", "\u001b[31mred", "\u009b2J", "\0", "\u2028\u2029", "\u202etxt.exe", "\u200b", "\ud800", "\ud83d\ude00", "Zo\u00eb", "\"},{\"", "\\n", "\b\f\t\v", "\u007f", "{0} {path} ${message}",
    }];

    [Theory]
    [MemberData(nameof(Injections))]
    public void WhateverIsLogged_IsOneLineOfAscii_ThatSaysWhatWasLogged(string text)
    {
        using var scope = _logger.BeginScope(new KeyValuePair<string, object?>[] { new("requestId", text), new("owner", text), new("route", text) });
        Log(LogLevel.Warning, $"{text} is odd", new InvalidOperationException(text), ("path", text));

        var line = Assert.Single(_lines.Logs);
        Assert.All(line, c => Assert.InRange(c, ' ', '~'));
        var logged = JsonElement.Parse(line);
        var expected = text == "\ud800" ? "\\ud800" : JsonSerializer.Serialize(text)[1..^1];
        Assert.All((string[])["path", "requestId", "owner", "route"], field => Assert.Equal(expected, Written(logged.GetProperty(field))));
        Assert.Equal("warn", logged.GetProperty("level").GetString());

        string Written(JsonElement field) => text == "\ud800" ? field.GetRawText()[1..^1] : JsonSerializer.Serialize(field.GetString())[1..^1];
    }

    [Theory]
    [InlineData("dpk_DevelopmentOnlyNeverUseThisKeyAnywhereElse03mnxNA", "dpk_***")]
    [InlineData("/x/dpk_DevelopmentOnlyNeverUseThisKeyAnywhereElse03mnxNA/y", "/x/dpk_***/y")]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_***")]
    [InlineData("Host=db;Password=hunter2;Database=x", "Host=db;Password=***;Database=x")]
    [InlineData("Host=db;pwd = hunter2", "Host=db;pwd = ***")]
    public void Secrets_AreMasked_WhereverTheyStand(string text, string masked)
    {
        using var scope = _logger.BeginScope(new KeyValuePair<string, object?>[] { new("route", text) });
        Log(LogLevel.Error, $"{text} is odd", new InvalidOperationException(text, new InvalidOperationException(text)), ("path", text));

        var line = Assert.Single(_lines.Logs);
        Assert.DoesNotContain("Development", line, StringComparison.Ordinal);
        Assert.DoesNotContain("MfKQ", line, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", line, StringComparison.Ordinal);
        var logged = JsonElement.Parse(line);
        Assert.Equal((masked, $"{masked} is odd", masked), (logged.GetProperty("path").GetString(), logged.GetProperty("message").GetString(), logged.GetProperty("route").GetString()));
    }

    [Fact]
    public void AnException_IsToldByItsParts_NotByWhatItSaysOfItselfAsAWhole()
    {
        Log(LogLevel.Error, "odd", Thrown());

        var exception = JsonElement.Parse(Assert.Single(_lines.Logs)).GetProperty("exception").GetString()!;
        Assert.Contains("outer", exception, StringComparison.Ordinal);
        Assert.Contains("inner", exception, StringComparison.Ordinal);
        Assert.Contains(nameof(Thrown), exception, StringComparison.Ordinal);
        Assert.DoesNotContain("the row", exception, StringComparison.Ordinal);

        static Exception Thrown()
        {
            try
            {
                throw new Talkative("outer", new Talkative("inner", null));
            }
            catch (Talkative thrown)
            {
                return thrown;
            }
        }
    }

    [Fact]
    public void WhatALineIsAbout_StandsInItOnce_WhetherTheMessageOrTheScopeNamesIt()
    {
        var batch = Guid.Parse("01972b4e-0000-7000-8000-000000000000");
        using var scope = _logger.BeginScope(new KeyValuePair<string, object?>[] { new("batchId", batch), new("chunkId", 5L), new("attempt", 2), new("traceId", "4bf92f3577b34da6a3ce929d0e0e4736") });
        Log(LogLevel.Information, "Chunk 6 is done with 10 records", null, ("chunkId", 6L), ("records", 10));

        var line = Assert.Single(_lines.Logs);
        var fields = JsonElement.Parse(line).EnumerateObject().Select(field => field.Name).ToList();
        Assert.Equal(fields.Distinct(), fields);
        Assert.Equal("""{"batchId":"01972b4e-0000-7000-8000-000000000000","chunkId":6,"attempt":2,"records":10}""", $"{{{line[line.IndexOf("\"batchId\"", StringComparison.Ordinal)..]}");
        Assert.Contains("\"traceId\":\"4bf92f3577b34da6a3ce929d0e0e4736\"", line, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _loggers.Dispose();
        _lines.Dispose();
    }

    private void Log(LogLevel level, string message, Exception? exception, params (string Name, object? Value)[] fields)
    {
        var state = Array.ConvertAll(fields, field => KeyValuePair.Create(field.Name, field.Value));
        _logger.Log(level, new EventId(7), state, exception, (_, _) => message);
    }

    private sealed class Talkative(string message, Exception? cause) : Exception(message, cause)
    {
        public override string ToString() => "the row";
    }
}
