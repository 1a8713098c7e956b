using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using NLog;
using NLog.Config;
using NLog.Extensions.Logging;
using NLog.LayoutRenderers.Wrappers;
using NLog.Layouts;
using NLog.Targets;
using NLog.Targets.Wrappers;

namespace DataPipeline.WebApi.Observability;

/// <summary>Logs go to standard output, one JSON object a line. Levels are set in the section <c>Logging</c>.</summary>
internal static class JsonLines
{
    // What cannot be written in time is dropped: a log that nobody reads must not hold up the service.
    private const int QueueLimit = 10_000;

    internal static void AddJsonLines(this ILoggingBuilder logging)
    {
        logging.ClearProviders();
        logging.AddNLog(new NLogProviderOptions { RemoveLoggerFactoryFilter = false, ShutdownOnDispose = true, IncludeScopes = true }, _ => CreateFactory());
    }

    private static LogFactory CreateFactory()
    {
        var factory = new LogFactory { ThrowConfigExceptions = true };
        factory.Setup().SetupExtensions(extensions =>
        {
            extensions.RegisterLayoutRenderer("trace-id", _ => Activity.Current?.TraceId.ToHexString() ?? "");
            extensions.RegisterLayoutRenderer("span-id", _ => Activity.Current?.SpanId.ToHexString() ?? "");
            extensions.RegisterLayoutRenderer<RedactingRenderer>("redact");
        });
        var configuration = new LoggingConfiguration(factory);
        var console = new ConsoleTarget("console") { Layout = CreateLayout(), Encoding = Encoding.UTF8, AutoFlush = true };
        var target = new AsyncTargetWrapper("async", console) { QueueLimit = QueueLimit, OverflowAction = AsyncTargetWrapperOverflowAction.Discard };
        var rule = new LoggingRule("*", NLog.LogLevel.Trace, target) { FilterDefaultAction = NLog.Filters.FilterResult.Log };

        // The host's word on a start that failed says again, with a stack trace, what the last line on standard error says.
        rule.Filters.Add(new NLog.Filters.WhenMethodFilter(logged =>
            logged.LoggerName == "Microsoft.Extensions.Hosting.Internal.Host" && logged.Message.StartsWith("Hosting failed to start", StringComparison.Ordinal)
                ? NLog.Filters.FilterResult.Ignore
                : NLog.Filters.FilterResult.Neutral));
        configuration.AddRule(rule);
        factory.Configuration = configuration;
        return factory;
    }

    private static JsonLayout CreateLayout() => new()
    {
        SuppressSpaces = true,
        IncludeEventProperties = true,
        ExcludeProperties = new HashSet<string> { "EventId", "EventId_Id", "EventId_Name", "Path" }, // The path stands in the message, where keys are taken out.
        Attributes =
        {
            new JsonAttribute("time", "${date:universalTime=true:format=yyyy-MM-ddTHH\\:mm\\:ss.fffZ}"),
            new JsonAttribute("level", "${level:lowercase=true}"),
            new JsonAttribute("logger", "${logger}"),
            new JsonAttribute("event", "${event-properties:item=EventId}"),
            new JsonAttribute("message", "${redact:${message}}"),
            new JsonAttribute("traceId", "${trace-id}"),
            new JsonAttribute("spanId", "${span-id}"),
            new JsonAttribute("requestId", "${scopeproperty:requestId}"),
            new JsonAttribute("exception", "${redact:${exception:format=tostring}}"),
        },
    };
}

/// <summary>Takes API keys out of a text that is logged: none should be in it, and one that is must not be read.</summary>
[ThreadAgnostic]
internal sealed partial class RedactingRenderer : WrapperLayoutRendererBase
{
    protected override string Transform(string text) => text.Contains("dpk_", StringComparison.Ordinal) ? Key().Replace(text, "dpk_***") : text;

    [GeneratedRegex("dpk_[0-9A-Za-z]+")]
    private static partial Regex Key();
}
