using System.Collections.Frozen;

namespace DataPipeline.Infrastructure.Processors.Grok;

/// <summary>The patterns every <c>grok</c> processor knows, read once from the file that is built in.</summary>
internal static class GrokLibrary
{
    internal static FrozenDictionary<string, string> Patterns { get; } = Read();

    private static FrozenDictionary<string, string> Read()
    {
        using var stream = typeof(GrokLibrary).Assembly.GetManifestResourceStream(typeof(GrokLibrary), "patterns.txt")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd()
            .Split('\n')
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split(' ', 2))
            .ToFrozenDictionary(parts => parts[0], parts => parts[1], StringComparer.Ordinal);
    }
}
