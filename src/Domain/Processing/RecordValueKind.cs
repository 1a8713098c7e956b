namespace DataPipeline.Domain.Processing;

/// <summary>What a <see cref="RecordValue"/> is.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Naming", "CA1720", Justification = "These are the words JSON itself uses.")]
public enum RecordValueKind : byte
{
    /// <summary>Nothing is there: the answer to a path that leads nowhere. Cannot stand inside a record.</summary>
    Absent,

    /// <summary>JSON <c>null</c>.</summary>
    Null,

    /// <summary>JSON <c>true</c> or <c>false</c>.</summary>
    Boolean,

    /// <summary>A JSON number, kept as its exact text.</summary>
    Number,

    /// <summary>A JSON string.</summary>
    String,

    /// <summary>A JSON array.</summary>
    Array,

    /// <summary>A JSON object.</summary>
    Object,
}
