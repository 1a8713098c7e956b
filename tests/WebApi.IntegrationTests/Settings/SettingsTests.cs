using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using DataPipeline.Infrastructure.Settings;
using DataPipeline.WebApi.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace DataPipeline.WebApi.IntegrationTests.Settings;

/// <summary>Every setting there is, found by reflection: a new one without bounds, without a line in the documentation or unchecked at start fails here.</summary>
public sealed partial class SettingsTests
{
    private static readonly IReadOnlyList<SettingsSection> Sections = [.. ServicesWith().GetServices<SettingsSection>()];

    private static readonly IReadOnlyList<Setting> All =
        [.. from section in Sections from property in section.Options.GetProperties() select new Setting($"{section.Name}:{property.Name}", property, property.GetValue(Activator.CreateInstance(section.Options)))];

    public static TheoryData<string> Names => [.. All.Select(setting => setting.Key)];

    public static TheoryData<string, string> WrongValues
    {
        get
        {
            var wrong = new TheoryData<string, string>();
            foreach (var (key, property, _) in All)
            {
                wrong.Add($"{key}x", "1");
                if (IsNumber(property))
                {
                    var bounds = property.GetCustomAttribute<RangeAttribute>()!;
                    wrong.Add(key, Plus(bounds.Minimum, -1));
                    wrong.Add(key, Plus(bounds.Maximum, 1));
                }

                foreach (var value in WrongFor(property)) wrong.Add(key, value);
            }

            return wrong;
        }
    }

    [Fact]
    public void AllSections_AreKnown() => Assert.Superset(
        new HashSet<string>(["Api", "ApiKeys", "Batches", "ConnectionStrings", "Database", "Files", "Plugins", "RateLimiting", "Script", "Webhooks", "Worker"]), Sections.Select(section => section.Name).ToHashSet());

    [Theory]
    [MemberData(nameof(WrongValues))]
    public void AWrongValueOrName_EndsTheStart_WithOneLineThatNamesIt(string key, string value)
    {
        var line = LineAtStart((key, value));

        Assert.Contains(key, line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
    }

    [Fact]
    public void EverythingWrong_IsSaidAtOnce()
    {
        var line = LineAtStart(("Worker:LeaseSeconds", "0"), ("Worker:Concurency", "4"), ("RateLimiting:PermitLimit", "many"), ("Api:Enabled", "maybe"), ("Batches:MaxRecords", "99999999999"));

        Assert.Equal(
            [
                "Api:Enabled must be true or false, but is \"maybe\".",
                "Batches:MaxRecords must be between 1 and 10000000, but is 99999999999.",
                "RateLimiting:PermitLimit must be a whole number, but is \"many\".",
                "Worker:Concurency is not a setting. Did you mean Worker:Concurrency?",
                "Worker:LeaseSeconds must be between 1 and 3600, but is 0.",
            ],
            Sentence().Matches(line).Select(match => match.Value).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Workers:Concurrency", "Did you mean Worker?")]
    [InlineData("Batch:MaxRecords", "Did you mean Batches?")]
    [InlineData("ConnectionStrings:Postgre", "Did you mean ConnectionStrings:Postgres?")]
    [InlineData("Worker:LeaseSeconds:0", "is not a setting")]
    [InlineData("ApiKeys:Bootstrap:0:Secret", "is not a setting")]
    public void AMistypedName_IsToldWhatWasMeant(string key, string hint)
    {
        var line = LineAtStart((key, "1"));

        Assert.Contains(key, line, StringComparison.Ordinal);
        Assert.Contains(hint, line, StringComparison.Ordinal);
    }

    [Fact]
    public void AProcessWithoutARole_DoesNotStart()
    {
        Assert.StartsWith("Api:Enabled and Worker:Enabled are both false", LineAtStart(("Api:Enabled", "false"), ("Worker:Enabled", "false")), StringComparison.Ordinal);
        Validate(("Api:Enabled", "false"));
        Validate(("Worker:Enabled", "false"));
    }

    [Theory]
    [InlineData("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")]
    [InlineData("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", " MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")]
    public void TheSameKeyTwice_EndsTheStart_AndIsNotShown(string first, string second)
    {
        var line = LineAtStart(("Secrets:Keys:0", first), ("Secrets:Keys:1", second));

        Assert.Equal("Secrets:Keys must not name the same key twice, nor the one of the source code.", line);
    }

    [Theory]
    [InlineData("ConnectionStrings:Postgres", "Host=localhost;Prot=5432;Password=hunter2")]
    [InlineData("ConnectionStrings:Postgres", "hunter2")]
    [InlineData("ConnectionStrings:Sqlite", "File=hunter2")]
    [InlineData("ConnectionStrings:Redis", "redis:6379,password=hunter2,hunter2=1")]
    [InlineData("ConnectionStrings:Redis", "redis:6379,ssl=hunter2")]
    [InlineData("ConnectionStrings:Redis", "password=hunter2")]
    public void AConnectionStringThatCannotBeRead_IsNamed_AndNotShown(string key, string value)
    {
        var line = LineAtStart((key, value));

        Assert.Contains($"{key} cannot be read", line, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", line, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIsNotOurs_IsNoneOfOurBusiness() => Validate(("Serilog:MinimumLevel", "Debug"), ("MY_APP:Worker", "1"), ("Worker", "1"), ("Kestrel:Limits:MaxConcurrentConnections", "100"), ("worker:leaseseconds", "5"));

    [Theory]
    [MemberData(nameof(Names))]
    public void ANumber_HasBounds_AndItsDefaultKeepsThem(string key)
    {
        var (_, property, value) = Of(key);
        if (!IsNumber(property)) return;

        Assert.True(property.GetCustomAttribute<RangeAttribute>() is { } bounds && bounds.IsValid(value), $"{key} is {value}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ASetting_IsDocumentedInTheCode_WithItsDefault(string key)
    {
        var property = Of(key).Property;
        var documentation = XDocument.Load(Path.ChangeExtension(property.DeclaringType!.Assembly.Location, ".xml"));

        var member = documentation.Descendants("member").SingleOrDefault(member => member.Attribute("name")!.Value == $"P:{property.DeclaringType.FullName}.{property.Name}");

        Assert.Contains("default", (member?.Value ?? "").ToUpperInvariant(), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ASetting_StandsInTheTableOfOperations_WithItsDefaultAndBounds(string key)
    {
        var (_, property, value) = Of(key);

        var row = Assert.Single(TableRows(), row => row[0] == $"`{key}`");

        switch (value)
        {
            case bool isOn: Assert.Equal(isOn ? "`true`" : "`false`", row[1]); break;
            case string text: Assert.Equal($"`{text}`", row[1]); break;
            case int or long or double when property.Name != "Concurrency": Assert.Equal(Convert.ToDouble(value, CultureInfo.InvariantCulture), NumberOf(row[1])); break;
            default: Assert.NotEmpty(row[1]); break;
        }

        if (property.GetCustomAttribute<RangeAttribute>() is { } bounds)
            Assert.Equal([Convert.ToDouble(bounds.Minimum, CultureInfo.InvariantCulture), Convert.ToDouble(bounds.Maximum, CultureInfo.InvariantCulture)], row[2].Split('–').Select(NumberOf));
        Assert.NotEmpty(row[3]);
    }

    [Fact]
    public void TheTableOfOperations_HasNoSettingThatIsNone() =>
        Assert.Empty(TableRows().Select(row => row[0].Trim('`')).Except(All.Select(setting => setting.Key)));

    private static Setting Of(string key) => All.Single(setting => setting.Key == key);

    private static bool IsNumber(PropertyInfo property) => (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) is var type && (type == typeof(int) || type == typeof(long) || type == typeof(double));

    private static string[] WrongFor(PropertyInfo property) => property.PropertyType switch
    {
        _ when IsNumber(property) => ["many", "1.5x", ""],
        var type when type == typeof(bool) => ["maybe", "1"],
        { IsGenericType: true } => ["1"],
        _ when property.GetCustomAttribute<RequiredAttribute>() is not null => ["", " "],
        _ => [],
    };

    private static string Plus(object bound, int difference) => (Convert.ToDecimal(bound, CultureInfo.InvariantCulture) + difference).ToString(CultureInfo.InvariantCulture);

    private static string LineAtStart(params (string Key, string Value)[] settings)
    {
        var failure = Assert.ThrowsAny<Exception>(() => Validate(settings));
        return StartupFailure.Describe(failure) ?? throw new InvalidOperationException("The failure would be shown with its stack.", failure);
    }

    private static void Validate(params (string Key, string Value)[] settings)
    {
        using var services = ServicesWith(settings);
        services.GetRequiredService<IStartupValidator>().Validate();
    }

    private static ServiceProvider ServicesWith(params (string Key, string Value)[] settings) =>
        (ServiceProvider)WebApplication.CreateBuilder(ContentRoot.OptionsFor(["--environment=Production", .. settings.Select(setting => $"--{setting.Key}={setting.Value}")])).AddDataPipeline().Build().Services;

    private static IEnumerable<string[]> TableRows() => Repository.Read("docs/operations.md").Split('\n')
        .SkipWhile(line => !line.StartsWith("| setting |", StringComparison.Ordinal)).Skip(2).TakeWhile(line => line.StartsWith('|'))
        .Select(line => line.Split('|').Skip(1).SkipLast(1).Select(cell => cell.Trim()).ToArray());

    private static double NumberOf(string cell)
    {
        var match = Number().Match(cell);
        Assert.True(match.Success, $"\"{cell}\" is no number");
        var unit = match.Groups[2].Value switch { "KiB" => 1 << 10, "MiB" => 1 << 20, "GiB" => 1 << 30, "TiB" => 1L << 40, _ => 1L };
        return double.Parse(match.Groups[1].Value, NumberStyles.AllowThousands | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) * unit;
    }

    [GeneratedRegex(@"^([\d,.]+)(?: (KiB|MiB|GiB|TiB))?$")]
    private static partial Regex Number();

    [GeneratedRegex(@"[A-Z]\w+:\w.*?(?:\.|\?)(?= [A-Z]\w+:|$)")]
    private static partial Regex Sentence();

    private sealed record Setting(string Key, PropertyInfo Property, object? Default);
}
