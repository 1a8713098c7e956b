using System.Reflection;
using DataPipeline.Domain.Common;

namespace DataPipeline.WebApi.Security;

/// <summary>For whom the request acts, by which key.</summary>
/// <param name="RateLimit">Requests per window; <c>null</c> for the service's default.</param>
/// <param name="RecordsLimit">Records that may be submitted a minute; <c>null</c> for any number.</param>
internal sealed record Caller(OwnerId Owner, Guid KeyId, int? RateLimit, int? RecordsLimit) : IBindableFromHttpContext<Caller>
{
    public static ValueTask<Caller?> BindAsync(HttpContext context, ParameterInfo parameter) => ValueTask.FromResult(context.Features.Get<Caller>());
}
