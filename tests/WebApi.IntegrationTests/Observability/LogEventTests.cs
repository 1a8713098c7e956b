using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace DataPipeline.WebApi.IntegrationTests.Observability;

/// <summary>What an operator reads of events in docs/monitoring.md is what the service logs.</summary>
public sealed partial class LogEventTests
{
    private static readonly IReadOnlyList<(MethodInfo Method, LoggerMessageAttribute Event)> Events =
    [
        .. from assembly in (Assembly[])[typeof(Domain.Common.Error).Assembly, typeof(Application.DependencyInjection).Assembly, typeof(Infrastructure.DependencyInjection).Assembly, typeof(Program).Assembly]
           from type in assembly.GetTypes()
           from method in type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
           let attribute = method.GetCustomAttribute<LoggerMessageAttribute>()
           where attribute is not null
           select (method, attribute),
    ];

    [Fact]
    public void EveryEvent_IsDocumented_WithItsLevelAndName_AndNoOther()
    {
        var documented = Row().Matches(Repository.Read("docs/monitoring.md")).Select(row => (int.Parse(row.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture), row.Groups[2].Value, row.Groups[3].Value));

        Assert.Equal(Events.Select(logged => (logged.Event.EventId, NameOf(logged.Event.Level), logged.Method.Name)).Order(), documented);
    }

    [Fact]
    public void EveryEvent_HasANumberOfItsOwn() => Assert.Equal(Events.Count, Events.DistinctBy(logged => logged.Event.EventId).Count());

    [Fact]
    public void TheFieldsOfALine_BeginWithASmallLetter() => Assert.All(Events, logged => Assert.DoesNotMatch(@"\{[A-Z]", logged.Event.Message));

    private static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "error",
        LogLevel.Critical => "fatal",
        _ => level.ToString(),
    };

    [GeneratedRegex(@"^\| (\d+) \| (\w+) \| `(\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
