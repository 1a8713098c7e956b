using DataPipeline.Application.Batches;
using DataPipeline.Application.Common;
using DataPipeline.Application.Pipelines;
using DataPipeline.Domain.Common;
using DataPipeline.WebApi.Observability;
using Microsoft.AspNetCore.Connections;

namespace DataPipeline.WebApi.Errors;

/// <summary>Around every request: its id, the headers every answer has, one line in the log, and a body for every refusal, whoever made it.</summary>
internal sealed partial class RequestEnvelope(RequestDelegate next, IDatabase database, IIdGenerator ids, TimeProvider clock, ILogger<RequestEnvelope> logger)
{
    private const string RequestIdHeader = "X-Request-Id";
    private const int RequestIdMaxLength = 128;
    private const int ClientClosedRequest = 499;

    /// <summary>An answer that a browser shows although it is no page does nothing there. Pages have policies of their own.</summary>
    private const string NoPage = "default-src 'none'; frame-ancestors 'none'";

    public async Task InvokeAsync(HttpContext http)
    {
        var start = clock.GetTimestamp();
        var requestId = RequestIdOf(http.Request);
        using var scope = logger.BeginScope(new KeyValuePair<string, object?>[] { new("requestId", requestId) });
        http.Response.OnStarting(() =>
        {
            http.Response.Headers[RequestIdHeader] = requestId;
            http.Response.Headers.CacheControl = "no-store";
            http.Response.Headers.XContentTypeOptions = "nosniff";
            http.Response.Headers["Referrer-Policy"] = "no-referrer";
            if (http.Response.Headers.ContentSecurityPolicy.Count == 0) http.Response.Headers.ContentSecurityPolicy = NoPage;
            return Task.CompletedTask;
        });

        try
        {
            await next(http);
            if (IsBareRefusal(http.Response)) await HttpError.OfStatus(http.Response.StatusCode).ExecuteAsync(http);
        }
        catch (Exception failure) when (http.RequestAborted.IsCancellationRequested || failure is ConnectionResetException)
        {
            // The client has gone away: nobody is left to answer, and nobody is at fault.
        }
        catch (Exception failure)
        {
            await AnswerAsync(http, failure);
        }
        finally
        {
            var status = http.RequestAborted.IsCancellationRequested && !http.Response.HasStarted ? ClientClosedRequest : http.Response.StatusCode;
            Note(http, status, clock.GetElapsedTime(start).TotalMilliseconds);
        }
    }

    private void Note(HttpContext http, int status, double elapsedMs)
    {
        using var scope = RequestScope.Begin(logger, http);
        var (method, path, owner) = (http.Request.Method, http.Request.Path.Value ?? "", RequestScope.OwnerOf(http));
        if (Monitoring.IsProbe(http)) Probed(logger, method, path, status, elapsedMs);
        else Answered(logger, method, path, status, elapsedMs, owner);
    }

    private async Task AnswerAsync(HttpContext http, Exception failure)
    {
        var error = ErrorOf(failure);
        if (error.Status >= StatusCodes.Status500InternalServerError)
        {
            if (failure is SpoolUnavailableException) SpoolUnavailable(logger, failure);
            else if (failure is UnreadableConfigurationException) ConfigurationUnreadable(logger, failure);
            else if (error == HttpError.Unavailable) DatabaseOutOfReach(logger, failure);
            else Failed(logger, http.Request.Method, http.Request.Path.Value ?? "", failure);
        }

        if (http.Response.HasStarted)
        {
            // Too late for a status: the client must see that what it has is not the whole.
            http.Abort();
            return;
        }

        http.Response.Clear();
        await error.ExecuteAsync(http);
    }

    private HttpError ErrorOf(Exception failure) => failure switch
    {
        BadHttpRequestException { StatusCode: StatusCodes.Status400BadRequest } bad => HttpError.Of(Error.Validation(bad.Message)),
        BadHttpRequestException bad => HttpError.OfStatus(bad.StatusCode),
        SpoolUnavailableException or UnreadableConfigurationException => HttpError.Unavailable,
        _ when database.IsOutOfReach(failure) => HttpError.Unavailable,
        _ => HttpError.Internal,
    };

    private static bool IsBareRefusal(HttpResponse response) =>
        response is { StatusCode: >= StatusCodes.Status400BadRequest, HasStarted: false, ContentLength: null } && string.IsNullOrEmpty(response.ContentType);

    private string RequestIdOf(HttpRequest request) =>
        request.Headers[RequestIdHeader] is [{ Length: > 0 and <= RequestIdMaxLength } given] && given.All(c => c is > ' ' and <= '~') ? given : ids.NewId().ToString();

    [LoggerMessage(1000, LogLevel.Information, "{method} {path} answered {status} in {elapsedMs:0.0} ms to {owner}")]
    private static partial void Answered(ILogger logger, string method, string path, int status, double elapsedMs, string owner);

    [LoggerMessage(1001, LogLevel.Error, "{method} {path} failed")]
    private static partial void Failed(ILogger logger, string method, string path, Exception failure);

    [LoggerMessage(1002, LogLevel.Warning, "The database is out of reach")]
    private static partial void DatabaseOutOfReach(ILogger logger, Exception failure);

    // At debug: probes and scrapes come every few seconds and say nothing of the service's use.
    [LoggerMessage(1003, LogLevel.Debug, "{method} {path} answered {status} in {elapsedMs:0.0} ms")]
    private static partial void Probed(ILogger logger, string method, string path, int status, double elapsedMs);

    [LoggerMessage(1004, LogLevel.Error, "The temporary folder has no room or cannot be written: submissions that need it are refused")]
    private static partial void SpoolUnavailable(ILogger logger, Exception failure);

    [LoggerMessage(1005, LogLevel.Error, "A stored configuration cannot be decrypted with the keys that are configured")]
    private static partial void ConfigurationUnreadable(ILogger logger, Exception failure);
}
