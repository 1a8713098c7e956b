// Fails unless the coverage of every assembly reaches its bound, and says which tests failed and how many passed.
// dotnet run build/gate.cs -- <folder of the reports, .trx or JUnit's .xml> <ReportGenerator's Summary.json>
using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;

const double overallBound = 80;
(string Assembly, string Classes, double Bound)[] gates =
[
    ("DataPipeline.Application", "", 90),
    ("DataPipeline.Infrastructure", "DataPipeline.Infrastructure.Processors.", 90),
    ("DataPipeline.WebApi", "", 80),
    ("DataPipeline.Domain", "", 0),
];

if (args is not [var reports, var summaryPath])
{
    Console.Error.WriteLine("Usage: gate.cs <folder of the reports> <Summary.json>");
    return 2;
}

var misses = 0;
using (var summary = JsonDocument.Parse(File.ReadAllText(summaryPath)))
{
    var assemblies = summary.RootElement.GetProperty("coverage").GetProperty("assemblies").EnumerateArray().ToList();
    foreach (var (assembly, classes, bound) in gates)
    {
        var lines = assemblies.Where(a => a.GetProperty("name").GetString() == assembly)
            .SelectMany(a => a.GetProperty("classesinassembly").EnumerateArray())
            .Where(c => c.GetProperty("name").GetString()!.StartsWith(classes, StringComparison.Ordinal))
            .Select(c => (Covered: c.GetProperty("coveredlines").GetInt32(), Coverable: c.GetProperty("coverablelines").GetInt32()))
            .ToList();
        // An assembly that was not measured is one that no test loads: that must not pass as "nothing to complain about".
        Check($"{assembly}{(classes.Length == 0 ? "" : $" ({classes}*)")}", lines.Sum(l => l.Covered), lines.Sum(l => l.Coverable), bound);
    }
    var total = summary.RootElement.GetProperty("summary");
    Check("overall", total.GetProperty("coveredlines").GetInt32(), total.GetProperty("coverablelines").GetInt32(), overallBound);
}

var (passed, failed) = (0, 0);
foreach (var report in Directory.EnumerateFiles(reports, "*.trx", SearchOption.AllDirectories))
{
    var run = XDocument.Load(report);
    var counters = run.Descendants().Single(e => e.Name.LocalName == "Counters");
    passed += Count(counters, "passed");
    failed += Count(counters, "failed") + Count(counters, "error") + Count(counters, "timeout") + Count(counters, "aborted");
    foreach (var result in run.Descendants().Where(e => e.Name.LocalName == "UnitTestResult" && e.Attribute("outcome")?.Value is not ("Passed" or "NotExecuted")))
    {
        Console.WriteLine($"FAIL {result.Attribute("testName")?.Value}: {result.Descendants().FirstOrDefault(e => e.Name.LocalName == "Message")?.Value.ReplaceLineEndings(" ")}");
    }
}

foreach (var report in Directory.EnumerateFiles(reports, "*.junit.xml", SearchOption.AllDirectories))
{
    var cases = XDocument.Load(report).Descendants("testcase").ToLookup(test => test.Elements().FirstOrDefault(e => e.Name.LocalName is "failure" or "error" or "skipped")?.Name.LocalName);
    passed += cases[null].Count();
    failed += cases["failure"].Count() + cases["error"].Count();
    foreach (var test in cases["failure"].Concat(cases["error"])) Console.WriteLine($"FAIL {test.Attribute("name")?.Value}");
}

Console.WriteLine($"{passed} passed, {failed} failed");
return misses == 0 && failed == 0 && passed > 0 ? 0 : 1;

void Check(string name, int covered, int coverable, double bound)
{
    var percent = coverable == 0 ? double.NaN : 100.0 * covered / coverable;
    var isReached = percent >= bound;
    if (!isReached) misses++;
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(isReached ? "ok  " : "MISS")} {name}: {percent:F1} % of {coverable} lines, at least {bound} %"));
}

static int Count(XElement counters, string name) => int.Parse(counters.Attribute(name)?.Value ?? "0", CultureInfo.InvariantCulture);
