using System.Buffers;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Net.Http.Headers;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Destinations;

internal sealed record WebhookOptions : IValidatedOptions
{
    private const int MaxUrlLength = 2_000;

    [Description("Where to send the records: an http or https address without user and password.")]
    public required string Url { get; init; }

    [Description("Headers that go with every request. Their values are write-only.")]
    [Secret]
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    [Description("The key that signs requests after the Standard Webhooks specification: whsec_ and base64, or any text. Write-only.")]
    [Secret]
    public string? Secret { get; init; }

    [Description("How long one attempt may take, in milliseconds.")]
    [Range(10, 120_000)]
    public int TimeoutMs { get; init; } = 10_000;

    [Description("How many records go into one request at most.")]
    [Range(1, 10_000)]
    public int MaxRecordsPerRequest { get; init; } = 1_000;

    [Description("How often a request is tried before the batch fails.")]
    [Range(1, 20)]
    public int MaxAttempts { get; init; } = 8;

    public IEnumerable<OptionProblem> Validate()
    {
        if (FaultOfUrl() is { } fault) yield return new OptionProblem("url", "INVALID_VALUE", fault);
        if (Secret is not null && WebhookSignature.Of(Secret) is null) yield return new OptionProblem("secret", "INVALID_VALUE", $"secret must not be empty, and base64 behind {WebhookSignature.SecretPrefix}.");
        foreach (var problem in WebhookHeaders.FindFaults(Headers ?? new Dictionary<string, string>())) yield return problem;
    }

    private string? FaultOfUrl()
    {
        if (Url.Length > MaxUrlLength) return $"url may have at most {MaxUrlLength} characters.";
        if (!Uri.TryCreate(Url, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Host.Length == 0) return "url must be an absolute http or https address.";
        if (Url.Any(c => char.IsControl(c) || char.IsWhiteSpace(c))) return "url must not contain white space or control characters.";
        return url.UserInfo.Length > 0 ? "url must not carry a user or password; put credentials into headers, which are write-only." : null;
    }
}

/// <summary>
/// Posts the records as JSON arrays. A request's key says which records it holds: it is the same however often it is tried, also after a crash, so that a receiver
/// that remembers keys takes its records once, and none is lost where requests are cut otherwise the next time.
/// </summary>
[Destination("webhook", "1.0", Description = "Posts records as JSON arrays to an address, signed: at least once.")]
[Example("""{ "type": "webhook", "options": { "url": "https://example.com/orders", "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" } }""")]
internal sealed class WebhookDestination(WebhookOptions options, WebhookSender sender) : IDestination
{
    /// <summary>A receiver that asks for a longer pause is asked earlier.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(60);

    private readonly Uri _url = new(options.Url);
    private readonly WebhookSignature? _signature = options.Secret is { } secret ? WebhookSignature.Of(secret) : null;

    public async ValueTask DeliverAsync(DeliveryChunk chunk, CancellationToken cancellationToken)
    {
        for (var first = 0; first < chunk.Records.Count; first += options.MaxRecordsPerRequest)
        {
            var count = Math.Min(options.MaxRecordsPerRequest, chunk.Records.Count - first);
            var key = string.Create(CultureInfo.InvariantCulture, $"{chunk.BatchId}-{chunk.Records[first].RecordIndex}-{chunk.Records[first + count - 1].RecordIndex}-{count}");
            var body = BodyOf(chunk.Records, first, count);
            await PostAsync(key, body, cancellationToken);
        }
    }

    private async Task PostAsync(string key, ReadOnlyMemory<byte> body, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (refusal, asked) = await TryPostAsync(key, body, ct);
            if (refusal is null) return;
            if (attempt >= options.MaxAttempts) throw Refused($"{refusal} It was tried {(attempt == 1 ? "once" : $"{attempt} times")}.");
            var pause = sender.Delay(attempt);
            if (asked > pause) pause = asked.Value < LongestPause ? asked.Value : LongestPause;
            await Task.Delay(pause, sender.Clock, ct);
        }
    }

    /// <returns>Why the receiver did not take the request, <c>null</c> where it did; and how long it asked to be left alone.</returns>
    private async Task<(string? Refusal, TimeSpan? Asked)> TryPostAsync(string key, ReadOnlyMemory<byte> body, CancellationToken ct)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromMilliseconds(options.TimeoutMs), sender.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        using var request = RequestOf(key, body);
        try
        {
            var answer = await sender.SendAsync(request, either.Token);
            if (answer.IsAccepted) return (null, null);
            var refusal = string.Create(CultureInfo.InvariantCulture, $"The webhook's receiver answered {(int)answer.Status}.");
            return answer.IsFinal ? throw Refused(refusal) : (refusal, answer.RetryAfter);
        }
        catch (Exception failure) when (failure is OperationCanceledException or HttpRequestException && timeout.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            return (string.Create(CultureInfo.InvariantCulture, $"The webhook's receiver did not answer within {options.TimeoutMs} ms."), null);
        }
        catch (HttpRequestException failure)
        {
            return ($"The webhook's receiver could not be reached ({failure.HttpRequestError}).", null);
        }
    }

    private HttpRequestMessage RequestOf(string key, ReadOnlyMemory<byte> body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, _url) { Content = new ReadOnlyMemoryContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (options.Headers is { } headers) WebhookHeaders.AddTo(request, headers);
        if (!request.Headers.NonValidated.Contains("User-Agent")) request.Headers.Add("User-Agent", "DataPipeline/1.0");
        var timestamp = sender.Clock.GetUtcNow().ToUnixTimeSeconds();
        request.Headers.Add("Idempotency-Key", key);
        request.Headers.Add("webhook-id", key);
        request.Headers.Add("webhook-timestamp", timestamp.ToString(CultureInfo.InvariantCulture));
        if (_signature is not null) request.Headers.Add("webhook-signature", _signature.Sign(key, timestamp, body.Span));
        return request;
    }

    private static ReadOnlyMemory<byte> BodyOf(IReadOnlyList<DeliveryRecord> records, int first, int count)
    {
        var length = count + 1;
        for (var i = first; i < first + count; i++) length += records[i].Json.Length;
        var body = new ArrayBufferWriter<byte>(length);
        for (var i = first; i < first + count; i++)
        {
            body.Write(i == first ? "["u8 : ","u8);
            body.Write(records[i].Json.Span);
        }

        body.Write("]"u8);
        return body.WrittenMemory;
    }

    private static DeliveryException Refused(string reason) => new(reason) { IsPermanent = true };
}
