using System.Buffers;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Destinations;

/// <summary>The headers that a configuration may add to its requests.</summary>
internal static class WebhookHeaders
{
    private const int MaxHeaders = 50;
    private const int MaxValueLength = 8_000;
    private const int MaxNameLength = 200;
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>What frames or routes the request, or says what the service itself says.</summary>
    private static readonly string[] Reserved =
    [
        "Connection", "Expect", "Forwarded", "Host", "Idempotency-Key", "Keep-Alive", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Via",
    ];

    private static readonly string[] ReservedPrefixes = ["Content-", "Proxy-", "webhook-", ":"];

    internal static IEnumerable<OptionProblem> FindFaults(IReadOnlyDictionary<string, string> headers)
    {
        if (headers.Count > MaxHeaders) yield return new OptionProblem("headers", "TOO_MANY", $"headers may have at most {MaxHeaders} entries.");
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in headers)
        {
            if (FaultOf(name, value) is { } fault) yield return new OptionProblem($"headers.{name}", "INVALID_VALUE", fault);
            else if (!names.Add(name)) yield return new OptionProblem($"headers.{name}", "INVALID_VALUE", $"{name} is given more than once.");
        }
    }

    internal static void AddTo(HttpRequestMessage request, IReadOnlyDictionary<string, string> headers)
    {
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value)) request.Content!.Headers.TryAddWithoutValidation(name, value);
        }
    }

    private static string? FaultOf(string name, string value)
    {
        if (name.Length is 0 or > MaxNameLength || name.AsSpan().ContainsAnyExcept(NameCharacters)) return "This is no name of a header.";
        if (Reserved.Contains(name, StringComparer.OrdinalIgnoreCase) || ReservedPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))) return $"{name} is set by the service.";
        if (value.Length > MaxValueLength) return $"The value of {name} may have at most {MaxValueLength} characters.";
        return value.AsSpan().ContainsAnyExceptInRange(' ', '~') ? $"The value of {name} may have visible ASCII characters and spaces alone." : null;
    }
}
