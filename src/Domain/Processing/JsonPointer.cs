namespace DataPipeline.Domain.Processing;

/// <summary>Writes JSON pointers (RFC 6901), as the details of a failure have them. Since version 1.1 of the contract. Thread-safe.</summary>
public static class JsonPointer
{
    /// <summary>The pointer to a property of an object, or to an element of an array.</summary>
    /// <param name="parent">A pointer to the object or array; empty for the record itself.</param>
    /// <param name="name">The property's name as it is, or the element's index from 0.</param>
    public static string Append(string parent, string name) => $"{parent}/{Escape(name)}";

    private static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
