using System.Security.Claims;
using System.Text.Encodings.Web;
using DataPipeline.Application.ApiKeys;
using DataPipeline.Application.Observability;
using DataPipeline.Application.RateLimiting;
using DataPipeline.WebApi.Errors;
using MediatR;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace DataPipeline.WebApi.Security;

/// <summary>Lets in what carries a valid key. Everything under the API's path needs one, what does not exist there included.</summary>
internal sealed class ApiKeyAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, IMediator mediator, IRateLimiter limiter, ServiceMetrics metrics, IOptions<RateLimitingOptions> limits)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    internal const string SchemeName = "ApiKey";
    internal const string Header = "X-API-Key";
    private static readonly PathString ApiPath = "/api/v1";

    private HttpError _refusal = HttpError.KeyMissing;

    internal static AuthorizationPolicy Policy { get; } = new AuthorizationPolicyBuilder(SchemeName)
        .RequireAssertion(context => context.User.Identity?.IsAuthenticated == true || context.Resource is not HttpContext http || !IsApi(http))
        .Build();

    internal static bool IsApi(HttpContext http) => http.Request.Path.StartsWithSegments(ApiPath);

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (!IsApi(Context) || Request.Headers[Header] is not [{ Length: > 0 } key, ..] given) return AuthenticateResult.NoResult();
        var found = await mediator.Send(new AuthenticateApiKey(given.Count == 1 ? key : ""), Context.RequestAborted);
        if (!found.IsSuccess)
        {
            _refusal = await CountFailureAsync() ?? HttpError.Of(found.Error);
            return AuthenticateResult.Fail(found.Error.Code);
        }

        Context.Features.Set(new Caller(found.Value.Owner, found.Value.Id, found.Value.RateLimit, found.Value.RecordsLimit));
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity(SchemeName)), SchemeName));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) => _refusal.ExecuteAsync(Context);

    private async Task<HttpError?> CountFailureAsync()
    {
        var decision = await limiter.AcquireAsync($"address:{ClientAddress.NetworkOf(Context.Connection.RemoteIpAddress)}", limits.Value.OfAddress(), 1, Context.RequestAborted);
        metrics.RateLimitDecided(RateLimitPolicy.FailedAuthentication, decision.IsAllowed);
        return decision.IsAllowed ? null : HttpError.Of(RateLimitErrors.TooManyRequests(decision.RetryAfter));
    }
}
