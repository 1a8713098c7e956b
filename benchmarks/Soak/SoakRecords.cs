using System.Globalization;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;

namespace DataPipeline.Benchmarks.Soak;

/// <summary>Records whose fate is known: of a hundred, five are dropped by the pipeline and two cannot be processed.</summary>
/// <param name="Run">Tells the records of this submission from all others'.</param>
/// <param name="Count">How many there are.</param>
/// <param name="AllBad">Whether none can be processed.</param>
internal sealed record SoakRecords(string Run, int Count, bool AllBad = false)
{
    internal IReadOnlyList<int> Delivered { get; } = [.. Enumerable.Range(0, Count).Where(n => !AllBad && !IsBad(n) && !IsDropped(n))];

    internal IReadOnlyList<int> Failed { get; } = [.. Enumerable.Range(0, Count).Where(n => AllBad || IsBad(n))];

    internal int Dropped => Count - Delivered.Count - Failed.Count;

    internal HttpContent AsNdJson() => Content(string.Join('\n', Lines()), "application/x-ndjson");

    internal HttpContent AsJson() => Content($"{{\"records\":[{string.Join(',', Lines())}]}}", "application/json");

    internal HttpContent AsCsv() => Content(
        "run,n,status,amount,note\n" + string.Join('\n', Enumerable.Range(0, Count).Select(n => string.Create(CultureInfo.InvariantCulture, $"{Run},{n},{StatusOf(n)},{AmountOf(n)},\"{NoteOf(n)}\""))), "text/csv");

    internal HttpContent AsGzip()
    {
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Fastest)) gzip.Write(Encoding.UTF8.GetBytes(string.Join('\n', Lines())));
        var content = new ByteArrayContent(buffer.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        content.Headers.ContentEncoding.Add("gzip");
        return content;
    }

    private static StringContent Content(string text, string type) => new(text, Encoding.UTF8, type);

    private static bool IsDropped(int n) => n % 20 == 7;

    private static bool IsBad(int n) => n % 50 == 13;

    private static string NoteOf(int n) => new((char)('a' + (n % 26)), 40 + (n % 200));

    private string StatusOf(int n) => !AllBad && IsDropped(n) ? "cancelled" : "paid";

    private string AmountOf(int n) => AllBad || IsBad(n) ? "to be agreed" : string.Create(CultureInfo.InvariantCulture, $"{n}.25");

    private IEnumerable<string> Lines() => Enumerable.Range(0, Count).Select(n => string.Create(
        CultureInfo.InvariantCulture, $$"""{"run":"{{Run}}","n":{{n}},"status":"{{StatusOf(n)}}","amount":"{{AmountOf(n)}}","note":"{{NoteOf(n)}}"}"""));
}
