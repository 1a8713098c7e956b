using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;
using DataPipeline.WebApi.Errors;

namespace DataPipeline.WebApi.IntegrationTests.Api;

/// <summary>What callers read of codes in docs/errors.md is what the service answers.</summary>
public sealed partial class ErrorCodeTests
{
    private static readonly string Page = Repository.Read("docs/errors.md");

    /// <summary>Texts of the code that look like codes and are none, or reach nobody.</summary>
    private static readonly HashSet<string> NoCodes =
    [
        "API_KEY_AMBIGUOUS", "API_KEY_IN_CONFIGURATION", "API_KEY_NOT_FOUND", "API_KEY_NOT_USABLE", "API_KEY_REPLACED", // The command line prints their messages.
        "CREATED", "KIND", "NAME", "OWNER", "PLUGIN", "PREFIX", "STATE", "TYPE", "VERSION", // Columns of its lists.
        "ASCII", "CREDIT_CARD", "EMAIL", "IBAN", "IPV4", "ISO8601", "MD5", "PHONE", "UNIX", "UNIX_MS", "UTC", // What options may name.
        "BLOB", "INTEGER", "JSON", "METRICS", "N0", "REAL", "TE", "TEXT", "TRACES", "X2", "X4", // Formats and names of others.
        "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_SDK_DISABLED", "REGEX_DEFAULT_MATCH_TIMEOUT", "TRUSTED_PLATFORM_ASSEMBLIES",
        "COVERLET_ENABLETRACKERLOG", // What measuring coverage writes into the assemblies.
    ];

    [Fact]
    public void EveryRefusalOfTheDocument_StandsInTheTableOfRequests_WithItsStatus()
    {
        var described =
            from it in ApiDocument.CheckedIn.Operations
            from response in it.Operation.GetProperty("responses").EnumerateObject()
            let contents = ApiDocument.CheckedIn.Resolve(response.Value)
            where contents.TryGetProperty("content", out var content) && content.TryGetProperty("application/json", out var json) && json.TryGetProperty("examples", out _)
            from code in contents.GetProperty("content").GetProperty("application/json").GetProperty("examples").EnumerateObject()
            select $"{response.Name} {code.Name}";
        var ofRouting = ((HttpError[])[HttpError.RouteNotFound, HttpError.MethodNotAllowed]).Select(refusal => $"{refusal.Status} {refusal.Code}");

        Assert.Equal(described.Concat(ofRouting).Distinct().Order(StringComparer.Ordinal), RequestRow().Matches(Page).Select(row => $"{row.Groups[1].Value} {row.Groups[2].Value}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void EveryCodeInTheCode_IsDocumented_AndNoOther()
    {
        var written = Texts().Where(text => WholeCode().IsMatch(text)).Except(NoCodes).ToList();
        var documented = Page.Split('\n').Where(line => line.StartsWith('|')).SelectMany(line => Code().Matches(string.Join('|', line.Split('|')[1..3]))).Select(code => code.Groups[1].Value).ToList();

        Assert.True(!written.Except(documented).Any(), $"Not documented: {string.Join(", ", written.Except(documented))}");
        Assert.True(!documented.Except(written).Any(), $"Not in the code: {string.Join(", ", documented.Except(written))}");
    }

    /// <summary>Every text that stands in the code of the service.</summary>
    private static IEnumerable<string> Texts()
    {
        foreach (var assembly in (Assembly[])[typeof(Domain.Common.Error).Assembly, typeof(Application.DependencyInjection).Assembly, typeof(Infrastructure.DependencyInjection).Assembly, typeof(Program).Assembly])
        {
            using var file = new PEReader(File.OpenRead(assembly.Location));
            var metadata = file.GetMetadataReader();
            for (var text = metadata.GetNextHandle(default(UserStringHandle)); !text.IsNil; text = metadata.GetNextHandle(text)) yield return metadata.GetUserString(text);
        }
    }

    [GeneratedRegex(@"^\| (\d{3}) \| `([A-Z_]+)` \|", RegexOptions.Multiline)]
    private static partial Regex RequestRow();

    [GeneratedRegex("`([A-Z][A-Z0-9_]+)`")]
    private static partial Regex Code();

    [GeneratedRegex("^[A-Z][A-Z0-9]+(_[A-Z0-9]+)*$")]
    private static partial Regex WholeCode();
}
