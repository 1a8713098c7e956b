using System.Globalization;
using System.Reflection;
using DataPipeline.Domain.Common;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace DataPipeline.WebApi.Http;

/// <summary><c>If-Match</c>: the versions that may be replaced. Compared strongly, so a weak tag matches none.</summary>
/// <param name="Versions"><c>null</c> for any.</param>
internal sealed record IfMatch(IReadOnlyCollection<int>? Versions, Error? Fault) : IBound, IBindableFromHttpContext<IfMatch>
{
    public static ValueTask<IfMatch?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var tags = EntityTags.Read(HeaderNames.IfMatch, context.Request.Headers.IfMatch);
        if (!tags.IsSuccess) return ValueTask.FromResult<IfMatch?>(new IfMatch(null, tags.Error));
        return ValueTask.FromResult<IfMatch?>(new IfMatch(tags.Value?.Where(tag => !tag.IsWeak).Select(EntityTags.VersionOf).OfType<int>().ToArray(), null));
    }
}

/// <summary><c>If-None-Match</c>: the versions the caller has already. Compared weakly.</summary>
/// <param name="Versions"><c>null</c> where the header is absent.</param>
internal sealed record IfNoneMatch(IReadOnlyCollection<int>? Versions, bool Any, Error? Fault) : IBound, IBindableFromHttpContext<IfNoneMatch>
{
    public static ValueTask<IfNoneMatch?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var header = context.Request.Headers.IfNoneMatch;
        var tags = EntityTags.Read(HeaderNames.IfNoneMatch, header);
        return ValueTask.FromResult<IfNoneMatch?>(
            tags.IsSuccess ? new IfNoneMatch(tags.Value?.Select(EntityTags.VersionOf).OfType<int>().ToArray(), header.Count > 0 && tags.Value is null, null) : new IfNoneMatch(null, false, tags.Error));
    }

    internal bool Has(int version) => Any || Versions?.Contains(version) == true;
}

internal static class EntityTags
{
    internal static string Of(int version) => string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");

    /// <returns>The tags; <c>null</c> where the header is absent or <c>*</c>.</returns>
    internal static Result<IReadOnlyList<EntityTagHeaderValue>?> Read(string header, StringValues values)
    {
        if (values.Count == 0) return Result<IReadOnlyList<EntityTagHeaderValue>?>.Success(null);
        if (!EntityTagHeaderValue.TryParseStrictList(values, out var tags) || tags.Count == 0)
            return Error.Validation("The request is not valid.", new ErrorDetail(header, "INVALID", $"{header} must be a list of quoted entity tags, or *."));
        return Result<IReadOnlyList<EntityTagHeaderValue>?>.Success(tags.Contains(EntityTagHeaderValue.Any) ? null : [.. tags]);
    }

    /// <returns>The version; <c>null</c> where the tag is not one of ours.</returns>
    internal static int? VersionOf(EntityTagHeaderValue tag) =>
        int.TryParse(tag.Tag.AsSpan().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : null;
}
