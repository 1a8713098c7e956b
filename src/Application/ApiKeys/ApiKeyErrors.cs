using DataPipeline.Domain.Common;

namespace DataPipeline.Application.ApiKeys;

public static class ApiKeyErrors
{
    /// <summary>One answer for a key that is unknown, revoked or expired: nothing tells them apart.</summary>
    public static readonly Error Invalid = new(ErrorKind.Unauthenticated, "API_KEY_INVALID", "The API key is not valid.");

    internal static Error PrefixNotFound(string prefix) => Error.NotFound("API_KEY_NOT_FOUND", $"No API key begins with {prefix}.");

    internal static Error PrefixAmbiguous(string prefix) => Error.Conflict("API_KEY_AMBIGUOUS", $"More than one API key begins with {prefix}.");

    internal static Error NotUsable(string prefix) => Error.Conflict("API_KEY_NOT_USABLE", $"Key {prefix} is revoked or has expired: make a new one instead.");

    internal static Error Replaced(string prefix, string successor) => Error.Conflict("API_KEY_REPLACED", $"Key {prefix} was replaced by {successor} already: replace that one.");

    internal static Error FromConfiguration(string prefix) => Error.Conflict("API_KEY_IN_CONFIGURATION", $"Key {prefix} stands in the configuration, and is replaced there.");
}
