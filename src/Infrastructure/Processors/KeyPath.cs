using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

internal static class KeyPath
{
    /// <summary>Where the value of a key goes that was found in a text: a key with dots is a path, as everywhere; one that is no path is a name.</summary>
    /// <param name="key">Not empty.</param>
    /// <param name="parent">The object to write to; <c>null</c> for the record itself.</param>
    internal static FieldPath Of(string key, FieldPath? parent)
    {
        var segments = FieldPath.TryParse(key, out var path, out _) ? path.Segments : [key];
        return FieldPath.Of([.. parent?.Segments ?? [], .. segments]);
    }
}
