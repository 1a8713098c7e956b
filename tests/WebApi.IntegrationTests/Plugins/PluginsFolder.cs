using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace DataPipeline.WebApi.IntegrationTests.Plugins;

/// <summary>A folder to be named by <c>Plugins:Path</c>, filled with the samples that the build leaves beside the tests.</summary>
internal sealed class PluginsFolder : IDisposable
{
    internal const string Sample = "DataPipeline.Samples.Plugin";
    internal const string Broken = "DataPipeline.Samples.BrokenPlugin";
    internal const string Dependency = "DataPipeline.Samples.DependencyPlugin";

    /// <summary>All samples, as built.</summary>
    internal static readonly string OfSamples = System.IO.Path.Combine(AppContext.BaseDirectory, "plugins");

    internal string Path { get; } = Directory.CreateTempSubdirectory("plugins-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);

    internal void AddFile(string plugin, string file, ReadOnlySpan<byte> content) => File.WriteAllBytes(System.IO.Path.Combine(Directory.CreateDirectory(System.IO.Path.Combine(Path, plugin)).FullName, file), content);

    /// <summary>A sample's main assembly alone, as a plugin of another name.</summary>
    internal void AddAlone(string plugin, string sample) => AddFile(plugin, $"{plugin}.dll", MainAssembly(sample));

    /// <summary>A sample, as it would be if it had been built against another version of the contract.</summary>
    internal void AddBuiltAgainst(string plugin, string sample, ushort major, ushort minor)
    {
        var image = MainAssembly(sample);
        using var file = new PEReader([.. image]);
        var metadata = file.GetMetadataReader();
        var contract = metadata.AssemblyReferences.Single(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name) == "DataPipeline.Domain");
        var row = file.PEHeaders.MetadataStartOffset + metadata.GetTableMetadataOffset(TableIndex.AssemblyRef) + ((MetadataTokens.GetRowNumber(contract) - 1) * metadata.GetTableRowSize(TableIndex.AssemblyRef));
        BitConverter.TryWriteBytes(image.AsSpan(row), major);
        BitConverter.TryWriteBytes(image.AsSpan(row + sizeof(ushort)), minor);
        AddFile(plugin, $"{plugin}.dll", image);
    }

    private static byte[] MainAssembly(string sample) => File.ReadAllBytes(System.IO.Path.Combine(OfSamples, sample, $"{sample}.dll"));
}
