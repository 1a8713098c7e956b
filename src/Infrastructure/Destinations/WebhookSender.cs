using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using DataPipeline.Application.Observability;
using DataPipeline.Domain.Processing;
using DataPipeline.Infrastructure.Workers;
using Microsoft.Extensions.Options;

namespace DataPipeline.Infrastructure.Destinations;

/// <summary>The connections to all receivers. Calls public addresses alone, unless the settings allow more. Thread-safe.</summary>
internal sealed class WebhookSender : IDisposable
{
    /// <summary>Receivers move; whoever checks their addresses has to look again now and then.</summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(1);
    private const int DrainedBytes = 16 * 1024;
    private const int HeadersKilobytes = 16;

    private readonly bool _allowPrivate;
    private readonly bool _sendTraceParent;
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve;
    private readonly HttpMessageInvoker _http;

    public WebhookSender(IOptions<WebhooksOptions> settings, TimeProvider clock)
        : this(settings, clock, Dns.GetHostAddressesAsync)
    {
    }

    internal WebhookSender(IOptions<WebhooksOptions> settings, TimeProvider clock, Func<string, CancellationToken, Task<IPAddress[]>> resolve)
    {
        _allowPrivate = settings.Value.AllowPrivateAddresses;
        _sendTraceParent = settings.Value.SendTraceParent;
        _resolve = resolve;
        Clock = clock;
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
            ConnectCallback = ConnectAsync,
            ConnectTimeout = ConnectTimeout,
            PooledConnectionLifetime = ConnectionLifetime,
            MaxResponseHeadersLength = HeadersKilobytes,
            MaxResponseDrainSize = DrainedBytes,
            ResponseDrainTimeout = DrainTimeout,
        });
    }

    internal TimeProvider Clock { get; }

    /// <summary>How long to wait before the next attempt.</summary>
    internal Func<int, TimeSpan> Delay { get; init; } = attempt => Backoff.After(attempt, TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(30));

    public void Dispose() => _http.Dispose();

    /// <summary>Sends one request. What a receiver answers beyond status and headers is not looked at.</summary>
    /// <exception cref="DeliveryException">The receiver's address may not be called.</exception>
    /// <exception cref="HttpRequestException">There was no answer.</exception>
    internal async Task<WebhookAnswer> SendAsync(HttpRequestMessage request, CancellationToken ct)
    {
        using var span = StartSpan(request);
        try
        {
            using var response = await _http.SendAsync(request, ct);
            Describe(span, (int)response.StatusCode);
            return new WebhookAnswer(response.StatusCode, response.Headers.RetryAfter is { } after ? after.Delta ?? (after.Date - Clock.GetUtcNow()) : null);
        }
        catch (HttpRequestException failure) when (failure.InnerException is DeliveryException refusal)
        {
            span.Fail(refusal);
            throw refusal;
        }
        catch (Exception failure)
        {
            span.Fail(failure);
            throw;
        }
    }

    /// <summary>Of the address the host and port alone: a path and a query may be what the receiver knows its callers by.</summary>
    private Activity? StartSpan(HttpRequestMessage request)
    {
        var span = ServiceTraces.StartCall(request.Method.Method);
        span?.SetTag("http.request.method", request.Method.Method).SetTag("server.address", request.RequestUri!.Host).SetTag("server.port", request.RequestUri.Port);
        if (_sendTraceParent && ServiceTraces.CurrentContext is { } context && !request.Headers.NonValidated.Contains("traceparent")) request.Headers.TryAddWithoutValidation("traceparent", context);
        return span;
    }

    private static void Describe(Activity? span, int status)
    {
        span?.SetTag("http.response.status_code", status);
        if (status >= 400) span?.SetStatus(ActivityStatusCode.Error).SetTag("error.type", status.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Connects to the very address that was checked: a name may mean another one the next time it is looked up.</summary>
    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await _resolve(host, ct);
        var allowed = Array.FindAll(addresses, address => _allowPrivate || PublicAddress.Is(address));
        if (allowed.Length == 0 && addresses.Length > 0)
            throw new DeliveryException($"The webhook's receiver {host} has no public address; others are not called.") { IsPermanent = true };

        Exception? last = null;
        foreach (var address in allowed)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), ct);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (Exception failure)
            {
                socket.Dispose();
                if (failure is not SocketException) throw;
                last = failure;
            }
        }

        throw last ?? new SocketException((int)SocketError.HostNotFound);
    }
}

/// <param name="RetryAfter">When the receiver wants to be asked again; <c>null</c> where it does not say.</param>
internal readonly record struct WebhookAnswer(HttpStatusCode Status, TimeSpan? RetryAfter)
{
    internal bool IsAccepted => (int)Status is >= 200 and < 300;

    /// <summary>A mistake of ours, or a receiver that is gone: what is said of such does not change by asking again. Neither does a redirect, which is not followed.</summary>
    internal bool IsFinal => (int)Status < 500 && Status is not (HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or (HttpStatusCode)425);
}
