using DataPipeline.Application.Processing;

namespace DataPipeline.Infrastructure.Processors;

/// <summary>The processor types that come with the service.</summary>
internal sealed class BuiltInProcessors : IProcessorCatalog
{
    public IReadOnlyDictionary<string, ComponentDescriptor> Types { get; } = new[]
    {
        typeof(SetProcessor),
        typeof(CopyProcessor),
        typeof(RenameProcessor),
        typeof(RemoveProcessor),
        typeof(AppendProcessor),
        typeof(ConvertProcessor),
        typeof(DateProcessor),
        typeof(LowercaseProcessor),
        typeof(UppercaseProcessor),
        typeof(TrimProcessor),
        typeof(HtmlStripProcessor),
        typeof(UrlDecodeProcessor),
        typeof(BytesProcessor),
        typeof(SplitProcessor),
        typeof(JoinProcessor),
        typeof(GsubProcessor),
        typeof(ExtractProcessor),
        typeof(DissectProcessor),
        typeof(JsonProcessor),
        typeof(SortProcessor),
        typeof(LookupProcessor),
        typeof(CsvProcessor),
        typeof(KvProcessor),
        typeof(DotExpanderProcessor),
        typeof(UriPartsProcessor),
        typeof(FingerprintProcessor),
        typeof(RedactProcessor),
        typeof(DropProcessor),
        typeof(FailProcessor),
        typeof(TerminateProcessor),
    }.Select(ComponentDescriptor.Of).ToDictionary(descriptor => descriptor.Type, StringComparer.Ordinal);
}
