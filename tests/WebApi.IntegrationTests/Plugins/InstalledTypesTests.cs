using System.Text;
using DataPipeline.Application.Processing;
using DataPipeline.Domain.Processing;
using DataPipeline.Infrastructure.Destinations;
using DataPipeline.Infrastructure.Plugins;
using DataPipeline.Infrastructure.Processors;
using K4os.Compression.LZ4;
using Microsoft.Extensions.Options;
using Record = DataPipeline.Domain.Processing.Record;

namespace DataPipeline.WebApi.IntegrationTests.Plugins;

/// <summary>What becomes of a plugins folder.</summary>
public sealed class InstalledTypesTests : IDisposable
{
    private readonly PluginsFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void WithoutAFolder_ThereAreTheBuiltInTypes()
    {
        var types = Install(null);

        Assert.Empty(types.All);
        Assert.Equal(new BuiltInProcessors().Types.Keys.Order(), Processors(types).Keys.Order());
    }

    [Fact]
    public void AFolderThatIsNotThere_IsAFault_AndTheBuiltInTypesAreThere()
    {
        var types = Install(Path.Combine(_folder.Path, "nothing"));

        var fault = Assert.Single(Assert.Single(types.All).Faults);
        Assert.Equal("The folder that Plugins:Path names cannot be read: DirectoryNotFoundException.", fault.Reason);
        Assert.Contains("set", Processors(types).Keys);
    }

    [Fact]
    public void TheSample_BringsItsTypes()
    {
        var types = Install(PluginsFolder.OfSamples);

        var plugin = Assert.Single(types.All, plugin => plugin.Identity.Assembly == PluginsFolder.Sample);
        Assert.Equal("1.2.0", plugin.Identity.Version);
        Assert.Empty(plugin.Faults);
        Assert.Equal([(ComponentKind.Processor, "convertCurrency"), (ComponentKind.Processor, "mask"), (ComponentKind.Destination, "outbox")], plugin.Types.Select(type => (type.Kind, type.Type)));
        Assert.Equal(plugin.Identity, Processors(types)["mask"].Plugin);
        Assert.Null(Processors(types)["set"].Plugin);
        Assert.Contains("outbox", ((IDestinationCatalog)types).Types.Keys);
    }

    [Theory]
    [InlineData("set", "There is another processor called \"set\".")]
    [InlineData("store", "There is another destination called \"store\".")]
    [InlineData("not a name", "DataPipeline.Samples.BrokenPlugin.MisnamedProcessor calls itself \"not a name\"; a type's name is a letter, then letters and digits.")]
    [InlineData("noProcessor", "DataPipeline.Samples.BrokenPlugin.NoProcessor implements neither IProcessor nor IAsyncProcessor.")]
    [InlineData("positionalOptions", "parameterless constructor")]
    [InlineData("strangeOptions", "Address is of a type that options cannot have: System.Uri.")]
    public void ATypeThatBreaksTheContract_CostsThatTypeOnly(string type, string reason)
    {
        var types = Install(PluginsFolder.OfSamples);

        var plugin = Assert.Single(types.All, plugin => plugin.Identity.Assembly == PluginsFolder.Broken);
        Assert.Contains(reason, Assert.Single(plugin.Faults, fault => fault.Type == type).Reason, StringComparison.Ordinal);
        Assert.Contains("crashing", plugin.Types.Select(usable => usable.Type));
        Assert.DoesNotContain(plugin.Types, usable => usable.Type == type);
        Assert.Null(Processors(types)["set"].Plugin);
    }

    [Theory]
    [InlineData(2, 0, "It was built against version 2.0 of the plugin contract; this service has " + PluginContract.Version + ".")]
    [InlineData(1, 7, "It was built against version 1.7 of the plugin contract; this service has " + PluginContract.Version + ".")]
    [InlineData(0, 9, "It was built against version 0.9 of the plugin contract; this service has " + PluginContract.Version + ".")]
    public void APluginForAnotherContract_IsBroken(ushort major, ushort minor, string reason)
    {
        _folder.AddBuiltAgainst("Other", PluginsFolder.Sample, major, minor);

        AssertBroken(reason);
    }

    [Fact]
    public void APluginForAnEarlierMinorVersion_StillFits()
    {
        _folder.AddBuiltAgainst("Other", PluginsFolder.Sample, 1, 0);

        var plugin = Assert.Single(Install(_folder.Path).All);
        Assert.Empty(plugin.Faults);
        Assert.Equal(["convertCurrency", "mask", "outbox"], plugin.Types.Select(type => type.Type));
    }

    [Fact]
    public void AFolderWithoutItsAssembly_IsBroken()
    {
        _folder.AddFile("Other", "readme.txt", "Nothing."u8);

        AssertBroken("Its folder has no Other.dll.");
    }

    [Fact]
    public void AFileThatIsNoAssembly_IsBroken()
    {
        _folder.AddFile("Other", "Other.dll", "MZ, or so"u8);

        AssertBroken("Its main assembly, or one that it needs, is not a .NET assembly.");
    }

    [Fact]
    public void AnAssemblyWithoutTheContract_IsBroken()
    {
        _folder.AddFile("Other", "Other.dll", File.ReadAllBytes(typeof(LZ4Pickler).Assembly.Location));

        AssertBroken("It does not refer to DataPipeline.Domain, so it can bring nothing.");
    }

    [Fact]
    public void AnAssemblyWhoseTypesCannotBeLoaded_IsBroken()
    {
        _folder.AddFile("Other", "Other.dll", File.ReadAllBytes(typeof(InstalledTypesTests).Assembly.Location));

        var fault = Assert.Single(Assert.Single(Install(_folder.Path).All).Faults);

        Assert.Null(fault.Type);
        Assert.Contains("and does not bring it.", fault.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void ADescriptionOfDependenciesThatIsNone_IsBroken()
    {
        _folder.AddAlone("Other", PluginsFolder.Sample);
        _folder.AddFile("Other", "Other.deps.json", "{ no json"u8);

        var fault = Assert.Single(Assert.Single(Install(_folder.Path).All).Faults);

        Assert.Null(fault.Type);
        Assert.Contains("Other.deps.json", fault.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(_folder.Path, fault.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void OfTwoPluginsWithOneType_TheFirstByNameHasIt()
    {
        _folder.AddAlone("B", PluginsFolder.Sample);
        _folder.AddAlone("A", PluginsFolder.Sample);
        _folder.AddFile(".hidden", "x.txt", "Not a plugin."u8);

        var types = Install(_folder.Path);

        Assert.Equal(["A", "B"], types.All.Select(plugin => plugin.Identity.Assembly));
        Assert.Equal("A", Processors(types)["mask"].Plugin!.Assembly);
        Assert.Equal(["convertCurrency", "mask", "outbox"], types.All[1].Faults.Select(fault => fault.Type).Order());
    }

    [Fact]
    public void ADependencyOfAnotherVersionThanTheHosts_IsThePluginsOwn()
    {
        var own = typeof(LZ4Pickler).Assembly.GetName().Version!;

        var used = CompressedSize(Install(PluginsFolder.OfSamples));

        Assert.Equal(ProcessorOutcome.Continue, used.Result.Outcome);
        var measured = used.Record.Get(FieldPath.Parse("compressedSize"));
        Assert.Equal("9.9.0.0", measured.GetProperty("library").GetString());
        Assert.NotEqual("9.9.0.0", own.ToString());
        Assert.Equal("2", measured.GetProperty("bytes").ToText());
    }

    [Fact]
    public void ADependencyThatIsNotBrought_IsNotTheHosts()
    {
        _folder.AddAlone("Other", PluginsFolder.Dependency);

        var missing = Assert.Throws<FileNotFoundException>(() => CompressedSize(Install(_folder.Path)));

        Assert.Contains("K4os.Compression.LZ4", missing.ToString(), StringComparison.Ordinal);
    }

    private static (ProcessorResult Result, Record Record) CompressedSize(InstalledTypes types)
    {
        var problems = new Problems();
        var type = Processors(types)["compressedSize"];
        var processor = (IProcessor)type.Create(OptionsBinder.Bind(type.OptionsType, type.Example!.Configuration.GetProperty("options"), "options", problems)!);
        Assert.True(Record.TryParse(Encoding.UTF8.GetBytes(type.Example.Record!.Value.GetRawText()), out var record));
        return (processor.Process(record, new ProcessorContext(TimeProvider.System)), record);
    }

    private static InstalledTypes Install(string? path) => new(
        new BuiltInProcessors(),
        new BuiltInDestinations(Options.Create(new FilesOptions()), new WebhookSender(Options.Create(new WebhooksOptions()), TimeProvider.System)),
        Options.Create(new PluginOptions { Path = path }));

    private static IReadOnlyDictionary<string, ComponentDescriptor> Processors(InstalledTypes types) => ((IProcessorCatalog)types).Types;

    private void AssertBroken(string reason)
    {
        var types = Install(_folder.Path);

        var plugin = Assert.Single(types.All);
        Assert.Equal("Other", plugin.Identity.Assembly);
        Assert.Equal(new PluginFault(null, null, reason), Assert.Single(plugin.Faults));
        Assert.Empty(plugin.Types);
        Assert.Equal(new BuiltInProcessors().Types.Keys.Order(), Processors(types).Keys.Order());
    }
}
