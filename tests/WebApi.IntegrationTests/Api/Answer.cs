using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace DataPipeline.WebApi.IntegrationTests.Api;

/// <summary>What the service answered. Whatever is asked of it, a failure shows the whole body.</summary>
public sealed record Answer(HttpStatusCode Status, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders, string Text)
{
    public JsonElement Json => JsonElement.Parse(Text);

    public JsonElement this[string member] => Json.GetProperty(member);

    public string Id => this["id"].GetString()!;

    public string? Etag => Headers.ETag?.ToString();

    public bool IsRefusal => (int)Status >= 400;

    public string? ErrorCode => Text.Length > 0 && Json.TryGetProperty("error", out var error) ? error.GetProperty("code").GetString() : null;

    public JsonElement[] Items => [.. this["items"].EnumerateArray()];

    public string? NextCursor => this["nextCursor"].GetString();

    public string? Header(string name) => Headers.TryGetValues(name, out var values) || ContentHeaders.TryGetValues(name, out values) ? string.Join(",", values) : null;

    public Answer Expect(HttpStatusCode status)
    {
        Assert.True(Status == status, $"Expected {(int)status}, was {(int)Status}: {Text}");
        return this;
    }

    /// <summary>A refusal with this status and code, in the envelope every refusal has.</summary>
    public Answer Refused(HttpStatusCode status, string code)
    {
        Expect(status);
        Assert.True(ErrorCode == code, $"Expected {code}: {Text}");
        Assert.Equal("application/json", ContentHeaders.ContentType?.ToString());
        var error = this["error"];
        Assert.False(string.IsNullOrWhiteSpace(error.GetProperty("message").GetString()), Text);
        Assert.Matches("^[0-9a-f]{32}$", error.GetProperty("traceId").GetString());
        Assert.True(!error.TryGetProperty("details", out var details) || details.GetArrayLength() > 0, Text);
        return this;
    }

    /// <summary>What every answer says, whatever was asked: not to be stored, guessed at, framed or told of, and not by what software it was made.</summary>
    public void TellsBrowsersToBeCareful()
    {
        Assert.Equal(("no-store", "nosniff", "no-referrer"), (Header("Cache-Control"), Header("X-Content-Type-Options"), Header("Referrer-Policy")));
        Assert.StartsWith("default-src 'none'; ", Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.EndsWith("frame-ancestors 'none'", Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.All(["Server", "X-Powered-By", "Access-Control-Allow-Origin"], name => Assert.Null(Header(name)));
    }

    /// <summary>The detail on a field.</summary>
    public JsonElement Detail(string field)
    {
        var details = this["error"].TryGetProperty("details", out var all) ? all.EnumerateArray().ToArray() : [];
        Assert.True(details.Any(detail => detail.GetProperty("field").GetString() == field), $"No detail on {field}: {Text}");
        return details.First(detail => detail.GetProperty("field").GetString() == field);
    }
}
