using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace DataPipeline.Application.Tests.Processors;

/// <summary>A script of the files beside this one, and what it is to come to.</summary>
/// <param name="Name">What it tries.</param>
/// <param name="Record">The record it runs on.</param>
/// <param name="Expected">The record it leaves, <c>dropped</c>, or how the failure's code and message begin.</param>
public sealed partial record ScriptCase(string Name, string Record, string Expected, string Source)
{
    private const string Mark = "//: ";

    public override string ToString() => Name;

    /// <summary>
    /// The scripts of a folder. Each begins with a line of its name, its record where that matters, and what is expected. <c>&lt;&lt;30, f(#)>></c> stands
    /// for thirty times <c>f(#)</c> with commas between them, <c>#</c> being their number.
    /// </summary>
    internal static IEnumerable<ScriptCase> AllIn(string folder) =>
        from file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Processors", "Scripts", folder), "*.js").Order(StringComparer.Ordinal)
        from script in Read(file)
        select script with { Name = $"{Path.GetFileNameWithoutExtension(file)}: {script.Name}" };

    private static IEnumerable<ScriptCase> Read(string file)
    {
        string? title = null;
        var source = new StringBuilder();
        foreach (var line in File.ReadLines(file).Append(Mark))
        {
            if (!line.StartsWith(Mark, StringComparison.Ordinal))
            {
                source.Append(line).Append('\n');
                continue;
            }

            if (title is not null) yield return Of(title, source.ToString().TrimEnd());
            title = line[Mark.Length..];
            source.Clear();
        }
    }

    private static ScriptCase Of(string title, string source)
    {
        var arrow = title.LastIndexOf(" => ", StringComparison.Ordinal);
        var bar = title.IndexOf(" | ", StringComparison.Ordinal);
        var hasRecord = bar >= 0 && bar < arrow;
        return new ScriptCase(title[..(hasRecord ? bar : arrow)], hasRecord ? title[(bar + 3)..arrow] : """{"a":1}""", title[(arrow + 4)..], Repetition().Replace(source, Repeated));
    }

    private static string Repeated(Match part) => string.Join(
        part.Groups["between"].Value,
        Enumerable.Range(0, int.Parse(part.Groups["count"].Value, CultureInfo.InvariantCulture)).Select(i => part.Groups["part"].Value.Replace("#", $"{i}", StringComparison.Ordinal)));

    [GeneratedRegex(@"<<(?<count>\d+)(?<between>\S*) (?<part>.*?)>>")]
    private static partial Regex Repetition();
}
