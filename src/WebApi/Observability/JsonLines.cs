using System.Diagnostics;
using System.Globalization;
using System.Text;
using NLog;
using NLog.Config;
using NLog.Extensions.Logging;
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

    /// <summary>What <see cref="JsonLineLayout"/> needs and the library does not have.</summary>
    internal static void RegisterRenderers(LogFactory factory) => factory.Setup().SetupExtensions(extensions =>
    {
        extensions.RegisterLayoutRenderer("trace-id", _ => Activity.Current?.TraceId.ToHexString() ?? "");
        extensions.RegisterLayoutRenderer("span-id", _ => Activity.Current?.SpanId.ToHexString() ?? "");
    });

    private static LogFactory CreateFactory()
    {
        var factory = new LogFactory { ThrowConfigExceptions = true };
        RegisterRenderers(factory);
        var configuration = new LoggingConfiguration(factory);
        var console = new ConsoleTarget("console") { Layout = new JsonLineLayout(), Encoding = Encoding.UTF8, AutoFlush = true };
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
}

/// <summary>
/// An event as one line of ASCII without secrets. Whatever a caller gets into a message, a path or a name, there is no line break, no control character
/// and no direction mark in it that could make a terminal or a reader see something else.
/// </summary>
internal sealed class JsonLineLayout : JsonLayout
{
    /// <summary>What a line knows of its request or chunk, whether the message names it or the scope it was written in.</summary>
    private static readonly string[] Context = ["requestId", "owner", "route", "batchId", "pipelineId"];
    private static readonly string[] NumericContext = ["chunkId", "attempt"];

    public JsonLineLayout()
    {
        SuppressSpaces = true;
        IncludeEventProperties = true;
        ExcludeProperties = new HashSet<string>(["EventId", "EventId_Id", "EventId_Name", "EventName", .. Context, .. NumericContext], StringComparer.OrdinalIgnoreCase);
        Add("time", "${date:universalTime=true:format=yyyy-MM-ddTHH\\:mm\\:ss.fffZ}");
        Add("level", "${level:lowercase=true}");
        Add("logger", "${logger}");
        Attributes.Add(new JsonAttribute("event", "${event-properties:item=EventId}", encode: false));
        Add("eventName", "${event-properties:item=EventName}");
        Add("message", "${message}");
        Add("traceId", "${trace-id:whenEmpty=${scopeproperty:traceId}}");
        Add("spanId", "${span-id}");
        foreach (var name in Context) Add(name, FromMessageOrScope(name));
        foreach (var name in NumericContext) Attributes.Add(new JsonAttribute(name, FromMessageOrScope(name), encode: false));

        // By its parts: what an exception says of itself as a whole may hold the row it failed at.
        Add("exception", "${exception:format=type,message,stacktrace:separator=\n:innerFormat=type,message,stacktrace:maxInnerExceptionLevel=10:innerExceptionSeparator=\n--- caused by\n}");
    }

    protected override void RenderFormattedMessage(LogEventInfo logEvent, StringBuilder target)
    {
        var start = target.Length;
        base.RenderFormattedMessage(logEvent, target);
        var line = Redaction.Of(target.ToString(start, target.Length - start));
        target.Length = start;
        foreach (var c in line)
        {
            if (c is >= ' ' and <= '~') target.Append(c);
            else target.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
        }
    }

    private static string FromMessageOrScope(string name) => $"${{event-properties:item={name}:whenEmpty=${{scopeproperty:{name}}}}}";

    private void Add(string name, string layout) => Attributes.Add(new JsonAttribute(name, layout));
}
