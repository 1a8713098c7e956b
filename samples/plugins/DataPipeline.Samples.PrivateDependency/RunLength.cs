namespace DataPipeline.Samples.PrivateDependency;

/// <summary>Counts what is repeated.</summary>
public static class RunLength
{
    /// <summary>How many bytes are left where each run of up to 255 equal ones is written as two. Thread-safe.</summary>
    /// <param name="bytes">What is to be compressed.</param>
    public static int SizeOf(ReadOnlySpan<byte> bytes)
    {
        var runs = 0;
        for (var start = 0; start < bytes.Length; runs++)
        {
            var end = start + 1;
            while (end < bytes.Length && end - start < byte.MaxValue && bytes[end] == bytes[start]) end++;
            start = end;
        }

        return 2 * runs;
    }
}
